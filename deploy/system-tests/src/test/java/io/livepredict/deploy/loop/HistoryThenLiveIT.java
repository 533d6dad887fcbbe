package io.livepredict.deploy.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.livepredict.avro.LabelledExample;
import io.livepredict.avro.Prediction;
import io.livepredict.avro.TargetLabel;
import io.livepredict.contract.CanonicalEvent;
import io.livepredict.contract.Kind;
import io.livepredict.contract.Topic;
import io.livepredict.deploy.backtest.Backtest;
import io.livepredict.deploy.backtest.BacktestConfig;
import io.livepredict.deploy.load.HistoryLoad;
import io.livepredict.deploy.load.Loader;
import io.livepredict.deploy.replay.Recording;
import io.livepredict.deploy.report.TopicPositions;
import io.livepredict.deploy.report.TopicScan;
import io.livepredict.settings.KindSettings;
import io.livepredict.settings.TargetSettings;
import io.livepredict.settings.YamlFile;
import io.livepredict.streams.mapping.MappingSettings;
import io.livepredict.streams.metrics.Metric;
import io.livepredict.streams.wiring.StreamsApp;
import io.livepredict.topics.TopicSetup;
import io.livepredict.trainer.evaluation.ExactMetrics;
import io.livepredict.trainer.wiring.TrainerApp;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The first months of a log are loaded, by loads that are stopped twice, and the rest is live, with a clock that goes with
 * it: what is served live is as good as in a backtest of the whole log. With {@code -Dplays=FILE} (a CSV of {@code
 * ts,player,score}, seconds, over 16 months) a log of your own, otherwise a made-up one.
 */
@Tag("soak")
class HistoryThenLiveIT {
    private static final Duration HISTORY = Duration.ofDays(365);
    private static final int CHUNK = 500;
    private static final String MAPPING = "{kind: player, time: {column: ts, unit: seconds}, id: player,"
            + " type: {always: MATCH_END}, numbers: {score: score}}";
    private static final String MEANING = """
            kinds: {player: {numbers: {score: [sum, mean, last]}}}
            targets:
              - {name: quit-24h, kind: player, none-of: [MATCH_END], within: 24h, snapshot-on: [MATCH_END], at-most-every: 0s}
              - {name: quit-10d, kind: player, none-of: [MATCH_END], within: 10d, snapshot-on: [MATCH_END], at-most-every: 0s}
            """;

    @TempDir
    Path directory;

    private record Scored(double score, double label, long asOfMillis) {}

    /** The log, moved so that it ends now. */
    private Path log() throws IOException {
        String given = System.getProperty("plays");
        List<String> plays = given == null ? madeUp() : read(Path.of(given));
        long last = Long.parseLong(plays.getLast().split(",", 2)[0]);
        long shift = System.currentTimeMillis() / 1000 - 60 - last;
        List<String> rows = new ArrayList<>(List.of("ts,player,score"));
        for (String play : plays) {
            String[] cells = play.split(",", 2);
            rows.add(Long.parseLong(cells[0]) + shift + "," + cells[1]);
        }
        return Files.write(directory.resolve("plays.csv"), rows);
    }

    private static List<String> read(Path file) {
        List<String> plays = new ArrayList<>();
        try (Recording recording = new Recording(file, mapping(), Long.MAX_VALUE)) {
            for (Recording.Recorded next = recording.next(); next != null; next = recording.next()) {
                CanonicalEvent event = next.event();
                plays.add(event.timeMillis() / 1000 + "," + event.entityId() + ","
                        + event.numbers().getOrDefault("score", 0.0));
            }
        }
        return plays;
    }

    /** Players who play in runs that end the likelier the worse they score. */
    private static List<String> madeUp() {
        Random random = new Random(11);
        List<long[]> plays = new ArrayList<>();
        long days = 480;
        for (int player = 0; player < 4_000; player++) {
            long second = (long) (random.nextDouble() * days * 86_400);
            double skill = random.nextGaussian();
            while (second < days * 86_400) {
                long score = Math.round(20 + 10 * skill + 5 * random.nextGaussian());
                plays.add(new long[] {second, player, score});
                double quits = 1 / (1 + Math.exp(1 + skill));
                second += random.nextDouble() < quits
                        ? (long) (86_400 * 20 * (0.2 - Math.log(random.nextDouble())))
                        : (long) (-3_600 * Math.log(random.nextDouble())) + 60;
            }
        }
        plays.sort((a, b) -> Long.compare(a[0], b[0]));
        return plays.stream()
                .map(play -> play[0] + ",p" + play[1] + "," + play[2])
                .toList();
    }

