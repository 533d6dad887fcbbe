package io.livepredict.deploy.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.livepredict.avro.Prediction;
import io.livepredict.cli.CommandFrame;
import io.livepredict.contract.CanonicalEventBuilder;
import io.livepredict.contract.Kind;
import io.livepredict.contract.Topic;
import io.livepredict.deploy.report.TopicPositions;
import io.livepredict.deploy.report.TopicScan;
import io.livepredict.streams.cli.Main;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** People are forgotten by command, through a kill: nothing of them stays in any state, and the others are as they were. */
class ErasureIT {
    private static final String MEANING = """
            kinds: {viewer: {looks: [5m, 1h]}}
            targets:
              - {name: leave-10m, kind: viewer, any-of: [LEAVE], within: 10m, predict-on: [JOIN, CHAT, LOOK], snapshot-on: [JOIN, CHAT]}
            """;
    private static final String STREAMS = """
            erasures: true
            time: {grace: 2s, idle-after: 2s}
            alerts: [{name: going, target: leave-10m, raise-at: 0.001, clear-below: 0.0001}]
            """;
    private static final int PEOPLE = 12;
    private static final int EVENTS = 5;

    @TempDir
    Path directory;

    private record Outcome(int code, String words) {}

    private static Outcome command(Installation installation, String... arguments) {
        StringWriter out = new StringWriter();
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--config", installation.streamsConfig().toString()));
        CommandLine line = CommandFrame.of(Main.commandLine(Map.of()))
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(out, true));
        int code = line.execute(all.toArray(String[]::new));
        return new Outcome(code, out.toString());
    }

    private static void watch(Installation installation, String viewer, String round, long from) {
        for (int i = 0; i < EVENTS; i++) {
            installation.send(
                    installation.topics().events(Kind.VIEWER),
                    viewer,
                    CanonicalEventBuilder.builder()
                            .eventId(viewer + round + i)
                            .entityId(viewer)
                            .contextId("room")
                            .timeMillis(from + i)
                            .type(i == 0 ? "JOIN" : "CHAT")
                            .numbers(Map.of())
                            .attributes(Map.of())
                            .text("hello")
                            .build());
        }
    }

    private static String forgotten(int i) {
        return "forget-me-" + i;
    }

    private static String kept(int i) {
        return "keep-me-" + i;
    }

    private static Map<String, Set<String>> predictedEvents(Installation installation) {
        Map<String, Set<String>> events = new TreeMap<>();
        Topic<String, Prediction> topic = installation.topics().predictions();
        TopicScan.scan(installation.client(), topic.name(), TopicPositions.beginning(), record -> {
            Prediction prediction = topic.value().deserializer().deserialize(topic.name(), record.value());
            assertThat(events.computeIfAbsent(prediction.getEntityId(), id -> new TreeSet<>())
                            .add(prediction.getEventId()))
                    .as("twice " + prediction)
                    .isTrue();
        });
        return events;
    }

    /** Of all changelogs the keys whose last value is there, as text. */
    private static List<String> state(Installation installation) {
        Map<String, String> last = new TreeMap<>();
        String prefix = installation.streams().applicationId();
        for (String topic : installation.topicNames()) {
            if (topic.startsWith(prefix) && topic.endsWith("-changelog")) {
                TopicScan.scan(installation.client(), topic, TopicPositions.beginning(), record -> {
                    String key = topic + record.partition() + new String(record.key(), StandardCharsets.ISO_8859_1);
                    if (record.value() == null) {
                        last.remove(key);
                    } else {
                        last.put(key, key + new String(record.value(), StandardCharsets.ISO_8859_1));
                    }
                });
            }
        }
        return List.copyOf(last.values());
    }

    @Test
    void shouldLeaveNothingOfThoseWhoAreForgottenAndAllOfTheOthers() throws Exception {
        try (Installation installation = new Installation(directory, "erased", STREAMS, MEANING)) {
            Outcome topics = command(installation, "topics", "--create");
            assertThat(topics.code()).as(topics.words()).isZero();
            long now = System.currentTimeMillis();
            try (AppProcess app = AppProcess.start(installation, directory, "a")) {
                app.awaitRunning();
                for (int i = 0; i < PEOPLE; i++) {
                    watch(installation, forgotten(i), "first", now - 1_000);
                    watch(installation, kept(i), "first", now - 1_000);
                }
                installation.flush();
                await().atMost(Installation.PATIENCE)
                        .until(() -> predictedEvents(installation).size() == 2 * PEOPLE);
                assertThat(state(installation)).anyMatch(entry -> entry.contains("forget-me-"));

                Path receipt = directory.resolve("receipt.md");
                Outcome first = command(installation, "erase", "viewer", forgotten(0), "--receipt", receipt.toString());
                assertThat(first.code()).as(first.words()).isZero();
                assertThat(first.words())
                        .contains("viewer-activity", "viewer-open", "viewer-pending")
                        .contains("erased.predictions", "erased.streams-viewer-pending-changelog");
                assertThat(Files.readString(receipt))
                        .contains("| viewer-activity | 1 |")
                        .doesNotContain("forget-me");

                // The others while the app is killed: requests stay, and are carried out once it is back.
                CompletableFuture<List<Outcome>> others = CompletableFuture.supplyAsync(() -> {
                    List<Outcome> outcomes = new ArrayList<>();
                    for (int i = 1; i < PEOPLE; i++) {
                        outcomes.add(command(installation, "erase", "viewer", forgotten(i)));
                    }
                    return outcomes;
                });
                app.kill();
                app.restart();
                assertThat(others.get())
                        .allSatisfy(outcome ->
                                assertThat(outcome.code()).as(outcome.words()).isZero());
                Outcome again = command(installation, "erase", "viewer", forgotten(1));
                assertThat(again.words()).contains("Nothing was known of this id.");

                assertThat(state(installation)).noneMatch(entry -> entry.contains("forget-me-"));
                assertThat(state(installation)).anyMatch(entry -> entry.contains("keep-me-"));
                watch(installation, kept(0), "second", System.currentTimeMillis());
                watch(installation, forgotten(0), "second", System.currentTimeMillis());
                installation.flush();
                await().atMost(Installation.PATIENCE)
                        .untilAsserted(() -> assertThat(predictedEvents(installation))
                                .hasEntrySatisfying(
                                        forgotten(0),
                                        events -> assertThat(events).hasSize(2 * EVENTS))
                                .hasEntrySatisfying(
                                        kept(0), events -> assertThat(events).hasSize(2 * EVENTS)));
            }
            assertThat(predictedEvents(installation)).hasSize(2 * PEOPLE);
        }
    }
}
