package io.livepredict.deploy.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.livepredict.avro.Prediction;
import io.livepredict.contract.Topic;
import io.livepredict.deploy.local.Ports;
import io.livepredict.deploy.simulator.SimulatedEvent;
import io.livepredict.streams.wiring.StreamsApp;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.provider.EnvVarConfigProvider;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.connect.cli.ConnectStandalone;
import org.apache.kafka.connect.runtime.Connect;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The connectors of deploy/connect in a Connect worker, from the streams app's predictions into a real PostgreSQL: every
 * committed prediction once, no other, and what is no prediction in each sink's dead-letter topic. Without Docker; what
 * differs from the image is that here the plugins are on the class path.
 */
class ConnectIT {
    private static final Path CONNECTORS =
            Path.of("../connect/connectors").toAbsolutePath().normalize();
    private static final List<String> SINKS = List.of("prediction-history", "prediction-latest", "prediction-file");
    private static final int SECONDS = 20;
    private static final int ABORTED = 5;

    @TempDir
    Path directory;

    @Test
    void shouldBringEveryCommittedPredictionIntoPostgresOnceAndBadRecordsToTheDeadLetters() throws Exception {
        CompletableFuture<EmbeddedPostgres> starting = CompletableFuture.supplyAsync(ConnectIT::postgres);
        try (Installation installation =
                new Installation(directory, "connect-it", Installation.AS_RECORDED, SimulatedMeaning.yaml())) {
            Topic<String, Prediction> predictions = installation.topics().predictions();
            abortedAndGarbage(installation, predictions);
            try (StreamsApp ignored = StreamsApp.start(installation.streams());
                    EmbeddedPostgres postgres = starting.join()) {
                List<SimulatedEvent> events = SimulatedMeaning.events(
                        6,
                        System.currentTimeMillis() - SECONDS * 1000L,
                        SECONDS,
                        25,
                        installation.streams().kinds().targets());
                events.forEach(installation::send);
                installation.flush();
                Environment.VALUES.set(Map.of(
                        "LIVEPREDICT_NAMESPACE",
                        "connect-it",
                        "LIVEPREDICT_REPLICATION_FACTOR",
                        "1",
                        "REGISTRY_URL",
                        Servers.shared().registry(),
                        "POSTGRES_JDBC_URL",
                        postgres.getJdbcUrl("postgres", "postgres"),
                        "POSTGRES_USER",
                        "postgres",
                        "POSTGRES_PASSWORD",
                        "postgres"));
                int port = Ports.free();
                Connect<?> connect = new ConnectStandalone().startConnect(worker(port));
                try {
                    for (String sink : SINKS) {
                        register(port, sink);
                    }
                    await().atMost(Installation.PATIENCE).until(installation::isAllScored);
                    JsonNode report = installation.report(null);
                    WholeLoopIT.assertExact(report);
                    long expected = report.at("/predictions").asLong();

                    await().atMost(Installation.PATIENCE)
                            .until(() ->
                                    isMade(postgres, "prediction_history") && isMade(postgres, "prediction_latest"));
                    await().atMost(Installation.PATIENCE)
                            .untilAsserted(() -> assertThat(number(postgres, "select count(*) from prediction_history"))
                                    .isEqualTo(expected));
                    await().atMost(Installation.PATIENCE)
                            .untilAsserted(() -> assertThat(number(
                                            postgres,
                                            "select count(*) from prediction_latest l join prediction_history h using"
                                                    + " (kind, entity_id, context_id, target, event_id, score)"))
                                    .isEqualTo(number(
                                            postgres,
                                            "select count(*) from (select distinct kind, entity_id,"
                                                    + " context_id, target from prediction_history) as one")));
                    assertThat(number(
                                    postgres, "select count(*) from prediction_history where event_id like 'aborted%'"))
                            .isZero();
                    assertThat(number(postgres, "select count(*) from prediction_history where score between 0 and 1"))
                            .isEqualTo(expected);
                    await().atMost(Installation.PATIENCE)
                            .untilAsserted(() -> assertThat(lines(directory.resolve("predictions.txt")))
                                    .hasSize((int) expected)
                                    .allSatisfy(line -> assertThat(line).startsWith("Struct{kind=")));
                    for (String sink : SINKS) {
                        assertThat(deadLetters(installation, "connect-it." + sink + "-dead-letters"))
                                .as(sink)
                                .isEqualTo(1);
                    }
                } finally {
                    connect.stop();
                    connect.awaitStop();
                }
            }
        }
    }

