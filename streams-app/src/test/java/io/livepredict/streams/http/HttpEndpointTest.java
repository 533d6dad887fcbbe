package io.livepredict.streams.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;

class HttpEndpointTest {
    private static HttpResponse<String> ask(HttpEndpoint endpoint, String method, String path)
            throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + endpoint.port() + path))
                            .method(method, HttpRequest.BodyPublishers.noBody())
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }

    @Test
    void shouldAnswerAtItsPathsOnly() throws Exception {
        try (HttpEndpoint endpoint = HttpEndpoint.open("127.0.0.1", 0)) {
            endpoint.serve("/ready", () -> HttpEndpoint.Answer.text(503, "models are being read"));
            endpoint.serve("/model", () -> HttpEndpoint.Answer.json("{}"));
            assertThat(ask(endpoint, "GET", "/ready").statusCode()).isEqualTo(503);
            assertThat(ask(endpoint, "GET", "/ready").body()).isEqualTo("models are being read\n");
            assertThat(ask(endpoint, "HEAD", "/ready").statusCode()).isEqualTo(503);
            assertThat(ask(endpoint, "GET", "/model").headers().firstValue("Content-Type"))
                    .hasValue("application/json");
            assertThat(ask(endpoint, "GET", "/ready/x").statusCode()).isEqualTo(404);
            assertThat(ask(endpoint, "GET", "/").statusCode()).isEqualTo(404);
            assertThat(ask(endpoint, "POST", "/ready").statusCode()).isEqualTo(405);
        }
    }

    @Test
    void shouldNameThePortThatIsTaken() {
        try (HttpEndpoint first = HttpEndpoint.open("127.0.0.1", 0)) {
            assertThatThrownBy(() -> HttpEndpoint.open("127.0.0.1", first.port()))
                    .hasMessageContaining("port " + first.port())
                    .hasMessageContaining("http.port");
        }
    }
}
