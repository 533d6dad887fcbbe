package io.livepredict.serde;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.livepredict.settings.RegistrySettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the client does when the registry fails, in ways that a real one can't be made to. That it works with a real
 * one is tested where a real one runs.
 */
class ConfluentRegistryClientTest {
    private static final Schema SCHEMA = SchemaBuilder.record("R")
            .namespace("n")
            .fields()
            .requiredString("a")
            .endRecord();

    private record Reply(int status, String body) {}

    private record Request(
            String line, String body, @Nullable String authorization) {}

    private final Queue<Reply> replies = new ArrayDeque<>();
    private final Queue<Request> requests = new ConcurrentLinkedQueue<>();
    private final AtomicLong nanos = new AtomicLong();
    private HttpServer server;
    private ConfluentRegistryClient client;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
        client = client(RegistrySettings.of(url()));
    }

    @AfterEach
    void stop() {
        client.close();
        server.stop(0);
    }

    private ConfluentRegistryClient client(RegistrySettings settings) {
        return new ConfluentRegistryClient(
                settings, RegistryHttp.REQUEST_PATIENCE, nanos::get, RandomGenerator.of("L64X128MixRandom"));
    }

    private String url() {
        return "http://localhost:" + server.getAddress().getPort() + "/api";
    }

    private synchronized void answer(HttpExchange exchange) throws IOException {
        requests.add(new Request(
                exchange.getRequestMethod() + ' ' + exchange.getRequestURI(),
                new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8),
                exchange.getRequestHeaders().getFirst("Authorization")));
        Reply reply = replies.isEmpty() ? new Reply(500, "nothing prepared") : replies.remove();
        byte[] body = reply.body().getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(reply.status(), body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
        nanos.addAndGet(Duration.ofMillis(1).toNanos());
    }

    private void prepare(int status, String body) {
        replies.add(new Reply(status, body));
    }

    private static String json(Schema schema) {
        return new ObjectMapper()
                .createObjectNode()
                .put("schema", schema.toString())
                .toString();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'name':'note','type':{'type':'enum','name':'En','symbols':['A','B']},'default':'C'}",
                "{'name':'note','type':'float','default':0}",
                "{'name':'note','type':'int','default':'0'}",
                "{'name':'note','type':'string','default':null}",
                "{'name':'note','type':['null','string'],'default':''}",
                "{'name':'no-te','type':'string'}"
            })
    void shouldReadAWritersSchemaThatNoWriterOfOursWouldTake(String field) {
        prepare(
                200,
                new ObjectMapper()
                        .createObjectNode()
                        .put(
                                "schema",
                                "{\"type\":\"record\",\"name\":\"Say\",\"namespace\":\"my-shop.events\",\"fields\":["
                                        + field.replace('\'', '"') + "]}")
                        .toString());
        assertThat(client.byId(7).getFullName()).isEqualTo("my-shop.events.Say");
    }

    @Test
    void shouldFollowAReferenceToAVersionThatIsSoftDeleted() {
        prepare(
                200,
                "{\"schema\": \"{\\\"type\\\":\\\"record\\\",\\\"name\\\":\\\"A\\\",\\\"fields\\\":[{\\\"name\\\":\\\"b\\\","
                        + "\\\"type\\\":\\\"B\\\"}]}\", \"references\": [{\"name\": \"B\", \"subject\": \"b\", \"version\": 3}]}");
        prepare(404, "{\"error_code\": 40402, \"message\": \"Version not found\"}");
        prepare(200, "{\"schema\": \"{\\\"type\\\":\\\"record\\\",\\\"name\\\":\\\"B\\\",\\\"fields\\\":[]}\"}");
        assertThat(client.byId(7).getField("b").schema().getName()).isEqualTo("B");
        assertThat(requests).extracting(Request::line).last().isEqualTo("GET /api/subjects/b/versions/3?deleted=true");
    }

    @Test
    void shouldRegisterAndLookUpOnce() {
        prepare(200, "{\"id\":12}");
        prepare(200, json(SCHEMA));

        assertThat(client.register("a b/c-value", SCHEMA)).isEqualTo(12);
        assertThat(client.register("a b/c-value", SCHEMA)).isEqualTo(12);
        assertThat(client.byId(12)).isSameAs(SCHEMA);
        assertThat(client.byId(13)).isEqualTo(SCHEMA);
        assertThat(client.byId(13)).isEqualTo(SCHEMA);

        assertThat(requests)
                .extracting(Request::line)
                .containsExactly("POST /api/subjects/a%20b%2Fc-value/versions", "GET /api/schemas/ids/13");
        assertThat(requests.element().body()).isEqualTo(json(SCHEMA));
    }

    @Test
    void shouldTryAgainWhenTheRegistryFailsForAWhile() {
        prepare(503, "");
        prepare(500, "{\"error_code\":50001,\"message\":\"Error in the backend\"}");
        prepare(429, "");
        prepare(200, "{\"id\":1}");
        assertThat(client.register("s", SCHEMA)).isEqualTo(1);
        assertThat(requests).hasSize(4);
    }

    @Test
    void shouldGiveUpAfterTheTimeForRetries() {
        client.close();
        client = client(RegistrySettings.builder(url()).retryFor(Duration.ZERO).build());
        prepare(500, "{\"error_code\":50001,\"message\":\"Error in\\n the backend\"}");
        assertThatThrownBy(() -> client.byId(1))
                .isInstanceOf(RegistryUnavailableException.class)
                .hasMessage("the schema registry at " + url()
                        + " does not answer (answered 500, Error in the backend), tried for 0s:"
                        + " start it, or correct registry.url");
        assertThat(requests).hasSize(1);
    }

    @Test
    void shouldSayThatNothingListens() throws IOException {
        int free;
        try (ServerSocket socket = new ServerSocket(0)) {
            free = socket.getLocalPort();
        }
        String nowhere = "http://localhost:" + free;
        try (ConfluentRegistryClient lost = new ConfluentRegistryClient(RegistrySettings.builder(nowhere)
                .retryFor(Duration.ofMillis(200))
                .build())) {
            assertThatThrownBy(() -> lost.register("s", SCHEMA))
                    .isInstanceOf(RegistryUnavailableException.class)
                    .hasMessage("the schema registry at " + nowhere
                            + " does not answer (connection refused), tried for 200ms:"
                            + " start it, or correct registry.url");
        }
    }

    @Test
    void shouldComeBackWhenTheRegistryDoes() throws IOException {
        int port = server.getAddress().getPort();
        server.stop(0);
        client.close();
        client = new ConfluentRegistryClient(
                RegistrySettings.builder(url()).retryFor(Duration.ofSeconds(30)).build());
        prepare(200, "{\"id\":4}");
        Thread starter = Thread.ofVirtual().start(() -> {
            try {
                HttpServer again = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
                again.createContext("/", this::answer);
                server = again;
                again.start();
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
        assertThat(client.register("s", SCHEMA)).isEqualTo(4);
        assertThat(starter.isAlive()).isFalse();
    }

    @Test
    void shouldTellAnUnknownIdFromAWrongAddress() {
        prepare(404, "{\"error_code\":40403,\"message\":\"Schema 9 not found\"}");
        assertThatThrownBy(() -> client.byId(9))
                .isInstanceOfSatisfying(
                        UnknownSchemaIdException.class, e -> assertThat(e.id()).isEqualTo(9))
                .hasMessageStartingWith("schema id 9 is not in the registry at " + url());

        prepare(404, "{\"error_code\":404,\"message\":\"HTTP 404 Not Found\"}");
        prepare(404, "<html>no</html>");
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> client.byId(10))
                    .isInstanceOf(RegistryUnavailableException.class)
                    .hasMessageStartingWith("the schema registry at " + url() + " answered 404, ")
                    .hasMessageContaining("check registry.url")
                    .hasMessageContaining("/apis/ccompat/v7");
        }
    }

    @Test
    void shouldNotAskAgainForAnUnknownIdForAWhile() {
        prepare(404, "{\"error_code\":40403,\"message\":\"Schema 9 not found\"}");
        for (int i = 0; i < 1_000; i++) {
            assertThatThrownBy(() -> client.byId(9)).isInstanceOf(UnknownSchemaIdException.class);
        }
        assertThat(requests).hasSize(1);

        nanos.addAndGet(Duration.ofSeconds(31).toNanos());
        prepare(200, json(SCHEMA));
        assertThat(client.byId(9)).isEqualTo(SCHEMA);
    }

    @Test
    void shouldNeverAskForANegativeId() {
        assertThatThrownBy(() -> client.byId(-5)).isInstanceOf(UnknownSchemaIdException.class);
        assertThat(requests).isEmpty();
    }

    @Test
    void shouldSayWhySubjectAndSchemaDoNotGoTogether() {
        prepare(
                409,
                "{\"error_code\":409,\"message\":\"Schema being registered is incompatible: READER_FIELD_MISSING\"}");
        assertThatThrownBy(() -> client.register("t-value", SCHEMA))
                .isInstanceOf(IncompatibleSchemaException.class)
                .hasMessage(
                        "the registry at " + url() + " refuses n.R for subject t-value: Schema being registered is"
                                + " incompatible: READER_FIELD_MISSING; register a compatible schema, or use another namespace");
        prepare(422, "{\"error_code\":42201,\"message\":\"Invalid schema\"}");
        assertThatThrownBy(() -> client.register("t-value", SCHEMA))
                .isInstanceOf(IncompatibleSchemaException.class)
                .hasMessageContaining("Invalid schema");
    }

    @Test
    void shouldSendCredentialsAndSayWhenTheyAreRefused() {
        client.close();
        client = client(RegistrySettings.builder(url())
                .username("me")
                .password("s3cret")
                .retryFor(Duration.ofSeconds(1))
                .build());
        prepare(200, "{\"id\":1}");
        client.register("s", SCHEMA);
        assertThat(requests.element().authorization())
                .isEqualTo("Basic " + Base64.getEncoder().encodeToString("me:s3cret".getBytes(StandardCharsets.UTF_8)));

        prepare(401, "{\"error_code\":401,\"message\":\"Unauthorized\"}");
        assertThatThrownBy(() -> client.byId(7))
                .isInstanceOf(RegistryUnavailableException.class)
                .hasMessage(
                        "the schema registry at " + url() + " answered 401, Unauthorized: check registry.username and"
                                + " registry.password and what that user may do");
        assertThat(requests).hasSize(2);
    }

    @Test
    void shouldRefuseASchemaThatIsNotAvro() {
        prepare(200, "{\"schemaType\":\"JSON\",\"schema\":\"{}\"}");
        assertThatThrownBy(() -> client.byId(3))
                .isInstanceOf(IncompatibleSchemaException.class)
                .hasMessage("schema id 3 is of type JSON, and only Avro is read here");
        prepare(200, "{\"schema\":\"{\\\"type\\\":\\\"nonsense\\\"}\"}");
        assertThatThrownBy(() -> client.byId(4))
                .isInstanceOf(IncompatibleSchemaException.class)
                .hasMessageStartingWith("schema id 4 is not a schema that Avro can parse: ");
    }

    @Test
    void shouldSayWhenSomethingElseAnswers() {
        for (String body : List.of("<html>hello</html>", "[]", "", "{\"id\":\"x\"}")) {
            prepare(200, body);
            assertThatThrownBy(() -> client.register("s", SCHEMA))
                    .as(body)
                    .isInstanceOf(RegistryUnavailableException.class)
                    .hasMessageContaining("check registry.url");
        }
    }

    @Test
    void shouldFollowReferences() {
        Schema inner = SchemaBuilder.record("Inner")
                .namespace("n")
                .fields()
                .requiredInt("i")
                .endRecord();
        String outer = "{\"type\":\"record\",\"name\":\"Outer\",\"namespace\":\"n\",\"fields\":"
                + "[{\"name\":\"in\",\"type\":\"n.Inner\"}]}";
        ObjectMapper json = new ObjectMapper();
        var answer = json.createObjectNode().put("schema", outer);
        answer.putArray("references")
                .addObject()
                .put("name", "n.Inner")
                .put("subject", "inner-value")
                .put("version", 2);
        prepare(200, answer.toString());
        prepare(200, json(inner));

        Schema schema = client.byId(5);

        assertThat(schema.getField("in").schema()).isEqualTo(inner);
        assertThat(requests)
                .extracting(Request::line)
                .containsExactly("GET /api/schemas/ids/5", "GET /api/subjects/inner-value/versions/2");
    }

    @Test
    void shouldStopWaitingWhenInterrupted() {
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> client.byId(1)).isInstanceOf(RegistryUnavailableException.class);
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void shouldSayThatAStoreIsNotThere() {
        RegistrySettings settings = RegistrySettings.builder("https://localhost:1")
                .trustStore(Path.of("/no/such/store"))
                .retryFor(Duration.ZERO)
                .build();
        assertThatThrownBy(() -> new ConfluentRegistryClient(settings))
                .hasMessage("registry.trust-store: /no/such/store: there is no such file");
    }
}