    private static MappingSettings mapping() {
        return YamlFile.parse(MAPPING, "mapping", MappingSettings.class);
    }

    @Test
    void shouldServeLiveAfterItsHistoryWhatABacktestServes() throws Exception {
        Path log = log();
        List<CanonicalEvent> live = new ArrayList<>();
        Instant liveFrom;
        try (Recording recording = new Recording(log, mapping(), Long.MAX_VALUE)) {
            Recording.Recorded next = Objects.requireNonNull(recording.next());
            liveFrom = Instant.ofEpochMilli(next.event().timeMillis()).plus(HISTORY);
            for (; next != null; next = recording.next()) {
                if (next.event().timeMillis() >= liveFrom.toEpochMilli()) {
                    live.add(next.event());
                }
            }
        }
        AtomicLong clock = new AtomicLong(liveFrom.toEpochMilli());
        String time = "time: {grace: 5s, live-from: \"" + liveFrom + "\"}\n";
        Map<String, List<Scored>> served;
        try (Installation installation = new Installation(directory, "then-live", time, MEANING)) {
            TopicSetup.ensure(
                    installation.kafka(), List.of(installation.topics().loads()), 1);
            keepForEver(installation);
            try (StreamsApp app = StreamsApp.start(installation.streams(), clock::get);
                    TrainerApp trainer = TrainerApp.start(installation.trainer())) {
                long loaded = load(installation, log, clock);
                await().atMost(Installation.PATIENCE)
                        .until(() -> app.activeVersions().getOrDefault(Kind.PLAYER, 0L) > 0);
                for (int at = 0; at < live.size(); at += CHUNK) {
                    List<CanonicalEvent> chunk = live.subList(at, Math.min(live.size(), at + CHUNK));
                    Topic<String, CanonicalEvent> events = installation.topics().events(Kind.PLAYER);
                    for (CanonicalEvent event : chunk) {
                        installation.sendAt(event.timeMillis(), events, event.entityId(), event);
                    }
                    clock.set(chunk.getLast().timeMillis());
                    installation.flush();
                    awaitLearned(installation, trainer);
                }
                JsonNode report = installation.report(app);
                System.out.println("loaded " + loaded + ", live " + live.size() + ": " + report.at("/predictions_check")
                        + ", examples doubled " + report.at("/examples_doubled") + ", dead letters "
                        + report.at("/events/dead_lettered"));
                assertThat(report.at("/predictions_check/withheld/history").asLong())
                        .isEqualTo(loaded * 2);
                assertThat(report.at("/predictions_check/missing").asLong()).isZero();
                assertThat(report.at("/predictions_check/doubled").asLong()).isZero();
                assertThat(report.at("/examples_doubled").asLong()).isZero();
                assertThat(app.metrics().by(Metric.CONTEXT_LOOKUPS, "outcome")).doesNotContainKey("missing");
                assertThat(versions(installation)).hasSize(live.size() * 2).allMatch(version -> version > 0);
                served = examples(installation);
            }
        }
        compare(log, served, liveFrom.toEpochMilli());
    }

    /** Loads the log in three runs, the first two of which are stopped on the way. */
    private static long load(Installation installation, Path log, AtomicLong clock) {
        Loader loader = new Loader(installation.streams(), installation.registry(), clock::get);
        AtomicLong sent = new AtomicLong();
        HistoryLoad.Listener listener = new HistoryLoad.Listener() {
            @Override
            public void loading(double share, long all, long taken) {
                sent.set(all);
                clock.incrementAndGet();
            }

            @Override
            public void waiting(String forWhat) {
                clock.incrementAndGet(); // what is read is compared with a clock that goes on
            }
        };
        HistoryLoad.@Nullable Result result = null;
        for (long until : new long[] {10_000, 40_000, Long.MAX_VALUE}) {
            try (Loader.Log opened = loader.open(log, mapping(), null)) {
                result = loader.run(opened, loader.ahead(10_000), () -> sent.get() >= until, listener);
            }
            assertThat(result.finished()).isEqualTo(until == Long.MAX_VALUE);
        }
        return Objects.requireNonNull(result).sent();
    }

