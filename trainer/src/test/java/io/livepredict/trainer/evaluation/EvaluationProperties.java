package io.livepredict.trainer.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import io.livepredict.contract.Kind;
import io.livepredict.contract.KindDefinition;
import io.livepredict.contract.Target;
import io.livepredict.settings.TargetSettings;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class EvaluationProperties {
    static Target target(String name) {
        return TargetSettings.builder(name, Kind.VIEWER, Duration.ofSeconds(30))
                .anyOf(List.of("LEAVE"))
                .prior(0.2)
                .build()
                .target(KindDefinition.defaults(Kind.VIEWER));
    }

    /** Every pair of a positive and a negative, one by one. */
    private static double naiveAuc(double[] scores, double[] labels) {
        double right = 0;
        double pairs = 0;
        for (int i = 0; i < scores.length; i++) {
            for (int j = 0; j < scores.length; j++) {
                if (labels[i] > 0.5 && labels[j] < 0.5) {
                    pairs++;
                    right += (float) scores[i] > (float) scores[j]
                            ? 1
                            : (float) scores[i] == (float) scores[j] ? 0.5 : 0;
                }
            }
        }
        return right / pairs;
    }

    /** Share of the pairs of a positive and a negative whose logits differ by less than a bin. */
    private static double shareOfClosePairs(double[] scores, double[] labels) {
        double close = 0;
        double pairs = 0;
        for (int i = 0; i < scores.length; i++) {
            for (int j = 0; j < scores.length; j++) {
                if (labels[i] > 0.5 && labels[j] < 0.5) {
                    pairs++;
                    close += Math.abs(logit(scores[i]) - logit(scores[j])) < 1 / 16.0 ? 1 : 0;
                }
            }
        }
        return close / pairs;
    }

    private static double logit(double p) {
        return Math.log(p) - Math.log1p(-p);
    }

    @Property(tries = 200)
    void shouldGiveTheSameAucByRanksAsByPairs(@ForAll long seed, @ForAll @IntRange(min = 1, max = 60) int n) {
        Random random = new Random(seed);
        double[] scores = new double[n];
        double[] labels = new double[n];
        for (int i = 0; i < n; i++) {
            scores[i] = random.nextBoolean() ? random.nextInt(4) / 4.0 - 0.5 : random.nextGaussian();
            labels[i] = random.nextInt(2);
        }
        double expected = naiveAuc(scores, labels);
        if (Double.isNaN(expected)) {
            assertThat(ExactMetrics.auc(scores, labels)).isNaN();
        } else {
            assertThat(ExactMetrics.auc(scores, labels)).isCloseTo(expected, offset(1e-12));
        }
    }

    @Property(tries = 50)
    void shouldMeasureTheWindowAndTheFadingPastAsANaiveRecountDoes(
            @ForAll long seed, @ForAll @IntRange(min = 10, max = 700) int n) {
        EvaluationSettings settings = new EvaluationSettings(0.97, 100, 4, 16);
        PrequentialTable table = new PrequentialTable(List.of(target("a")), List.of("one"), settings);
        Random random = new Random(seed);
        float[][] scores = {new float[1]};
        double[] allScores = new double[n];
        double[] allLabels = new double[n];
        for (int i = 0; i < n; i++) {
            double logit = random.nextGaussian() * 2;
            scores[0][0] = (float) (1 / (1 + Math.exp(-logit)));
            float label = random.nextDouble() < scores[0][0] ? 1 : 0;
            allScores[i] = scores[0][0];
            allLabels[i] = label;
            table.add(
                    random.nextInt(5),
                    i,
                    scores,
                    0,
                    new float[] {label},
                    new float[] {1},
                    new float[] {0.2f},
                    new boolean[] {true});
        }

        // The window: blocks of 25 rows, the newest maybe not full, the three before it.
        int inNewest = (n - 1) % 25 + 1;
        int from = Math.max(0, n - inNewest - 75);
        double[] recentScores = java.util.Arrays.copyOfRange(allScores, from, n);
        double[] recentLabels = java.util.Arrays.copyOfRange(allLabels, from, n);
        PrequentialTable.Line line = table.lines().get(0);
        assertThat(line.scorer()).isEqualTo("one");
        Metrics recent = line.windowed();
        assertThat(recent.examples()).isEqualTo(n - from);
        assertThat(recent.loss()).isCloseTo(ExactMetrics.logLoss(recentScores, recentLabels), offset(1e-9));
        assertThat(recent.brier()).isCloseTo(ExactMetrics.brier(recentScores, recentLabels), offset(1e-9));
        assertThat(recent.calibrationError())
                .isCloseTo(ExactMetrics.calibrationError(recentScores, recentLabels), offset(1e-9));
        double auc = ExactMetrics.auc(recentScores, recentLabels);
        if (Double.isNaN(auc)) {
            assertThat(recent.auc()).isNaN();
        } else {
            // A pair in one bin counts half, whichever way round it is.
            assertThat(recent.auc()).isCloseTo(auc, offset(0.5 * shareOfClosePairs(recentScores, recentLabels) + 1e-9));
        }

        double weight = 0;
        double loss = 0;
        for (int i = 0; i < n; i++) {
            double w = Math.pow(0.97, n - 1 - i);
            weight += w;
            loss += w * MetricSums.loss(true, allScores[i], allLabels[i]);
        }
        assertThat(line.fading().examples()).isCloseTo(weight, offset(1e-6));
        assertThat(line.fading().loss()).isCloseTo(loss / weight, offset(1e-9));
        assertThat(table.againstServed(0).labels()).isEqualTo(n - from);
    }

    @Property(tries = 20)
    void shouldBeTheSameTableAfterWritingAndReading(@ForAll long seed) throws IOException {
        EvaluationSettings settings = new EvaluationSettings(0.9, 50, 5, 8);
        List<Target> targets = List.of(target("a"), target("b"));
        PrequentialTable table = new PrequentialTable(targets, List.of("one", "two"), settings);
        Random random = new Random(seed);
        fill(table, random, 333);
        byte[] bytes = bytes(table);
        PrequentialTable copy = new PrequentialTable(targets, List.of("one", "two"), settings);
        copy.read(new DataInputStream(new ByteArrayInputStream(bytes)));
        assertThat(bytes(copy)).isEqualTo(bytes);
        fill(table, new Random(seed + 1), 100);
        fill(copy, new Random(seed + 1), 100);
        assertThat(bytes(copy)).isEqualTo(bytes(table));
    }

    private static void fill(PrequentialTable table, Random random, int rows) {
        for (int i = 0; i < rows; i++) {
            float[][] scores = {
                {random.nextFloat(), random.nextFloat()},
                {random.nextFloat(), random.nextFloat()}
            };
            table.add(
                    random.nextLong(),
                    i,
                    scores,
                    0,
                    new float[] {random.nextInt(2), random.nextInt(2)},
                    new float[] {random.nextInt(2), random.nextInt(2)},
                    new float[] {random.nextFloat(), random.nextFloat()},
                    new boolean[] {random.nextBoolean(), random.nextBoolean()});
        }
    }

    private static byte[] bytes(PrequentialTable table) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        table.write(new DataOutputStream(bytes));
        return bytes.toByteArray();
    }

    @Property(tries = 20)
    void shouldPredictAnEntitysOutcomeFromItsLast(@ForAll long seed) {
        EvaluationSettings settings = new EvaluationSettings(0.999, 1_000, 5, 1024);
        PrequentialTable table = new PrequentialTable(List.of(target("a")), List.of("half"), settings);
        Random random = new Random(seed);
        for (int i = 0; i < 3_000; i++) {
            long entity = random.nextInt(40);
            // Half the entities always do it, the others never.
            float label = entity % 2;
            table.add(
                    entity * 0x9e3779b97f4a7c15L,
                    40_000L * i,
                    new float[][] {{0.5f}},
                    0,
                    new float[] {label},
                    new float[] {1},
                    new float[] {0.5f},
                    new boolean[1]);
        }
        PrequentialTable.Line previous = table.lines().get(3);
        assertThat(previous.scorer()).isEqualTo(PrequentialTable.PREVIOUS_OUTCOME);
        assertThat(previous.windowed().loss()).isLessThan(0.1);
        assertThat(table.lines().get(2).windowed().loss()).isBetween(0.6, 0.75);
        assertThat(table.againstServed(0).labels()).isZero();
    }

    @Property(tries = 20)
    void shouldNotUseAPreviousOutcomeThatWasNotKnownYet(@ForAll long seed) {
        EvaluationSettings settings = new EvaluationSettings(0.999, 1_000, 5, 1024);
        PrequentialTable table = new PrequentialTable(List.of(target("a")), List.of("half"), settings);
        Random random = new Random(seed);
        // A coin of its own every 30 s, seen by snapshots each second: within the horizon of 30 s labels repeat, beyond
        // they
        // tell nothing.
        float label = 0;
        for (int i = 0; i < 9_000; i++) {
            if (i % 30 == 0) {
                label = random.nextInt(2);
            }
            table.add(
                    1L << 33,
                    1_000L * i,
                    new float[][] {{0.5f}},
                    0,
                    new float[] {label},
                    new float[] {1},
                    new float[] {0.5f},
                    new boolean[1]);
        }
        assertThat(table.lines().get(3).fading().loss()).isBetween(0.6, 0.8);
    }
}
