package io.livepredict.deploy.console.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpServer;
import io.livepredict.contract.Namespace;
import io.livepredict.deploy.console.live.Board;
import io.livepredict.deploy.console.source.Programs;
import io.livepredict.model.ModelVerifier;
import io.livepredict.model.TrustedKeys;
import io.livepredict.settings.HttpSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConsoleServerTest {
    private final HttpClient http = HttpClient.newHttpClient();
    private final BlockingQueue<String> asked = new LinkedBlockingQueue<>();

    @SuppressWarnings("NullAway.Init")
    private HttpServer trainer;

    private final ObjectNode state = JsonNodeFactory.instance.objectNode();

    @SuppressWarnings("NullAway.Init")
    private ConsoleServer server;

    @SuppressWarnings("NullAway.Init")
    private Programs programs;

    @BeforeEach
    void start() throws IOException {
        trainer = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        trainer.createContext("/", exchange -> {
            asked.add(exchange.getRequestMethod() + " " + exchange.getRequestURI() + " "
                    + new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            byte[] answer = "{\"version\":7}".getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        trainer.start();
        URI address = URI.create("http://127.0.0.1:" + trainer.getAddress().getPort());
        programs = new Programs(null);
        Board board = new Board(
                new ModelVerifier(Namespace.defaults(), TrustedKeys.of(List.of())),
                Clock.systemUTC(),
                Duration.ofSeconds(60));
        server = ConsoleServer.start(
                board,
                programs,
                new ConsoleServer.Around(List.of(address), address, () -> state),
                new HttpSettings.Address("127.0.0.1", 0),
                List.of("console.example"));
    }

    @AfterEach
    void stop() {
        server.close();
        programs.close();
        trainer.stop(0);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"/", "/main.js", "/console.css", "/lib/uPlot.js", "/lib/uPlot.css", "/api/state", "/nothing"})
    void shouldForbidBrowsersEverythingThatTheConsoleDoesNotNeed(String path) throws Exception {
        HttpResponse<String> answer = get(path);
        assertThat(answer.statusCode()).isEqualTo(path.equals("/nothing") ? 404 : 200);
        assertThat(answer.headers().firstValue("Content-Security-Policy").orElse(""))
                .contains("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'")
                .doesNotContain("unsafe");
        assertThat(answer.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
        assertThat(answer.headers().firstValue("Server")).isEmpty();
    }

    @Test
    void shouldAnswerUnderItsOwnNamesOnly() throws IOException {
        assertThat(statusUnder("127.0.0.1:" + server.port())).contains(" 200 ");
        assertThat(statusUnder("localhost")).contains(" 200 ");
        assertThat(statusUnder("CONSOLE.example:8090")).contains(" 200 ");
        assertThat(statusUnder("attacker.example")).as("DNS rebinding").contains(" 421 ");
    }

    @Test
    void shouldOperateForItsOwnPageOnly() throws Exception {
        String token = new ObjectMapper()
                .readTree(get("/api/state").body())
                .get("token")
                .asText();

        assertThat(post("/api/models/viewer/rollback", "{}").statusCode()).isEqualTo(403);
        assertThat(post("/api/models/viewer/rollback", "{}", "X-Console-Token", "guessed")
                        .statusCode())
                .isEqualTo(403);
        assertThat(post("/api/models/viewer/rollback", "{}", "X-Console-Token", token, "Origin", "http://evil.example")
                        .statusCode())
                .isEqualTo(403);
        assertThat(post("/api/models/nobody/rollback", "{}", "X-Console-Token", token)
                        .statusCode())
                .isEqualTo(404);
        assertThat(post("/api/models/viewer/rollback", "{\"version\":\"1;\"}", "X-Console-Token", token)
                        .statusCode())
                .isEqualTo(400);
        assertThat(asked).isEmpty();

        assertThat(post("/api/models/viewer/rollback", "{\"version\":7,\"x\":1}", "X-Console-Token", token)
                        .body())
                .isEqualTo("{\"version\":7}");
        assertThat(asked).containsExactly("POST /v1/models/viewer/rollback {\"version\":7}");
    }

    @Test
    void shouldPassHostileIdsOnAsOnePartOfThePath() throws Exception {
        get("/api/ask?kind=viewer&id=" + "..%2F..%2Fmetrics%3Fx%3D1%23%20%22%3Cscript%3E");
        assertThat(asked)
                .containsExactly("GET /v1/kinds/viewer/entities/..%2F..%2Fmetrics%3Fx%3D1%23%20%22%3Cscript%3E ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/api/series?seconds=99999999999999&series=%00",
                "/api/search?kind=%ff&text=x",
                "/api/model?kind=viewer&version=-1",
                "/api/ask?kind=viewer&id=",
                "/../etc/passwd",
                "/%2e%2e/%2e%2e/etc/passwd",
                "/api/models/viewer/rollback",
                "/lib/../main.js",
                "//",
                "/api/stream/x"
            })
    void shouldAnswerWhatMakesNoSenseWithoutFailing(String path) throws IOException {
        assertThat(raw("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
                .doesNotContain(" 500 ")
                .doesNotContain("root:")
                .startsWith("HTTP/1.1 ");
    }

    /** However they go: by themselves, or with the console while it waits for them to read. */
    @ParameterizedTest
    @ValueSource(ints = {0, 8 << 20})
    void shouldLetGoOfPagesThatEnd(int unread) throws IOException {
        state.put("unread", "x".repeat(unread));
        List<Socket> pages = new ArrayList<>();
        try {
            for (int i = 0; i < 40; i++) {
                Socket page = new Socket(InetAddress.getLoopbackAddress(), server.port());
                pages.add(page);
                page.getOutputStream()
                        .write(
                                "GET /api/stream?signals HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n"
                                        .getBytes(StandardCharsets.ISO_8859_1));
            }
            await().until(() -> server.openPages() == 40);
            for (Socket page : pages.subList(0, 20)) {
                page.setSoLinger(true, 0); // a reset, as when a machine goes away
                page.close();
            }
            await().until(() -> server.openPages() == 20);
            server.close();
            await().until(() -> server.openPages() == 0);
        } finally {
            for (Socket page : pages) {
                page.close();
            }
        }
    }

    private HttpResponse<String> get(String path) throws Exception {
        return http.send(HttpRequest.newBuilder(uri(path)).build(), HttpResponse.BodyHandlers.ofString());
    }

    private HttpResponse<String> post(String path, String body, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri(path)).POST(HttpRequest.BodyPublishers.ofString(body));
        return http.send(
                (headers.length == 0 ? request : request.headers(headers)).build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private URI uri(String path) {
        return URI.create("http://127.0.0.1:" + server.port() + path);
    }

    private String statusUnder(String host) throws IOException {
        return raw("GET /health HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n")
                .lines()
                .findFirst()
                .orElse("");
    }

    private String raw(String request) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
