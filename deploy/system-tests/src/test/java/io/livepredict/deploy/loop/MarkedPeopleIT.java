package io.livepredict.deploy.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.livepredict.deploy.report.TopicPositions;
import io.livepredict.deploy.report.TopicScan;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A run with marked people: their ids, texts and records are looked for in every topic but their own, in state on disk, logs,
 * metrics, answers and reports.
 */
class MarkedPeopleIT {
    /** Begins every id and every text. */
    private static final String MARK = "MARKED-";

    private static final Traces TRACES = new Traces(List.of(MARK));
    private static final String NAMESPACE = "marked-people";
    private static final String TARGETS = "targets: [{name: chat-30s, kind: viewer, any-of: [CHAT], within: 30s}]\n";

    private static final String CHOICES = "choices: [{kind: viewer, on: [JOIN]}]\n";
    private static final List<String> TYPES = List.of("CHAT", "JOIN", "HEARTBEAT", "HEARTBEAT");
    private static final int EVENTS = 400;

    @TempDir
    Path directory;

    private final List<String> found = new ArrayList<>();

    @Test
    void shouldKeepIdsAndTextsInTheTopicTheyCameIn() throws Exception {
        try (Installation installation =
                new Installation(directory, NAMESPACE, Installation.AS_RECORDED + CHOICES, TARGETS)) {
            String source = ShuffledLog.topic(NAMESPACE);
            ShuffledLog.createTopic(installation, 1);
            Files.writeString(directory.resolve("people.key"), "0123456789abcdef0123456789abcdef");
            Files.writeString(
                    installation.streamsConfig(),
                    Files.readString(installation.streamsConfig()) + """
                    pseudonyms: {key-file: people.key}
                    kinds: {viewer: {text-buckets: 64}}
                    sources:
                      - {topic: %s, format: json, rekey: true, mapping: {kind: viewer, id: who, context: room, text: text,
                         time: {column: at, unit: iso8601}, type: {column: what}, numbers: {gift_value: paid}}}
                    """.formatted(source));
            Files.writeString(
                    installation.trainerConfig(),
                    Files.readString(installation.trainerConfig()) + "kinds: {viewer: {text-buckets: 64}}\n");
            try (AppProcess app = AppProcess.start(installation, directory, "app");
                    AppProcess trainer = AppProcess.trainer(installation, directory, "trainer")) {
                send(installation, source);
                await().atMost(Installation.PATIENCE).untilAsserted(() -> {
                    app.assertAlive();
                    trainer.assertAlive();
                    assertThat(count(installation, NAMESPACE + ".dead-letters")).isEqualTo(5);
                    assertThat(count(installation, NAMESPACE + ".models")).isPositive();
                });
                for (String page : List.of("/metrics", "/model", "/ready", "/health")) {
                    look(page, Probe.get(app.port(), page).body());
                }
                look("the report", installation.report(null).toString());
                app.leave();
                trainer.leave();
                look("the app's log", app.said());
                look("the trainer's log", trainer.said());
            }
            assertThat(count(installation, NAMESPACE + ".learner-state")).isPositive();
            assertThat(TRACES.inTopics(installation)).containsOnlyKeys(source);
            assertThat(TRACES.inFiles(directory.resolve("state-app"))).isEmpty();
            assertThat(found).isEmpty();
            assertThat(count(installation, NAMESPACE + ".predictions")).isPositive();
            assertThat(count(installation, NAMESPACE + ".viewer-choice-examples"))
                    .isEqualTo(EVENTS / TYPES.size());
        }
    }

    private static void send(Installation installation, String source) {
        Instant at = Instant.parse("2026-03-01T12:00:00Z");
        for (int i = 0; i < EVENTS; i++) {
            String who = MARK + i % 9;
            at = at.plusSeconds(2);
            send(installation, source, who, at.toString(), TYPES.get(i % TYPES.size()), i % 50 == 7 ? who : "1");
        }
        send(installation, source, MARK + "x".repeat(5_000), at.toString(), "CHAT", "1");
        send(installation, source, MARK + 1, MARK + "noon", "CHAT", "1");
        send(installation, source, MARK + 1, at.minusSeconds(600).toString(), "CHAT", "1");
        installation.sendRaw(source, 0, bytes(MARK + 1), bytes(MARK + "no JSON"));
        installation.sendRaw(source, 0, bytes(MARK + 1), bytes("{\"at\": \"" + MARK + "\"}"));
        installation.flush();
    }

    private static void send(
            Installation installation, String source, String who, String at, String what, String paid) {
        installation.sendRaw(
                source,
                0,
                bytes(who),
                bytes(
                        "{\"room\":\"room-1\",\"who\":\"%s\",\"at\":\"%s\",\"what\":\"%s\",\"text\":\"%stext\",\"paid\":\"%s\"}"
                                .formatted(who, at, what, MARK, paid)));
    }

    private void look(String where, String text) {
        TRACES.in(where, text).ifPresent(found::add);
    }

    private static long count(Installation installation, String topic) {
        long[] count = {0};
        TopicScan.scan(installation.client(), topic, TopicPositions.beginning(), record -> count[0]++);
        return count[0];
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
