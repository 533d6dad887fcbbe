package io.livepredict.deploy.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.livepredict.cli.CommandFrame;
import io.livepredict.contract.DeadLetterReason;
import io.livepredict.contract.DeadLetters;
import io.livepredict.deploy.report.TopicPositions;
import io.livepredict.deploy.report.TopicScan;
import io.livepredict.streams.cli.Main;
import io.livepredict.streams.ingest.DeadLetterRecords;
import io.livepredict.streams.ingest.SourceRecord;
import io.livepredict.streams.wiring.StreamsApp;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.processor.api.Record;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Dead letters are counted, shown and sent back for a mended mapping to take, each once. */
class DeadLettersIT {
    private static final String TARGETS = "targets: [{name: leave-30s, kind: viewer, any-of: [LEAVE], within: 30s}]\n";
    private static final String TIME = "time: {grace: 10m}\n";

    @TempDir
    Path directory;

    private static String source(Installation installation, String id) {
        return """
                sources:
                  - {topic: %s, format: json, rekey: true, mapping: {kind: viewer, id: %s,
                     time: {column: at, unit: millis}, type: {column: what}}}
                """.formatted(topic(installation), id);
    }

    private static String topic(Installation installation) {
        return ShuffledLog.topic(installation.topics().namespace().value());
    }