    /** Predictions of a transaction that is rolled back, and a record that is none. */
    private static void abortedAndGarbage(Installation installation, Topic<String, Prediction> topic) {
        Map<String, Object> config = new HashMap<>(installation.kafka().producer("connect-it-aborted"));
        config.put("transactional.id", "connect-it-aborted");
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.initTransactions();
            producer.beginTransaction();
            for (int i = 0; i < ABORTED; i++) {
                producer.send(new ProducerRecord<>(
                        topic.name(), topic.value().serializer().serialize(topic.name(), prediction("aborted-" + i))));
            }
            producer.flush();
            producer.abortTransaction();
        }
        installation.sendRaw(topic.name(), 0, null, "no prediction".getBytes(StandardCharsets.UTF_8));
        installation.flush();
    }

    private static Prediction prediction(String event) {
        return Prediction.newBuilder()
                .setKind("viewer")
                .setEntityId("v1")
                .setContextId("room")
                .setEventId(event)
                .setEventType("CHAT")
                .setEventTime(Instant.EPOCH)
                .setTarget("leave-30s")
                .setScore(.25)
                .setModelName("viewer")
                .setModelVersion(1)
                .setModelHash("ab")
                .setScoredAt(Instant.EPOCH)
                .build();
    }

    /** As deploy/connect/run has it, but for one worker without topics of its own. */
    private Map<String, String> worker(int port) {
        Map<String, String> worker = new HashMap<>();
        worker.put("bootstrap.servers", Servers.shared().kafka());
        worker.put("offset.storage.file.filename", directory.resolve("offsets").toString());
        worker.put("offset.flush.interval.ms", "1000");
        worker.put("key.converter", "org.apache.kafka.connect.storage.StringConverter");
        worker.put("value.converter", "org.apache.kafka.connect.storage.StringConverter");
        worker.put("plugin.discovery", "service_load");
        worker.put("listeners", "http://127.0.0.1:" + port);
        worker.put("config.providers", "env");
        worker.put("config.providers.env.class", Environment.class.getName());
        return worker;
    }

    private void register(int port, String sink) throws IOException, InterruptedException {
        String settings = Files.readString(CONNECTORS.resolve(sink + ".json"))
                .replace(
                        "/data/predictions.txt",
                        directory.resolve("predictions.txt").toString());
        try (HttpClient http = HttpClient.newHttpClient()) {
            HttpResponse<String> answer = http.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/connectors/" + sink + "/config"))
                            .header("Content-Type", "application/json")
                            .PUT(HttpRequest.BodyPublishers.ofString(settings))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
        }
    }

    private static EmbeddedPostgres postgres() {
        try {
            return EmbeddedPostgres.start();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** The sinks make the tables with their first row; until then there is none. */
    private static boolean isMade(EmbeddedPostgres postgres, String table) throws SQLException {
        return number(postgres, "select count(*) from information_schema.tables where table_name = '" + table + "'")
                > 0;
    }

    private static long number(EmbeddedPostgres postgres, String sql) throws SQLException {
        try (Connection connection = postgres.getPostgresDatabase().getConnection();
                ResultSet rows = connection.createStatement().executeQuery(sql)) {
            rows.next();
            return rows.getLong(1);
        }
    }

    private static List<String> lines(Path file) throws IOException {
        return Files.readAllLines(file);
    }

    private static long deadLetters(Installation installation, String topic) {
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                installation.kafka().consumer("connect-it-dead-letters"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(each -> new TopicPartition(topic, each.partition()))
                    .toList();
            return consumer.endOffsets(partitions).values().stream()
                    .mapToLong(Long::longValue)
                    .sum();
        }
    }

    /** What the container's environment is for the connectors' files. */
    public static final class Environment extends EnvVarConfigProvider {
        static final java.util.concurrent.atomic.AtomicReference<Map<String, String>> VALUES =
                new java.util.concurrent.atomic.AtomicReference<>(Map.of());

        public Environment() {
            super(VALUES.get());
        }
    }
}
