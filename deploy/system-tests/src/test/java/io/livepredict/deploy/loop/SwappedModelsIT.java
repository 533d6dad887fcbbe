package io.livepredict.deploy.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import io.livepredict.avro.LabelledExample;
import io.livepredict.avro.Prediction;
import io.livepredict.avro.TargetLabel;
import io.livepredict.contract.Kind;
import io.livepredict.contract.Target;
import io.livepredict.contract.Topic;
import io.livepredict.deploy.report.TopicPositions;
import io.livepredict.deploy.report.TopicScan;
import io.livepredict.model.ModelPacker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Model after model swapped in while predictions are made at a steady rate: each is served, each prediction has the score
 * that the version it names gives, and none is lost or doubled.
 */
class SwappedModelsIT {
    /** Every event is logged, so that each prediction's vector is known, and its labels are decided soon. */
    private static final String MEANING = """
            kinds:
              viewer: {numbers: {gift_value: [sum], visible_share: [mean, last]}}
              player: {numbers: {score: [mean, last]}}
            targets:
              - {name: leave-1s, kind: viewer, any-of: [LEAVE], within: 1s, at-most-every: 0s}
              - {name: gifts-1s, kind: viewer, sum-of: {number: gift_value, over: [GIFT]}, within: 1s, at-most-every: 0s}
              - {name: quit-1s, kind: player, any-of: [LOGOUT], within: 1s, anywhere: true, at-most-every: 0s}
            """;

    private static final double EVENTS_PER_SECOND = 80;
    /** From so many on a version's scores are far from its opposite's on average. */
    private static final int ENOUGH_SCORES = 4;

    @TempDir
    Path directory;

    @Test
    void shouldServeEachOfFiftyModelsUnderLoadAndLoseAndDoubleNothing() throws Exception {
        run("swapped", 50, 50, 100);
    }

    @Test
    @Tag("soak")
    void shouldServeEachOfFiveHundredModelsUnderLoadAndLoseAndDoubleNothing() throws Exception {
        run("swapped-often", 500, 50, 1_500);
    }

    /**
     * @param stretch after so many versions as many predictions as in {@code calm} are made without a swap
     */
    private void run(String namespace, int versions, int stretch, int calm) throws Exception {
        try (Installation installation = new Installation(directory, namespace, Installation.AS_RECORDED, MEANING);
                DistinctModels viewers = new DistinctModels(installation, Kind.VIEWER);
                DistinctModels players = new DistinctModels(installation, Kind.PLAYER);
                DistinctModels.Publisher publisher = new DistinctModels.Publisher(installation);
                AppProcess app = AppProcess.start(installation, directory, "app")) {
            app.awaitRunning();
            try (SteadyLoad load = SteadyLoad.start(installation, 3, EVENTS_PER_SECOND, 1);
                    PredictionTap tap = new PredictionTap(installation, load)) {
                List<Resident> memory = swap(versions, stretch, calm, tap, app, version -> {
                    List<ModelPacker.Entry> entries = new ArrayList<>(viewers.version(version));
                    entries.addAll(players.version(version));
                    publisher.publish(entries);
                });
                // Until what the last models scored is logged: then so is nearly all before it, however quick the swaps
                // were.
                await().atMost(Installation.PATIENCE)
                        .until(() -> scoredBy(installation, Kind.VIEWER).containsKey((long) versions)
                                && scoredBy(installation, Kind.PLAYER).containsKey((long) versions));
                int sent = load.stop().size();
                await().atMost(Installation.PATIENCE).until(installation::isAllScored);
                app.leave();

                Answers answers = new Answers(installation);
                answers.assertExactAndInOrder();
                WholeLoopIT.assertExact(installation.report(null));
                Map<String, Prediction> predictions = answers.predictions();
                int checked = assertScoredByTheVersionNamed(installation, viewers, predictions)
                        + assertScoredByTheVersionNamed(installation, players, predictions);
                // All but the last few seconds' are logged by now.
                assertThat(checked).isGreaterThan(predictions.size() / 2);
                System.out.println(versions + " models swapped in under " + sent + " events: " + predictions.size()
                        + " predictions, " + checked + " recomputed; " + tap.summary() + "; "
                        + slope(memory, versions));
            }
        }
    }

    private interface Publication {
        void publish(long version) throws Exception;
    }

    /** The app's resident bytes after so many versions and so long. */
    private record Resident(long version, double seconds, double bytes) {
        static Resident of(long version, long beganNanos, AppProcess app) throws IOException {
            return new Resident(version, (System.nanoTime() - beganNanos) / 1e9, residentBytes(app.pid()));
        }
    }

    /** Publishes a version as soon as the one before has been served. */
    private static List<Resident> swap(
            int versions, int stretch, int calm, PredictionTap tap, AppProcess app, Publication publication)
            throws Exception {
        List<Resident> memory = new ArrayList<>();
        long began = System.nanoTime();
        await().atMost(Installation.PATIENCE).until(() -> tap.count() > calm);
        for (int version = 1; version <= versions; version++) {
            publication.publish(version);
            long wanted = version;
            // The first ones are for the app to get warm.
            tap.phase(version <= versions / 10 ? PredictionTap.Phase.WARMING : PredictionTap.Phase.SWAPPING);
            await().atMost(Installation.PATIENCE)
                    .pollInterval(Duration.ofMillis(5))
                    .until(() -> tap.served(Kind.VIEWER, wanted) && tap.served(Kind.PLAYER, wanted));
            memory.add(Resident.of(version, began, app));
            if (version % stretch == 0) {
                long until = tap.count() + calm;
                tap.phase(PredictionTap.Phase.CALM);
                await().atMost(Installation.PATIENCE).until(() -> tap.count() >= until);
                memory.add(Resident.of(version, began, app));
            }
        }
        app.assertAlive();
        return memory;
    }

