package io.livepredict.serde;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.livepredict.settings.RegistrySettings;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A registry that misbehaves: every call ends, with one line that names the address, and all is well when it is. */
@Timeout(120)
class RegistryFaultsTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    /** Where the answer never comes, so that waiting for it ends soon. */
    private static final Duration SHORT = Duration.ofMillis(300);
    /** Where the answer comes, however busy the machine is. */
    private static final Duration LONG = Duration.ofMinutes(1);

    private enum Mode {
        WELL,
        UNAVAILABLE,
        TOO_MANY,
        PAGE,
        UNAUTHORIZED,
        STALL,
        DRIP,
        ENDLESS
    }

    private final NavigableMap<Integer, Schema> schemas = new ConcurrentSkipListMap<>();
    private final AtomicInteger requests = new AtomicInteger();
    private final AtomicInteger lists = new AtomicInteger();
    private final AtomicLong nanos = new AtomicLong();
    private final CountDownLatch end = new CountDownLatch(1);
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private volatile Mode mode = Mode.WELL;
    private volatile boolean hasList = true;
    private HttpServer server;
    private ConfluentRegistryClient client;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
        client = client(LONG);
        for (int id = 1; id <= 450; id++) {
            schemas.put(id, schema(id));
        }
    }

    @AfterEach
    void stop() {
        end.countDown();
        client.close();
        server.stop(0);
        threads.shutdownNow();
    }

    private ConfluentRegistryClient client(Duration patience) {
        return new ConfluentRegistryClient(
                RegistrySettings.builder(url()).retryFor(Duration.ZERO).build(),
                patience,
                nanos::get,
                RandomGenerator.of("L64X128MixRandom"));
    }

    private String url() {
        return "http://localhost:" + server.getAddress().getPort();
    }

    private static Schema schema(int id) {
        return SchemaBuilder.record("R" + id).fields().requiredString("a").endRecord();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            exchange.getRequestBody().readAllBytes();
            requests.incrementAndGet();
            switch (mode) {
                case WELL -> answerWell(exchange);
                case UNAVAILABLE -> send(exchange, 503, "busy");
                case TOO_MANY -> send(exchange, 429, "{\"error_code\": 42901, \"message\": \"slow down\"}");
                case PAGE -> send(exchange, 200, "<html><body>back soon</body></html>");
                case UNAUTHORIZED -> send(exchange, 401, "{\"error_code\": 40101, \"message\": \"unauthorized\"}");
                case STALL, DRIP -> {
                    exchange.sendResponseHeaders(200, 1_000_000);
                    do {
                        if (mode == Mode.DRIP) {
                            exchange.getResponseBody().write(' ');
                            exchange.getResponseBody().flush();
                        }
                    } while (!end.await(20, TimeUnit.MILLISECONDS));
                }
                case ENDLESS -> {
                    exchange.sendResponseHeaders(200, 0);
                    OutputStream body = exchange.getResponseBody();
                    byte[] much = new byte[1 << 16];
                    while (end.getCount() > 0) {
                        body.write(much);
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void answerWell(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        if (path.startsWith("/schemas/ids/")) {
            Schema known = schemas.get(Integer.parseInt(path.substring("/schemas/ids/".length())));
            send(
                    exchange,
                    known == null ? 404 : 200,
                    known == null
                            ? "{\"error_code\": 40403, \"message\": \"not found\"}"
                            : JSON.createObjectNode()
                                    .put("schema", known.toString())
                                    .toString());
        } else if (path.equals("/schemas") && hasList) {
            lists.incrementAndGet();
            Map<String, Integer> page = new TreeMap<>();
            for (String part : exchange.getRequestURI().getQuery().split("&")) {
                String[] pair = part.split("=");
                if (!pair[0].equals("deleted")) {
                    page.put(pair[0], Integer.parseInt(pair[1]));
                }
            }
            ArrayNode list = JSON.createArrayNode();
            schemas.keySet().stream()
                    .skip(page.getOrDefault("offset", 0))
                    .limit(page.getOrDefault("limit", Integer.MAX_VALUE))
                    .forEach(id -> list.addObject().put("subject", "s" + id).put("id", id));
            send(exchange, 200, list.toString());
        } else {
            send(exchange, 404, "{\"error_code\": 404, \"message\": \"HTTP 404 Not Found\"}");
        }
    }

    private static void send(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                UNAVAILABLE  | does not answer (answered 503, busy)
                TOO_MANY     | does not answer (answered 429, slow down), tried for 0s: it asks for fewer requests
                PAGE         | answered something that is not a schema registry's JSON: check registry.url
                UNAUTHORIZED | answered 401, unauthorized: check registry.username and registry.password
                STALL        | does not answer (no whole answer within 300ms)
                DRIP         | does not answer (no whole answer within 300ms)
                ENDLESS      | does not answer (an answer of more than 8388608 bytes)
                """)
    void shouldEndEveryCallInOneLineAndBeWellAfterwards(Mode how, String words) {
        mode = how;
        try (ConfluentRegistryClient faced = client(how == Mode.STALL || how == Mode.DRIP ? SHORT : LONG)) {
            for (Runnable call : List.<Runnable>of(() -> faced.byId(3), () -> faced.register("s", schema(0)))) {
                assertThatThrownBy(call::run)
                        .isInstanceOf(RegistryUnavailableException.class)
                        .hasMessageContaining(url())
                        .hasMessageContaining(words)
                        .message()
                        .hasLineCount(1);
            }
        }
        mode = Mode.WELL;
        assertThat(client.byId(3)).isEqualTo(schema(3));
    }

    @Test
    void shouldNotAskForEachOfManyUnknownIds() {
        assertThat(client.byId(7)).isEqualTo(schema(7));
        for (int id = 1_000_000; id < 1_020_000; id++) {
            int unknown = id;
            assertThatThrownBy(() -> client.byId(unknown)).isInstanceOf(UnknownSchemaIdException.class);
        }
        assertThat(lists.get()).isEqualTo(3);
        assertThat(requests.get()).isEqualTo(1 + UnknownIds.MANY + 3);

        // Those that exist are found all the same, and so are those that come after them.
        assertThat(client.byId(8)).isEqualTo(schema(8));
        schemas.put(451, schema(451));
        assertThat(client.byId(451)).isEqualTo(schema(451));

        // In time the list is read again, and everything is forgotten.
        schemas.put(1_000_500, schema(500));
        nanos.addAndGet(Duration.ofSeconds(UnknownIds.LISTED_SECONDS + 1).toNanos());
        assertThat(client.byId(1_000_500)).isEqualTo(schema(500));
        nanos.addAndGet(Duration.ofSeconds(UnknownIds.KEPT_SECONDS).toNanos());
        schemas.put(1_000_000, schema(600));
        assertThat(client.byId(1_000_000)).isEqualTo(schema(600));
    }

    @Test
    void shouldAskForEachUnknownIdWhereThereIsNoList() {
        hasList = false;
        askForUnknownIds(2 * UnknownIds.MANY);
        assertThat(requests.get()).isEqualTo(2 * UnknownIds.MANY + 1);
        assertThat(client.byId(9)).isEqualTo(schema(9));
    }

    @Test
    void shouldNotTrustAListThatLacksAnIdWhichTheRegistryHasGiven() {
        assertThat(client.byId(9)).isEqualTo(schema(9));
        schemas.remove(9);
        askForUnknownIds(2 * UnknownIds.MANY);
        assertThat(requests.get()).isEqualTo(1 + 2 * UnknownIds.MANY + 3);
    }

    private void askForUnknownIds(int count) {
        for (int id = 1_000; id < 1_000 + count; id++) {
            int unknown = id;
            assertThatThrownBy(() -> client.byId(unknown)).isInstanceOf(UnknownSchemaIdException.class);
        }
    }
}
