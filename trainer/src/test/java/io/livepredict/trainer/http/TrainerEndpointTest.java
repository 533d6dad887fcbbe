package io.livepredict.trainer.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.livepredict.settings.SettingsException;
import io.livepredict.trainer.http.TrainerEndpoint.Answer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;

class TrainerEndpointTest {
    @Test
    void shouldAnswerProbesAndScrapes() throws Exception {
        try (HttpClient client = HttpClient.newHttpClient();
                TrainerEndpoint endpoint = new TrainerEndpoint(
                        "127.0.0.1",
                        0,
                        () -> new Answer(true, "viewer: running"),
                        () -> new Answer(false, "viewer: starting"),
                        () -> "a_metric 1\n")) {
            HttpResponse<String> health = get(client, endpoint.port(), "/health");
            assertThat(health.statusCode()).isEqualTo(200);
            assertThat(health.body()).isEqualTo("viewer: running\n");
            HttpResponse<String> ready = get(client, endpoint.port(), "/ready");
            assertThat(ready.statusCode()).isEqualTo(503);
            assertThat(ready.body()).isEqualTo("viewer: starting\n");
            assertThat(get(client, endpoint.port(), "/metrics").body()).isEqualTo("a_metric 1\n");
            assertThat(get(client, endpoint.port(), "/healthier").statusCode()).isEqualTo(404);
            assertThatThrownBy(() -> new TrainerEndpoint(
                            "127.0.0.1",
                            endpoint.port(),
                            () -> new Answer(true, ""),
                            () -> new Answer(true, ""),
                            () -> ""))
                    .isInstanceOf(SettingsException.class)
                    .hasMessageContaining("http.port: " + endpoint.port());
        }
    }

    private static HttpResponse<String> get(HttpClient client, int port, String path) throws Exception {
        return client.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }
}
