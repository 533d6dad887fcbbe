package io.livepredict.deploy.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.livepredict.avro.LabelledExample;
import io.livepredict.cli.CommandFrame;
import io.livepredict.contract.FeatureVector;
import io.livepredict.contract.Kind;
import io.livepredict.contract.ModelManifest;
import io.livepredict.deploy.local.EmbeddedBroker;
import io.livepredict.model.ModelCollector;
import io.livepredict.model.RefusedException;
import io.livepredict.streams.cli.Main;
import io.livepredict.streams.wiring.StreamsApp;
import io.livepredict.topics.TopicReader;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/**
 * Marked people under pseudonyms, half of whom are erased by command and by topic while the app is killed. Then nothing of
 * them is in any topic, changelog, file or model, and what is said of the others is byte for byte what an installation says
 * of them in which nobody is erased. Both serve the same pinned model, so that what the trainer learns moves no score.
 */
class ErasureIT {
    private static final int PEOPLE = 6;
    private static final String KEY = "0123456789abcdef0123456789abcdef";
    private static final String MEANING = """
            kinds: {viewer: {text-buckets: 64, looks: [20s, 5m]}}
            targets:
              - {name: chat-30s, kind: viewer, any-of: [CHAT], within: 30s, predict-on: [JOIN, CHAT, LOOK], snapshot-on: [JOIN, CHAT, LOOK]}
            """;
    /** Rows would depend in the last digit on those scored with them, which are others after a kill. */
    private static final String CONFIGURATION = Installation.AS_RECORDED + """
            score: {batch-size: 1}
            erasures: true
            topics: {compaction-lag: 1s, segment: 1s}
            predictions: {layout: both}
            outlook: {present-for: 30s}
            alerts: [{name: chatty, target: chat-30s, raise-at: 0.000001, clear-below: 0.0000001, clear-after: 10m}]
            streams:
              main.consumer.session.timeout.ms: "2000"
              main.consumer.heartbeat.interval.ms: "500"
              producer.transaction.timeout.ms: "5000"
              repartition.purge.interval.ms: "500"
              topic.delete.retention.ms: "500"
            """;

    private static final String SOURCE = """
            pseudonyms: {key-file: people.key}
            sources:
              - {topic: %s, format: json, rekey: true, mapping: {kind: viewer, id: who, context: room, text: text,
                 event-id: id, time: {column: at, unit: millis}, type: {column: what}}}
            """;

    @TempDir
    Path directory;

    private record Outcome(int code, String words) {}

