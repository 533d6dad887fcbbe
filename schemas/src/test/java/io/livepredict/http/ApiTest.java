package io.livepredict.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.livepredict.settings.ApiSettings;
import io.livepredict.settings.HttpSettings.Address;
import io.livepredict.settings.SettingsException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(120)
class ApiTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String READER = "reader-token-0123456789";
    private static final String OPERATOR = "operator-token-0123456789";
    private static final String SECRET = "the-inner-secret";
    private static final int HOSTILE = 10_000;
    private static final Address ANYWHERE = new Address("127.0.0.1", 0);

    @TempDir
    Path directory;

    private final AtomicInteger changes = new AtomicInteger();
    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
    }

    private Api api(int perSecond, ApiSettings settings) {
        return new Api(
                "{}".getBytes(StandardCharsets.UTF_8),
                List.of(
                        Route.get(
                                "thing",
                                "/v1/things/{id}",
                                call -> Map.of("caller", call.caller(), "id", call.of("id"))),
                        Route.post("things", "/v1/things", call -> {
                            call.charge().accept(call.body().path("ids").size());
                            return Map.of("n", call.body().path("ids").size());
                        }),
                        Route.get("broken", "/v1/broken", call -> {
                            throw new IllegalStateException(SECRET);
                        }),
                        Route.operate("change", "/v1/change", call -> Map.of("changes", changes.incrementAndGet()))),
                Access.of(settings, ANYWHERE),
                perSecond,
                (operation, status, nanos) -> {});
    }

    private int serve(Api api) {
        HttpEndpoint endpoint = HttpEndpoint.open("a program", ANYWHERE);
        open.add(endpoint);
        endpoint.serve("/health", "Alive.", () -> HttpEndpoint.Answer.text(200, "alive"));
        endpoint.serve(api);
        return endpoint.port();
    }

    private int withTokens() throws IOException {
        Path tokens = directory.resolve("tokens");
        Files.writeString(tokens, "# who\nana read " + READER + "\nolga operate " + OPERATOR + "\n");
        return serve(api(1_000_000, new ApiSettings(tokens, null, null, null)));
    }

    private static HttpResponse<String> ask(
            int port, String method, String path, String token, String type, String body)
            throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                    .method(method, HttpRequest.BodyPublishers.ofString(body));
            if (!token.isEmpty()) {
                request.header("Authorization", "Bearer " + token);
            }
            if (!type.isEmpty()) {
                request.header("Content-Type", type);
            }
            return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        }
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            GET,  /v1/things/a,     reader-token-0123456789,   '',               '',    200
            GET,  /v1/things/a%2Fb, reader-token-0123456789,   '',               '',    200
            GET,  /v1/things/a,     '',                        '',               '',    401
            GET,  /v1/things/a,     wrong-token-0123456789,    '',               '',    401
            POST, /v1/change,       reader-token-0123456789,   application/json, '{}',  403
            POST, /v1/change,       operator-token-0123456789, application/json, '{}',  200
            POST, /v1/change,       operator-token-0123456789, text/plain,       '{}',  415
            POST, /v1/change,       operator-token-0123456789, application/json, '[1',  400
            POST, /v1/change,       operator-token-0123456789, application/json, '[]',  400
            GET,  /v1/change,       operator-token-0123456789, '',               '',    405
            GET,  /v1/nothing,      reader-token-0123456789,   '',               '',    404
            GET,  /v1/broken,       reader-token-0123456789,   '',               '',    500
            GET,  /health,          '',                        '',               '',    200
            GET,  /openapi.json,    '',                        '',               '',    200
            """)
    void shouldAnswerWhoMayAskAndTellOthersWhyNot(
            String method, String path, String token, String type, String body, int status) throws Exception {
        HttpResponse<String> answer = ask(withTokens(), method, path, token, type, body);
        assertThat(answer.statusCode()).isEqualTo(status);
        if (status >= 400) {
            assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/problem+json");
            JsonNode problem = JSON.readTree(answer.body());
            assertThat(problem.path("status").asInt()).isEqualTo(status);
            assertThat(answer.body()).doesNotContain(SECRET).doesNotContain("Exception");
        }
        assertThat(changes.get()).isEqualTo(path.equals("/v1/change") && status == 200 ? 1 : 0);
    }

    @Test
    void shouldTakeNoMoreThanItSaysAndSayWhenToComeAgain() throws Exception {
        int port = serve(api(1, ApiSettings.defaults()));
        String ids = "{\"ids\":[" + "1,".repeat(900) + "1]}";
        assertThat(ask(port, "POST", "/v1/things", "", "application/json", ids).statusCode())
                .isEqualTo(200);
        HttpResponse<String> refused = ask(port, "POST", "/v1/things", "", "application/json", ids);
        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(refused.headers().firstValue("Retry-After")).hasValue("1");
    }

    @Test
    void shouldHaveItsRefusalOfALargeBodyReadEveryTime() throws Exception {
        int port = serve(api(1_000, ApiSettings.defaults()));
        String large = "{\"ids\":[\"" + "x".repeat(8 * Api.MOST_BODY_BYTES) + "\"]}";
        for (int i = 0; i < 30; i++) {
            assertThat(ask(port, "POST", "/v1/things", "", "application/json", large)
                            .statusCode())
                    .isEqualTo(413);
        }
    }

    @Test
    void shouldTakeNoMoreWhereTheLengthIsNotSaid() throws Exception {
        int port = serve(api(1_000, ApiSettings.defaults()));
        String chunk = Integer.toHexString(64 << 10) + "\r\n" + "x".repeat(64 << 10) + "\r\n";
        assertThat(raw(
                        port,
                        "POST /v1/things HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
                                + "Transfer-Encoding: chunked\r\n\r\n" + chunk.repeat(5)))
                .startsWith("HTTP/1.1 413");
    }

    @Test
    void shouldNotAnswerAPageThatAnotherNameBroughtToThisMachine() throws Exception {
        int port = serve(api(1_000, ApiSettings.defaults()));
        assertThat(raw(port, "GET /v1/things/a HTTP/1.1\r\nHost: evil.example\r\n\r\n"))
                .startsWith("HTTP/1.1 403");
        assertThat(raw(port, "GET /v1/things/a HTTP/1.1\r\nHost: localhost\r\n\r\n"))
                .startsWith("HTTP/1.1 200");
    }

    @Test
    void shouldRefuseTokenFilesThatSayNothingClear() throws IOException {
        Path tokens = directory.resolve("tokens");
        for (String content : List.of(
                "",
                "ana read",
                "ana write " + READER,
                "ana read short",
                "a read " + READER + "\nb operate " + READER)) {
            Files.writeString(tokens, content);
            assertThatThrownBy(() -> Access.of(new ApiSettings(tokens, null, null, null), ANYWHERE))
                    .as(content)
                    .isInstanceOf(SettingsException.class)
                    .hasMessageStartingWith("api.tokens: " + tokens)
                    .message()
                    .doesNotContain(READER);
        }
    }

    /** Paths, heads and bodies at random, and readers that never read. */
    @Test
    void shouldChangeNothingAndLeakNothingWhateverIsSent() throws Exception {
        Path tokens = directory.resolve("tokens");
        Files.writeString(tokens, "ana read " + READER + "\nolga operate " + OPERATOR + "\n");
        Api api = api(1_000_000, new ApiSettings(tokens, null, null, null));
        int port = serve(api);
        String before = ask(port, "GET", "/v1/things/a", READER, "", "").body();
        List<Socket> slow = new ArrayList<>();
        Set<Integer> statuses = ConcurrentHashMap.newKeySet();
        try {
            for (int i = 0; i < 50; i++) {
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
                slow.add(socket);
                socket.getOutputStream()
                        .write(("GET /v1/things/" + "y".repeat(500) + " HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer "
                                        + READER + (i % 2 == 0 ? "\r\n\r\n" : ""))
                                .getBytes(StandardCharsets.US_ASCII));
            }
            IntStream.range(0, HOSTILE).parallel().forEach(i -> statuses.add(hostile(port, new Random(i))));
        } finally {
            for (Socket socket : slow) {
                socket.close();
            }
        }
        assertThat(statuses).contains(200, 400, 401, 403, 404, 405, 415);
        assertThat(changes.get()).isZero();
        assertThat(ask(port, "GET", "/v1/things/a", READER, "", "").body()).isEqualTo(before);
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(api.unreadBytes()).isZero());
    }

    /** Sends one request; the status that came back, 0 for none. */
    private static int hostile(int port, Random random) {
        String marker = "id-" + Long.toHexString(random.nextLong());
        String sent = request(random, marker);
        String answer;
        try {
            answer = raw(port, sent);
        } catch (IOException e) {
            return 0; // hung up on: says nothing
        }
        int head = answer.indexOf("\r\n\r\n");
        if (head < 0) {
            return 0;
        }
        assertThat(answer).as(sent).startsWith("HTTP/1.1 ");
        int status = Integer.parseInt(answer.substring(9, 12));
        String body = answer.substring(head + 4);
        assertThat(answer).as(sent).doesNotContain(SECRET, "Exception", "\tat ", "io.livepredict", "Jetty", OPERATOR);
        boolean ofTheApi = !body.equals("GET and HEAD are answered\n") && !body.startsWith("not found; / lists");
        if (status >= 400 && ofTheApi && !sent.startsWith("HEAD")) {
            assertThat(answer).as(sent).contains("application/problem+json");
            assertThat(body).as(sent).doesNotContain(marker).contains("\"status\":" + status);
        }
        return status;
    }

    private static String request(Random random, String marker) {
        String path = pick(
                random,
                "/v1/things/" + marker,
                "/v1/things/" + marker + "/../../broken",
                "/v1/things/%" + marker,
                "/v1//things/" + marker,
                "/v1/things/" + marker + "?x=" + marker + "&x=2",
                "/v1/things",
                "/v1/change",
                "/v1/change/" + marker,
                "/v1/broken",
                "/v1/" + "a/".repeat(random.nextInt(200)),
                "/v1/things/" + "z".repeat(random.nextInt(9_000)),
                "/" + noise(random, 30),
                "http://[" + marker,
                "*");
        StringBuilder request = new StringBuilder(pick(
                        random, "GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "TRACE", "PATCH", noise(random, 5)))
                .append(' ')
                .append(path)
                .append(pick(random, " HTTP/1.1", " HTTP/1.1", " HTTP/1.0", " HTTP/9.9", ""))
                .append("\r\n");
        request.append(
                pick(random, "Host: 127.0.0.1\r\n", "Host: " + noise(random, 10) + "\r\n", "Host: a\r\nHost: b\r\n"));
        request.append(pick(
                random,
                "",
                "Authorization: Bearer " + READER + "\r\n",
                "Authorization: Bearer " + READER + "\r\n",
                "Authorization: Bearer " + marker + "\r\n",
                "Authorization: " + noise(random, 40) + "\r\n"));
        request.append(pick(random, "", "X: " + noise(random, 50) + "\r\n", "X: " + "q".repeat(9_000) + "\r\n"));
        String body = pick(random, "", "{}", "{\"ids\":[\"" + marker + "\"]}", "[".repeat(5_000), noise(random, 100));
        request.append(pick(random, "", "Content-Type: application/json\r\n", "Content-Type: text/html\r\n"));
        request.append(pick(
                random,
                "Content-Length: " + body.getBytes(StandardCharsets.ISO_8859_1).length + "\r\n",
                "Content-Length: -1\r\n",
                "Content-Length: 99999999999\r\n",
                "Transfer-Encoding: chunked\r\n",
                ""));
        return request.append("\r\n").append(body).toString();
    }

    private static String pick(Random random, String... choices) {
        return choices[random.nextInt(choices.length)];
    }

    private static String noise(Random random, int length) {
        StringBuilder noise = new StringBuilder();
        for (int i = 0; i < length; i++) {
            noise.append((char) random.nextInt(256));
        }
        return noise.toString();
    }

    /** Sends what is given, then nothing more, and reads to the end. */
    private static String raw(int port, String sent) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(20_000);
            try {
                socket.getOutputStream().write(sent.getBytes(StandardCharsets.ISO_8859_1));
                socket.shutdownOutput();
            } catch (SocketException e) {
                // refused before all of it was sent: the answer says why
            }
            InputStream in = socket.getInputStream();
            return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }
}