    /** Recomputes logged rows with the bytes of the version that their predictions name. Returns how many scores. */
    private static int assertScoredByTheVersionNamed(
            Installation installation, DistinctModels models, Map<String, Prediction> predictions) throws Exception {
        Map<Long, List<LabelledExample>> byVersion =
                scoredBy(installation, models.targets().get(0).kind());
        int checked = 0;
        for (Map.Entry<Long, List<LabelledExample>> entry : byVersion.entrySet()) {
            long version = entry.getKey();
            if (version == 0) {
                continue;
            }
            float[] scores = models.scores(version, entry.getValue());
            long opposite = models.oppositeOf(version);
            float[] former = opposite > 0 ? models.scores(opposite, entry.getValue()) : null;
            double changed = 0;
            double off = 0;
            int n = 0;
            for (int row = 0; row < entry.getValue().size(); row++) {
                LabelledExample example = entry.getValue().get(row);
                for (TargetLabel label : example.getLabels()) {
                    int t = indexOf(models.targets(), label.getTarget());
                    float score = scores[row * models.targets().size() + t];
                    Prediction prediction =
                            Objects.requireNonNull(predictions.get(example.getEventId() + ' ' + label.getTarget()));
                    assertThat(prediction.getModelVersion()).isEqualTo(version);
                    assertThat(prediction.getModelHash()).isEqualTo(example.getModelHash());
                    assertThat(prediction.getScore()).isEqualTo(label.getServedScore());
                    assertThat(prediction.getScore())
                            .as("%s version %d", label.getTarget(), version)
                            .isCloseTo(score, within(1e-4 * Math.max(1, Math.abs(score))));
                    off += Math.abs(prediction.getScore() - score);
                    changed += former == null
                            ? 0
                            : Math.abs(score - former[row * models.targets().size() + t]);
                    n++;
                }
            }
            if (former != null) {
                assertThat(changed)
                        .as("scores of version %d are nearer to its own than to the opposite's", version)
                        .isGreaterThanOrEqualTo(off);
                // One or two scores may happen to be where both say nearly the same.
                assertThat(n < ENOUGH_SCORES ? 1 : changed / n)
                        .as("the %d scores of version %d are others", n, version)
                        .isGreaterThan(0.001);
            }
            checked += n;
        }
        return checked;
    }

    /** What is logged so far, by the version that scored it. */
    private static Map<Long, List<LabelledExample>> scoredBy(Installation installation, Kind kind) {
        Map<Long, List<LabelledExample>> byVersion = new TreeMap<>();
        Topic<String, LabelledExample> topic = installation.topics().labelledExamples(kind);
        TopicScan.scan(installation.client(), topic.name(), TopicPositions.beginning(), each -> {
            LabelledExample example = topic.value().deserializer().deserialize(topic.name(), each.value());
            byVersion
                    .computeIfAbsent(example.getModelVersion(), v -> new ArrayList<>())
                    .add(example);
        });
        return byVersion;
    }

    private static int indexOf(List<Target> targets, String name) {
        for (int t = 0; t < targets.size(); t++) {
            if (targets.get(t).name().equals(name)) {
                return t;
            }
        }
        throw new AssertionError("no target " + name);
    }

    /** Resident memory of a process, where the system tells it; otherwise 0. */
    private static long residentBytes(long pid) throws IOException {
        Path status = Path.of("/proc", Long.toString(pid), "status");
        if (!Files.exists(status)) {
            return 0;
        }
        return Files.readAllLines(status).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElse(0);
    }

    /**
     * Least squares over the last four fifths of the versions, bytes = a + b · version + c · seconds: stores and heap grow with
     * time under load whether models are swapped or not, and the calm stretches tell the two apart.
     */
    private static String slope(List<Resident> memory, int versions) {
        List<Resident> last =
                memory.stream().filter(at -> at.version > versions / 5).toList();
        double version = mean(last, Resident::version);
        double seconds = mean(last, Resident::seconds);
        double bytes = mean(last, Resident::bytes);
        double vv = mean(last, at -> (at.version - version) * (at.version - version));
        double ss = mean(last, at -> (at.seconds - seconds) * (at.seconds - seconds));
        double vs = mean(last, at -> (at.version - version) * (at.seconds - seconds));
        double vb = mean(last, at -> (at.version - version) * (at.bytes - bytes));
        double sb = mean(last, at -> (at.seconds - seconds) * (at.bytes - bytes));
        double determinant = vv * ss - vs * vs;
        return String.format(
                Locale.ROOT,
                "resident memory over the last %d versions: mean %.1f MB, from %.1f to %.1f; %.1f KB a version, and %.1f KB a"
                        + " second whatever is swapped (with time left out: %.1f KB a version)",
                versions - versions / 5,
                bytes / 1e6,
                last.getFirst().bytes / 1e6,
                last.getLast().bytes / 1e6,
                (vb * ss - sb * vs) / determinant / 1e3,
                (sb * vv - vb * vs) / determinant / 1e3,
                vb / vv / 1e3);
    }

    private static double mean(List<Resident> memory, ToDoubleFunction<Resident> of) {
        return memory.stream().mapToDouble(of).average().orElse(Double.NaN);
    }
}
