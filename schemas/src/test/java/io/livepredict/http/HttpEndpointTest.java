package io.livepredict.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.livepredict.http.HttpEndpoint.Answer;
import io.livepredict.settings.HttpSettings.Address;
import io.livepredict.settings.SettingsException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class HttpEndpointTest {
    private static final int SLOW_CLIENTS = 50;
    private static final String LONG_BODY = "x".repeat(6 << 20);

    private HttpEndpoint endpoint;

    @BeforeEach
    void open() {
        endpoint = HttpEndpoint.open("a program", new Address("127.0.0.1", 0));
        endpoint.serve("/ready", "Whether it is ready.", () -> Answer.text(503, "models are being read"));
        endpoint.serve("/model", "The model.", () -> Answer.json("{}"));
        endpoint.serve("/metrics", "Counters.", () -> Answer.metrics("a_metric 1\n"));
        endpoint.serve("/long", "Much.", () -> Answer.text(200, LONG_BODY));
        endpoint.serve("/broken", "Fails.", () -> {
            throw new IllegalStateException("no");
        });
    }

    @AfterEach
    void close() {
        endpoint.close();
    }

    private HttpResponse<String> ask(String method, String path) throws IOException, InterruptedException {
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
        assertThat(ask("GET", "/ready").statusCode()).isEqualTo(503);
        assertThat(ask("GET", "/ready").body()).isEqualTo("models are being read\n");
        assertThat(ask("HEAD", "/ready").statusCode()).isEqualTo(503);
        assertThat(ask("HEAD", "/ready").body()).isEmpty();
        assertThat(ask("GET", "/model").headers().firstValue("Content-Type")).hasValue("application/json");
        assertThat(ask("GET", "/metrics").body()).isEqualTo("a_metric 1\n");
        assertThat(ask("GET", "/metrics").headers().firstValue("Content-Type"))
                .hasValue("text/plain; version=0.0.4; charset=utf-8");
        assertThat(ask("GET", "/long").body()).hasSize(LONG_BODY.length() + 1);
        assertThat(ask("GET", "/ready/x").statusCode()).isEqualTo(404);
        assertThat(ask("POST", "/ready").statusCode()).isEqualTo(405);
    }

    @Test
    void shouldListItsPaths() throws Exception {
        HttpResponse<String> list = ask("GET", "/");
        assertThat(list.statusCode()).isEqualTo(200);
        assertThat(list.body().lines())
                .startsWith("a program")
                .contains("/model    The model.", "/ready    Whether it is ready.");
    }

    @Test
    void shouldLeadABrowserToItsPathsWithoutAnyScript() throws Exception {
        HttpResponse<String> page = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + endpoint.port() + "/"))
                                .header("Accept", "text/html,application/xhtml+xml")
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        assertThat(page.headers().firstValue("Content-Type")).hasValue("text/html; charset=utf-8");
        assertThat(page.headers().firstValue("Content-Security-Policy").orElse(""))
                .startsWith("default-src 'none'");
        assertThat(page.body())
                .contains("<h1>a program</h1>", "<a href=\"/model\">", "Whether it is ready.", "The API is off");
    }

    @Test
    void shouldSayThatAnAnswerFailedAndGoOn() throws Exception {
        assertThat(ask("GET", "/broken").statusCode()).isEqualTo(500);
        assertThat(ask("GET", "/model").statusCode()).isEqualTo(200);
    }

    @Test
    void shouldRefuseAHeadThatIsTooLong() throws Exception {
        assertThat(ask("GET", "/ready?" + "x".repeat(20_000)).statusCode()).isBetween(400, 499);
    }

    /** Each of the ways in which a client can be slow, from many clients at once. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "GET /rea",
                "GET /ready HTTP/1.1\r\nHost: a\r\nX-Slow: ",
                "POST /ready HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\nabc",
                "GET /long HTTP/1.1\r\nHost: a\r\n\r\n"
            })
    void shouldAnswerWhileOthersAreSlow(String sent) throws Exception {
        List<Socket> slow = new ArrayList<>();
        try {
            for (int i = 0; i < SLOW_CLIENTS; i++) {
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), endpoint.port());
                slow.add(socket);
                OutputStream out = socket.getOutputStream();
                out.write(sent.getBytes(StandardCharsets.US_ASCII));
                out.flush(); // and nothing is read
            }
            for (int i = 0; i < 20; i++) {
                assertThat(ask("GET", "/model").statusCode()).isEqualTo(200);
            }
        } finally {
            for (Socket socket : slow) {
                socket.close();
            }
        }
    }

    @Test
    void shouldNameThePortThatIsTaken() {
        assertThatThrownBy(() -> HttpEndpoint.open("another", new Address("127.0.0.1", endpoint.port())))
                .isInstanceOf(SettingsException.class)
                .hasMessageStartingWith("http.port: " + endpoint.port() + ": can't listen at 127.0.0.1:"
                        + endpoint.port() + " (Address already in use)")
                .hasMessageEndingWith("; choose another port, or 0 for any free one");
    }

    @Test
    void shouldRefuseWhatIsNoPortOrNoHostOfThisMachine() {
        assertThatThrownBy(() -> HttpEndpoint.open("another", new Address("127.0.0.1", 70_000)))
                .isInstanceOf(SettingsException.class)
                .hasMessage("http.port: 70000: a port is between 0 (any free one) and 65535");
        assertThatThrownBy(() -> HttpEndpoint.open("another", new Address("203.0.113.7", 0)))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("can't listen at 203.0.113.7:0");
    }
}
