package io.livepredict.deploy.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.livepredict.avro.Outlook;
import io.livepredict.avro.Prediction;
import io.livepredict.contract.Topic;
import io.livepredict.deploy.report.TopicPositions;
import io.livepredict.deploy.report.TopicScan;
import io.livepredict.deploy.simulator.SimulatedEvent;
import io.livepredict.streams.wiring.StreamsApp;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The connectors of deploy/connect in a Connect worker, from the streams app's predictions into a real PostgreSQL: every
 * committed prediction once, no other, and what is no prediction in each sink's dead-letter topic. Without Docker.
 */
class ConnectIT {
    private static final List<String> SINKS = List.of(
            "prediction-history",
            "prediction-latest",
            "prediction-file",
            "prediction-rows",
            "alert-history",
            "outlook");

    /** The prior raises the alert at a viewer's first event. */
    private static final String OUTPUTS = """
            predictions: {layout: both}
            outlook: {present-for: 30s}
            alerts: [{name: leaving, target: leave-30s, raise-at: 0.1, cooldown: 0s}]
            """;

    /** A bucket of the outlook is 10 s, and so is chat-10s's horizon: with less, when it starts decides whether one is labelled. */
    private static final int SECONDS = 35;

    private static final int ABORTED = 5;

    @TempDir
    Path directory;

    @Test
    void shouldBringEveryCommittedPredictionIntoPostgresOnceAndBadRecordsToTheDeadLetters() throws Exception {
        CompletableFuture<Database> starting = CompletableFuture.supplyAsync(this::database);
        try (Installation installation = new Installation(
                directory, "connect-it", Installation.AS_RECORDED + OUTPUTS, SimulatedMeaning.yaml())) {
            Topic<String, Prediction> predictions = installation.topics().predictions();
            abortedAndGarbage(installation, predictions);
            try (StreamsApp ignored = StreamsApp.start(installation.streams());
                    Database postgres = starting.join()) {
                List<SimulatedEvent> events = SimulatedMeaning.events(
                        6,
                        System.currentTimeMillis() - SECONDS * 1000L,
                        SECONDS,
                        25,
                        installation.streams().kinds().targets());
                events.forEach(installation::send);
                installation.flush();
                try (ConnectWorker connect = ConnectWorker.start(directory, "connect-it", postgres)) {
                    for (String sink : SINKS) {
                        connect.register(sink);
                    }
                    await().atMost(Installation.PATIENCE).until(installation::isAllScored);
                    JsonNode report = installation.report(null);
                    WholeLoopIT.assertExact(report);
                    long expected = report.at("/predictions").asLong();

                    await().atMost(Installation.PATIENCE)
                            .until(() -> postgres.isMade("prediction_history") && postgres.isMade("prediction_latest"));
                    await().atMost(Installation.PATIENCE)
                            .untilAsserted(() -> assertThat(postgres.number("select count(*) from prediction_history"))
                                    .isEqualTo(expected));
                    await().atMost(Installation.PATIENCE)
                            .untilAsserted(() -> assertThat(postgres.number(
                                            "select count(*) from prediction_latest l join prediction_history h using"
                                                    + " (kind, entity_id, context_id, target, event_id, score)"))
                                    .isEqualTo(postgres.number("select count(*) from (select distinct kind, entity_id,"
                                            + " context_id, target from prediction_history) as one")));
                    assertThat(postgres.number(
                                    "select count(*) from prediction_history where event_id like 'aborted%'"))
                            .isZero();
                    assertThat(postgres.number("select count(*) from prediction_history where score between 0 and 1"))
                            .isEqualTo(expected);
                    await().atMost(Installation.PATIENCE)
                            .untilAsserted(() -> assertThat(lines(directory.resolve("predictions.txt")))
                                    .hasSize((int) expected)
                                    .allSatisfy(line -> assertThat(line).startsWith("Struct{kind=")));
                    assertOthers(installation, report, postgres);
                    for (String sink : SINKS) {
                        assertThat(connect.deadLetters(installation, sink))
                                .as(sink)
                                .isEqualTo(1);
                    }
                }
            }
        }
    }

    /** Rows, alerts and the outlook: each record of their topics once. */
    private static void assertOthers(Installation installation, JsonNode report, Database postgres) throws Exception {
        long raised = report.at("/alerts/leaving/raised").asLong();
        long cleared = report.at("/alerts/leaving/cleared").asLong();
        assertThat(raised).isPositive();
        await().atMost(Installation.PATIENCE)
                .until(() -> postgres.isMade("prediction_rows")
                        && postgres.isMade("alert_history")
                        && postgres.isMade("outlook"));
        await().atMost(Installation.PATIENCE).untilAsserted(() -> {
            assertThat(postgres.number("select count(*) from prediction_rows"))
                    .isEqualTo(report.at("/rows/records").asLong());
            assertThat(postgres.number("select count(*) from alert_history where state = 'raised'"))
                    .isEqualTo(raised);
            assertThat(postgres.number("select count(*) from alert_history where state = 'cleared'"))
                    .isEqualTo(cleared);
        });
        // A row's column holds what the flat record of its target says.
        assertThat(postgres.number("select count(*) from prediction_rows r join prediction_history h using (kind,"
                        + " entity_id, event_id) where h.target = 'chat-10s' and h.score = r.chat_10s"))
                .isEqualTo(postgres.number("select count(*) from prediction_history where target = 'chat-10s'"))
                .isPositive();
        Topic<String, Outlook> topic = installation.topics().outlook();
        await().atMost(Installation.PATIENCE).untilAsserted(() -> {
            // Per bucket, what its last record says of the labels: the buckets' labels come after the last prediction.
            Map<String, Boolean> labelled = new HashMap<>();
            TopicScan.scan(installation.client(), topic.name(), TopicPositions.beginning(), each -> {
                if (each.key() != null) {
                    Outlook read = topic.value().deserializer().deserialize(topic.name(), each.value());
                    labelled.put(
                            read.getContextId() + read.getBucketStart() + read.getTarget(), read.getLabelled() != null);
                }
            });
            long known = labelled.values().stream().filter(each -> each).count();
            assertThat(known).isPositive();
            assertThat(postgres.number("select count(*) from outlook")).isEqualTo(labelled.size());
            assertThat(postgres.number("select count(*) from outlook where labelled is not null"))
                    .isEqualTo(known);
        });
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
                        topic.name(),
                        topic.value()
                                .serializer()
                                .serialize(
                                        topic.name(),
                                        ConnectRecoveryIT.prediction("aborted-" + i, "v1", Instant.EPOCH))));
            }
            producer.flush();
            producer.abortTransaction();
        }
        for (String output : List.of("predictions", "prediction-rows", "alerts", "outlook")) {
            installation.sendRaw(
                    installation.topics().namespace().name(output),
                    0,
                    null,
                    "no prediction".getBytes(StandardCharsets.UTF_8));
        }
        installation.flush();
    }

    private Database database() {
        try {
            return Database.start(directory.resolve("postgres"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> lines(Path file) throws IOException {
        return Files.readAllLines(file);
    }
}