    private static void awaitLearned(Installation installation, TrainerApp trainer) {
        await().atMost(Installation.PATIENCE).until(installation::isAllScored);
        String examples = installation.topics().labelledExamples(Kind.PLAYER).name();
        long end = installation.ends().offsets().entrySet().stream()
                .filter(each -> each.getKey().topic().equals(examples))
                .mapToLong(Map.Entry::getValue)
                .sum();
        // The last offsets of a partition may be markers of transactions, which nobody takes in.
        await().pollInterval(Duration.ofMillis(50))
                .atMost(Duration.ofSeconds(20))
                .until(() -> trainer.trainers().stream()
                                .flatMap(each -> each.positions().values().stream())
                                .mapToLong(Long::longValue)
                                .sum()
                        >= end - 2 * Installation.PARTITIONS);
    }

    private static void keepForEver(Installation installation) throws Exception {
        try (Admin admin = Admin.create(installation.client())) {
            Map<ConfigResource, Collection<AlterConfigOp>> changes = new HashMap<>();
            for (Topic<?, ?> topic : List.of(
                    installation.topics().events(Kind.PLAYER),
                    installation.topics().predictions(),
                    installation.topics().labelledExamples(Kind.PLAYER))) {
                changes.put(
                        new ConfigResource(ConfigResource.Type.TOPIC, topic.name()),
                        List.of(new AlterConfigOp(new ConfigEntry("retention.ms", "-1"), AlterConfigOp.OpType.SET)));
            }
            admin.incrementalAlterConfigs(changes).all().get();
        }
    }

    private static List<Long> versions(Installation installation) {
        Topic<String, Prediction> topic = installation.topics().predictions();
        List<Long> versions = new ArrayList<>();
        TopicScan.scan(
                installation.client(),
                topic.name(),
                TopicPositions.beginning(),
                each -> versions.add(topic.value()
                        .deserializer()
                        .deserialize(topic.name(), each.value())
                        .getModelVersion()));
        return versions;
    }

    private static Map<String, List<Scored>> examples(Installation installation) {
        Topic<String, LabelledExample> topic = installation.topics().labelledExamples(Kind.PLAYER);
        Map<String, List<Scored>> scored = new HashMap<>();
        TopicScan.scan(installation.client(), topic.name(), TopicPositions.beginning(), each -> {
            LabelledExample example = topic.value().deserializer().deserialize(topic.name(), each.value());
            for (TargetLabel label : example.getLabels()) {
                scored.computeIfAbsent(label.getTarget(), name -> new ArrayList<>())
                        .add(new Scored(label.getServedScore(), label.getLabel(), example.getAsOf()));
            }
        });
        return scored;
    }

    private static void compare(Path log, Map<String, List<Scored>> served, long liveFromMillis) {
        try (Recording recording = new Recording(log, mapping(), Long.MAX_VALUE);
                Backtest backtest = new Backtest(
                        BacktestConfig.defaults(),
                        mapping(),
                        YamlFile.parse(MEANING, "meaning", Meaning.class).targets())) {
            for (Recording.Recorded next = recording.next(); next != null; next = recording.next()) {
                backtest.accept(next.event());
            }
            backtest.tracks().forEach((target, track) -> {
                double[] scores = track.served();
                double[] labels = track.labels();
                long[] asOf = track.asOfMillis();
                List<Scored> tested = new ArrayList<>();
                for (int i = 0; i < scores.length; i++) {
                    tested.add(new Scored(scores[i], labels[i], asOf[i]));
                }
                List<Scored> all = served.getOrDefault(target, List.of());
                double live = auc(all, liveFromMillis);
                double wanted = auc(tested, liveFromMillis);
                System.out.println(target + ": labels " + all.size() + " live, " + tested.size()
                        + " in the backtest; AUC of the" + " live part " + live + ", of the backtest's " + wanted);
                assertThat(Math.abs(all.size() - tested.size())).as(target).isLessThan(CHUNK);
                assertThat(live).as(target).isCloseTo(wanted, within(0.001));
            });
        }
    }

    private static double auc(List<Scored> scored, long fromMillis) {
        List<Scored> chosen =
                scored.stream().filter(each -> each.asOfMillis() >= fromMillis).toList();
        return ExactMetrics.auc(
                chosen.stream().mapToDouble(Scored::score).toArray(),
                chosen.stream().mapToDouble(Scored::label).toArray());
    }

    /** Kinds and targets as they stand in the configuration. */
    record Meaning(Map<Kind, KindSettings> kinds, List<TargetSettings> targets) {}
}