    private String command(Installation installation, String... arguments) {
        StringWriter out = new StringWriter();
        List<String> all = new ArrayList<>(List.of("dead-letters"));
        all.addAll(List.of(arguments));
        all.addAll(List.of("--config", installation.streamsConfig().toString()));
        CommandLine line = CommandFrame.of(Main.commandLine(Map.of()))
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(out, true));
        assertThat(line.execute(all.toArray(String[]::new))).as(out.toString()).isZero();
        return out.toString();
    }

    /** How often each dead letter was sent again, by its place. */
    private static Map<String, Integer> replays(Installation installation) {
        Map<String, Integer> replays = new TreeMap<>();
        TopicScan.scan(installation.client(), topic(installation), TopicPositions.beginning(), record -> {
            String of = header(record, DeadLetters.REPLAYED);
            if (!of.isEmpty()) {
                replays.merge(of, 1, Integer::sum);
            }
        });
        return replays;
    }

    private static Map<String, Integer> deadLetters(Installation installation) {
        Map<String, Integer> reasons = new TreeMap<>();
        TopicScan.scan(
                installation.client(),
                installation.topics().deadLetters().name(),
                TopicPositions.beginning(),
                record -> reasons.merge(
                        header(record, DeadLetters.REASON)
                                + (header(record, DeadLetters.REPLAYED).isEmpty() ? "" : " again"),
                        1,
                        Integer::sum));
        return reasons;
    }

    private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
        var header = record.headers().lastHeader(name);
        return header == null ? "" : new String(header.value(), StandardCharsets.UTF_8);
    }

    private static void send(Installation installation, int partition, String who, String column, long at) {
        installation.sendRaw(
                topic(installation),
                partition,
                null,
                "{\"%s\":\"%s\",\"at\":%d,\"what\":\"CHAT\"}"
                        .formatted(column, who, at)
                        .getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void shouldTakeBackWhatAMendedMappingCanUse() throws Exception {
        try (Installation installation = new Installation(directory, "dead-letters-back", TIME, TARGETS)) {
            ShuffledLog.createTopic(installation, 2);
            String shared = Files.readString(installation.streamsConfig());
            Files.writeString(installation.streamsConfig(), shared + source(installation, "user"));
            long now = System.currentTimeMillis();
            try (StreamsApp app = StreamsApp.start(installation.streams())) {
                for (int i = 0; i < 40; i++) {
                    send(installation, i % 2, "v" + i % 5, "who", now);
                }
                send(installation, 0, "v0", "who", now - Duration.ofMinutes(30).toMillis());
                installation.sendRaw(topic(installation), 1, null, "no JSON".getBytes(StandardCharsets.UTF_8));
                installation.flush();
                await().atMost(Installation.PATIENCE)
                        .until(() -> deadLetters(installation).equals(Map.of("MISSING_FIELD", 41, "UNDECODABLE", 1)));
                assertThat(app.isReady()).isTrue();
            }
            Files.writeString(installation.streamsConfig(), shared + source(installation, "who"));
            assertThat(command(installation, "list", "--reason", "MISSING_FIELD"))
                    .containsPattern("MISSING_FIELD +dead-letters-back.clicks +41 +0 +0 ")
                    .doesNotContain("UNDECODABLE");
            assertThat(command(installation, "show", "--limit", "2", "--reason", "UNDECODABLE"))
                    .contains("UNDECODABLE", "clicks partition 1 offset 20", "value  7 bytes: no JSON");
            try (StreamsApp app = StreamsApp.start(installation.streams())) {
                for (int i = 0; i < 140; i++) {
                    send(installation, i % 2, "v" + i % 5, "who", now + 1_000 + i);
                }
                installation.flush();
                await().atMost(Installation.PATIENCE).until(() -> ShuffledLog.predictions(installation) == 140);
                assertThat(command(installation, "replay", "--dry-run"))
                        .containsPattern("an event +MISSING_FIELD +dead-letters-back.clicks +40\n")
                        .containsPattern("late by now +MISSING_FIELD +dead-letters-back.clicks +1\n")
                        .containsPattern("still UNDECODABLE +UNDECODABLE +dead-letters-back.clicks +1\n")
                        .contains("1 are late by now", "40 would be sent");
                assertThat(replays(installation)).isEmpty();

                assertThat(command(installation, "replay", "--late")).contains("41 sent");
                assertThat(replays(installation))
                        .hasSize(41)
                        .allSatisfy((of, times) -> assertThat(times).isEqualTo(1));
                await().atMost(Installation.PATIENCE)
                        .until(() -> ShuffledLog.predictions(installation) == 180
                                && deadLetters(installation).containsKey("LATE again"));
                assertThat(command(installation, "replay", "--late"))
                        .contains("0 sent")
                        .containsPattern("came back .* +LATE +dead-letters-back.clicks +1\n")
                        .containsPattern("replayed already +MISSING_FIELD +dead-letters-back.clicks +41\n");
                assertThat(deadLetters(installation)).containsEntry("LATE again", 1);
                assertThat(ShuffledLog.predictions(installation)).isEqualTo(180);
                assertThat(app.isReady()).isTrue();
            }
        }
    }

    @Test
    void shouldSendEachOnceThroughAKill() throws Exception {
        int letters = 20_000;
        try (Installation installation = new Installation(directory, "dead-letters-kill", TIME, TARGETS)) {
            ShuffledLog.createTopic(installation, 2);
            Files.writeString(
                    installation.streamsConfig(),
                    Files.readString(installation.streamsConfig()) + source(installation, "who"));
            long now = System.currentTimeMillis();
            writeDeadLetters(installation, letters, now);
            Process killed = Programs.streamsApp(
                            "dead-letters",
                            "replay",
                            "--config",
                            installation.streamsConfig().toString())
                    .redirectErrorStream(true)
                    .redirectOutput(directory.resolve("killed.log").toFile())
                    .start();
            await().atMost(Installation.PATIENCE)
                    .pollInterval(Duration.ofMillis(5))
                    .until(() -> !replays(installation).isEmpty());
            killed.destroyForcibly().waitFor();

            String second = command(installation, "replay");
            assertThat(second)
                    .containsPattern("replayed already +MISSING_FIELD")
                    .doesNotContain("\n0 sent");
            assertThat(replays(installation))
                    .hasSize(letters)
                    .allSatisfy((of, times) -> assertThat(times).isEqualTo(1));
            assertThat(command(installation, "replay")).contains("0 sent");
            assertThat(command(installation, "list")).containsPattern(letters + " +" + letters + " +0 ");
        }
    }

    private static void writeDeadLetters(Installation installation, int letters, long now) {
        Map<String, Object> config = new TreeMap<>(installation.client());
        config.put("linger.ms", 20);
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer())) {
            for (int i = 0; i < letters; i++) {
                Record<byte[], byte[]> letter = DeadLetterRecords.of(
                        new SourceRecord(
                                null,
                                "{\"who\":\"v%d\",\"at\":%d,\"what\":\"CHAT\"}"
                                        .formatted(i % 100, now)
                                        .getBytes(StandardCharsets.UTF_8),
                                topic(installation),
                                i % 2,
                                i,
                                now),
                        DeadLetters.Payload.KEEP,
                        DeadLetterReason.MISSING_FIELD,
                        "column user is missing",
                        now);
                producer.send(new ProducerRecord<>(
                        installation.topics().deadLetters().name(),
                        null,
                        letter.timestamp(),
                        letter.key(),
                        letter.value(),
                        letter.headers()));
            }
        }
    }
}