    private static Outcome erase(Installation installation, String viewer) {
        StringWriter out = new StringWriter();
        CommandLine line = CommandFrame.of(Main.commandLine(Map.of()))
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(out, true));
        int code = line.execute(
                "erase",
                "viewer",
                viewer,
                "--config",
                installation.streamsConfig().toString());
        return new Outcome(code, out.toString());
    }

    @Test
    void shouldLeaveNothingOfThoseWhoAreForgottenAndAllOfTheOthers() throws Exception {
        forget(1);
    }

    @Test
    @Tag("soak")
    void shouldForgetThroughThirtyKills() throws Exception {
        forget(30);
    }

    private void forget(int kills) throws Exception {
        EmbeddedBroker.Options options = EmbeddedBroker.Options.throwaway()
                .with("group.min.session.timeout.ms", "1000")
                .with("transaction.abort.timed.out.transaction.cleanup.interval.ms", "500")
                // What is due is done within a second, and not within minutes.
                .with("log.initial.task.delay.ms", "500")
                .with("log.cleaner.backoff.ms", "500")
                .with("log.retention.check.interval.ms", "500");
        try (EmbeddedBroker broker = EmbeddedBroker.start(options);
                Installation erased = installation(broker, "erased");
                Installation untouched = installation(broker, "untouched");
                DistinctModels models = pinned(erased);
                DistinctModels same = pinned(untouched);
                AppProcess app = AppProcess.start(erased, directory, "app");
                StreamsApp other = StreamsApp.start(untouched.streams());
                AppProcess trainer = AppProcess.trainer(erased, directory, "trainer")) {
            assertThat(models.targets()).isEqualTo(same.targets());
            MarkedCrowd crowd = new MarkedCrowd(List.of(erased, untouched));
            Requests requests = new Requests(erased, crowd);
            long seed = Long.getLong("livepredict.kill.seed", System.nanoTime());
            SplittableRandom random = new SplittableRandom(seed);
            for (int round = 0; round < kills; round++) {
                List<String> gone = crowd.come("forget", kills == 1 ? PEOPLE : 2);
                List<String> stay = crowd.come("keep", kills == 1 ? PEOPLE : 2);
                crowd.chat(gone, stay);
                await().atMost(Installation.PATIENCE).until(() -> {
                    app.assertAlive();
                    return crowd.predicted(erased).containsAll(crowd.pseudonyms(gone));
                });
                if (round == 0) {
                    await().atMost(Installation.PATIENCE).until(() -> {
                        trainer.assertAlive();
                        return versions(erased).versions("viewer").size() >= 3; // learned from all of them
                    });
                    requests.rememberVectors();
                }
                requests.send(gone);
                TimeUnit.MILLISECONDS.sleep(kills == 1 ? 0 : random.nextInt(1_500)); // any moment may be the worst
                app.kill();
                crowd.chat(List.of(gone.getFirst()), stay); // what comes from before the request brings nobody back
                app.restart();
                requests.awaitAnswers();
            }
            crowd.end();
            await().atMost(Installation.PATIENCE).untilAsserted(() -> {
                app.assertAlive();
                assertThat(other.failure()).isEmpty();
                assertThat(crowd.saidOfTheOthers(untouched))
                        .hasSizeGreaterThan(100)
                        .allSatisfy((what, times) -> assertThat(times).as(what).isEqualTo(1));
                assertThat(crowd.saidOfTheOthers(erased)).isEqualTo(crowd.saidOfTheOthers(untouched));
            });
            System.out.println(kills + " kills by seed " + seed + ": " + requests + ", "
                    + crowd.saidOfTheOthers(erased).size() + " records about the others as without");
            assertThat(requests.alertsCleared()).isEqualTo(requests.people());
            requests.assertInNoModel();

            crowd.endRetention(erased);
            Traces traces = new Traces(crowd.traces("forget"));
            await().atMost(Installation.PATIENCE)
                    .pollInterval(Duration.ofMillis(300))
                    .untilAsserted(() -> {
                        crowd.chatOn(
                                erased); // files end, and so can be compacted, when something is written behind them
                        assertThat(traces.inTopics(erased)).containsOnlyKeys(MarkedCrowd.source(erased));
                    });
            trainer.leave();
            app.leave();
            await().atMost(Installation.PATIENCE).untilAsserted(() -> {
                app.restart();
                await().atMost(Installation.PATIENCE).until(() -> app.trouble().isEmpty());
                app.leave();
                assertThat(traces.inFiles(directory.resolve("state-app"))).isEmpty();
            });
            for (AppProcess each : List.of(app, trainer)) {
                assertThat(traces.in("log", each.said())).isEmpty();
            }
            Traces others = new Traces(crowd.traces("keep"));
            assertThat(others.inFiles(directory.resolve("state-app"))).isNotEmpty();
            assertThat(others.inTopics(erased).keySet())
                    .contains("erased.streams-viewer-activity-changelog", "erased.streams-viewer-open-changelog");

            assertRefusedWithAnotherKey(erased);
        }
    }

    private Installation installation(EmbeddedBroker broker, String name) throws Exception {
        Path own = Files.createDirectories(directory.resolve(name));
        Files.writeString(own.resolve("people.key"), KEY);
        Installation installation = new Installation(
                new Installation.Place(
                        broker.bootstrapServers(), Servers.shared().registry(), Installation.PARTITIONS),
                own,
                name,
                CONFIGURATION + SOURCE.formatted(name + ".own-events"),
                MEANING);
        ShuffledLog.createTopic(installation, MarkedCrowd.source(installation), 1);
        return installation;
    }

    private static DistinctModels pinned(Installation installation) throws Exception {
        DistinctModels models = new DistinctModels(installation, Kind.VIEWER);
        try (DistinctModels.Publisher publisher = new DistinctModels.Publisher(installation)) {
            publisher.publish(models.version(1, true));
        }
        return models;
    }

    private static ModelCollector versions(Installation installation) {
        ModelCollector collector = new ModelCollector(installation.verifier(), Set.of("viewer"));
        TopicReader.readToEnd(
                installation.kafka().consumer("erasure-test"),
                installation.topics().models(),
                collector::accept);
        return collector;
    }

    private void assertRefusedWithAnotherKey(Installation installation) throws Exception {
        Files.writeString(installation.streamsConfig().resolveSibling("people.key"), KEY.replace('0', 'f'));
        try (AppProcess stranger = AppProcess.start(installation, directory, "stranger")) {
            stranger.awaitEnd();
            assertThat(stranger.said())
                    .contains(
                            "pseudonyms: the key that counts now", "another one", "--group erased.streams-pseudonyms");
        }
    }

    /** Who is to be forgotten, half of them by command and half by a record, and what comes of it. */
    private static final class Requests {
        private final Installation installation;
        private final MarkedCrowd crowd;
        private final Set<String> ids = new HashSet<>();
        private final Set<List<Float>> vectors = new HashSet<>();
        private final List<CompletableFuture<Outcome>> commands = new ArrayList<>();
        private int expected;

        Requests(Installation installation, MarkedCrowd crowd) {
            this.installation = installation;
            this.crowd = crowd;
        }

        int people() {
            return ids.size();
        }

        void send(List<String> people) {
            ids.addAll(people);
            for (int i = 0; i < people.size(); i++) {
                String id = people.get(i);
                if (i % 2 == 0) {
                    commands.add(CompletableFuture.supplyAsync(() -> erase(installation, id)));
                    expected += 2; // for the pseudonym and the id
                } else {
                    crowd.request(installation, id);
                    expected++;
                }
            }
            installation.flush();
        }

        void awaitAnswers() {
            for (CompletableFuture<Outcome> command : commands) {
                Outcome outcome = command.join();
                assertThat(outcome.code()).as(outcome.words()).isZero();
                assertThat(outcome.words()).contains("erased.streams-viewer-pending-changelog");
            }
            commands.clear();
            await().atMost(Installation.PATIENCE)
                    .untilAsserted(
                            () -> assertThat(crowd.answered(installation)).isEqualTo(expected));
            Outcome again = erase(installation, ids.iterator().next());
            expected += 2;
            assertThat(again.words()).contains("Nothing was known of this id.").doesNotContain("| 1 |");
        }

        long alertsCleared() {
            Set<String> cleared = new TreeSet<>();
            MarkedCrowd.each(installation, installation.topics().alerts(), alert -> {
                if (alert.getCause().equals("erased")) {
                    cleared.add(alert.getEntityId());
                }
            });
            assertThat(cleared).isEqualTo(new TreeSet<>(crowd.pseudonyms(ids)));
            return cleared.size();
        }

        /** Notes the inputs of everything that was learned until now. */
        void rememberVectors() {
            MarkedCrowd.each(installation, installation.topics().labelledExamples(Kind.VIEWER), this::remember);
            assertThat(vectors).isNotEmpty();
        }

        private void remember(LabelledExample example) {
            float[] dense = new float[example.getDense().remaining() / Float.BYTES];
            FeatureVector.read(example.getDense(), dense);
            vectors.add(floats(dense));
        }

        private static List<Float> floats(float[] values) {
            List<Float> floats = new ArrayList<>();
            for (float value : values) {
                floats.add(value);
            }
            return floats;
        }

        /** Manifests hold nobody's row. Ids are looked for in the bytes of all topics. */
        void assertInNoModel() throws RefusedException {
            ModelCollector models = versions(installation);
            Set<Long> learned = models.versions("viewer").stream()
                    .filter(version -> version > 1)
                    .collect(Collectors.toSet());
            assertThat(learned).isNotEmpty();
            for (long version : learned) {
                ModelManifest manifest = models.manifest("viewer", version);
                assertThat(manifest.golden()).isNotEmpty();
                assertThat(manifest.golden()).noneMatch(row -> vectors.contains(floats(row.dense())));
            }
        }

        @Override
        public String toString() {
            return ids.size() + " people erased, " + expected + " requests answered by every task";
        }
    }
}
