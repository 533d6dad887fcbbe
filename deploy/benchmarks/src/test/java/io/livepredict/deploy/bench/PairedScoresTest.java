package io.livepredict.deploy.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.livepredict.trainer.evaluation.ExactMetrics;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PairedScoresTest {
    private static final int ROWS = 2_000;

    /** Labels, scores near them, and the first scorer's with some more noise. */
    private static double[][] drawn(SplittableRandom random) {
        double[][] drawn = new double[3][ROWS];
        for (int i = 0; i < ROWS; i++) {
            double p = random.nextDouble();
            drawn[0][i] = random.nextDouble() < p ? 1 : 0;
            drawn[1][i] = Math.round(p * 50) / 50.0;
            drawn[2][i] = Math.clamp(p + 0.2 * (random.nextDouble() - 0.5), 0.01, 0.99);
        }
        return drawn;
    }

    @Test
    void shouldDifferByWhatTheMetricsOfEachDiffer() {
        double[][] drawn = drawn(new SplittableRandom(1));
        PairedScores ahead = PairedScores.of(drawn[1], drawn[2], drawn[0]);
        assertThat(ahead.auc())
                .isCloseTo(ExactMetrics.auc(drawn[1], drawn[0]) - ExactMetrics.auc(drawn[2], drawn[0]), within(1e-9));
        assertThat(PairedScores.of(drawn[1], drawn[1], drawn[0])).isEqualTo(new PairedScores(0, 0, 0, 0));
    }

    /** The spread over many draws is what the error says of one, and is far below that of unpaired scores. */
    @Test
    void shouldSayHowFarChanceCarriesTheDifference() {
        double[] differences = new double[200];
        double error = 0;
        SplittableRandom random = new SplittableRandom(2);
        for (int i = 0; i < differences.length; i++) {
            double[][] drawn = drawn(random);
            PairedScores ahead = PairedScores.of(drawn[1], drawn[2], drawn[0]);
            differences[i] = ahead.auc();
            error += ahead.aucError() / differences.length;
        }
        double mean = Arrays.stream(differences).average().orElseThrow();
        double spread = Math.sqrt(
                Arrays.stream(differences).map(d -> (d - mean) * (d - mean)).sum() / (differences.length - 1));
        assertThat(error / spread).isBetween(0.8, 1.25);
        assertThat(error).isLessThan(0.5 * ExactMetrics.aucError(0.8, drawn(random)[0]));
    }

    @Test
    void shouldTrainOnWhatWasKnownOnly() {
        assertThat(OwnFeatures.known(new long[] {1, 5, 5, 9}, 5)).isEqualTo(3);
        assertThat(OwnFeatures.known(new long[] {1, 5, 5, 9}, 0)).isZero();
    }
}
