package io.livepredict.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.livepredict.settings.ApiSettings;
import io.livepredict.settings.HttpSettings.Address;
import io.livepredict.settings.TlsSettings;
import io.livepredict.tls.KeyPairs;
import io.livepredict.tls.TlsContext;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whoever a trusted authority has signed for may ask, who is named an operator may operate, probes need no certificate. */
@Timeout(120)
class ApiOverTlsTest {
    @TempDir
    static Path directory;

    private static KeyPairs pairs;
    private static HttpEndpoint endpoint;

    @BeforeAll
    static void open() throws Exception {
        pairs = new KeyPairs(directory);
        pairs.add("server", "localhost");
        pairs.add("ana", "ana");
        pairs.add("olga", "olga");
        pairs.add("forger", "olga");
        Files.writeString(
                pairs.file("trusted.pem"),
                Files.readString(pairs.file("ana.pem")) + Files.readString(pairs.file("olga.pem")));
        Address address = new Address(
                "127.0.0.1",
                0,
                new TlsSettings(pairs.file("server.p12"), KeyPairs.PASSWORD, pairs.file("trusted.pem"), null));
        endpoint = HttpEndpoint.open("a program", address);
        endpoint.serve("/health", "Alive.", () -> HttpEndpoint.Answer.text(200, "alive"));
        endpoint.serve(new Api(
                "{}".getBytes(StandardCharsets.UTF_8),
                List.of(
                        Route.get("who", "/v1/who", call -> Map.of("caller", call.caller())),
                        Route.operate("change", "/v1/change", call -> Map.of())),
                Access.of(new ApiSettings(null, List.of("olga"), null, null), address),
                1_000,
                (operation, status, nanos) -> {}));
    }

    @AfterAll
    static void close() {
        endpoint.close();
    }

    /** Asks with that certificate; null for none. */
    private static HttpResponse<String> ask(String method, String path, @Nullable String name)
            throws IOException, InterruptedException {
        TlsContext.Stores stores = new TlsContext.Stores(
                "test",
                name == null ? null : pairs.file(name + ".p12"),
                KeyPairs.PASSWORD,
                pairs.file("server.pem"),
                null);
        try (HttpClient client =
                HttpClient.newBuilder().sslContext(TlsContext.of(stores)).build()) {
            return client.send(
                    HttpRequest.newBuilder(URI.create("https://localhost:" + endpoint.port() + path))
                            .header("Content-Type", "application/json")
                            .method(method, HttpRequest.BodyPublishers.ofString("{}"))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }

    @Test
    void shouldKnowCallersByTheirCertificates() throws Exception {
        assertThat(ask("GET", "/v1/who", "ana").body()).isEqualTo("{\"caller\":\"ana\"}");
        assertThat(ask("POST", "/v1/change", "ana").statusCode()).isEqualTo(403);
        assertThat(ask("POST", "/v1/change", "olga").statusCode()).isEqualTo(200);
    }

    @Test
    void shouldTellNothingToWhoShowsNoneAndLetProbesIn() throws Exception {
        assertThat(ask("GET", "/v1/who", null).statusCode()).isEqualTo(401);
        assertThat(ask("GET", "/health", null).statusCode()).isEqualTo(200);
    }

    /** It bears the name of one that is trusted: a client doesn't even show one of another name. */
    @Test
    void shouldHangUpOnACertificateThatOnlySaysThatItIsTrusted() {
        assertThatThrownBy(() -> ask("GET", "/v1/who", "forger")).isInstanceOf(IOException.class);
    }
}
