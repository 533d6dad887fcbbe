package io.livepredict.deploy.console.series;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class ScoredWindowTest {
    private static final double NONE = Double.NaN;

    @Test
    void shouldGiveTheLossOfWhatWasServedBesideThatOfTheBaseRateAndTheOracle() {
        ScoredWindow window = new ScoredWindow();
        window.add(0.8, 1, 0.9);
        window.add(0.4, 0, 0.1);

        ScoredWindow.Quality quality = window.quality();

        assertThat(quality.served()).isCloseTo(-(Math.log(0.8) + Math.log(0.6)) / 2, within(1e-12));
        assertThat(quality.base()).isCloseTo(Math.log(2), within(1e-12));
        assertThat(quality.oracle()).isCloseTo(-Math.log(0.9), within(1e-12));
        assertThat(quality.auc()).isEqualTo(1);
    }

    @Test
    void shouldHaveNoOracleWhereItSaidNothingOfOneOfTheLabels() {
        ScoredWindow window = new ScoredWindow();
        window.add(0.8, 1, 0.9);
        window.add(0.4, 0, NONE);
        assertThat(window.quality().oracle()).isNaN();
    }

    @Test
    void shouldCountPairsForTheAreaUnderTheCurve() {
        Random random = new Random(7);
        ScoredWindow window = new ScoredWindow();
        double[] scores = new double[400];
        int[] labels = new int[400];
        for (int i = 0; i < scores.length; i++) {
            scores[i] = random.nextInt(20) / 20.0; // many are equal
            labels[i] = random.nextDouble() < scores[i] ? 1 : 0;
            window.add(scores[i], labels[i], NONE);
        }
        double won = 0;
        double pairs = 0;
        for (int i = 0; i < scores.length; i++) {
            for (int j = 0; j < scores.length; j++) {
                if (labels[i] == 1 && labels[j] == 0) {
                    pairs++;
                    won += scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0;
                }
            }
        }
        assertThat(window.quality().auc()).isCloseTo(won / pairs, within(1e-9));
    }

    @Test
    void shouldBeAboutTheLastLabelsOnly() {
        ScoredWindow window = new ScoredWindow();
        for (int i = 0; i < 5 * ScoredWindow.LABELS; i++) {
            window.add(0.01, 1, NONE);
        }
        for (int i = 0; i < ScoredWindow.LABELS; i++) {
            window.add(0.25, i % 4 == 0 ? 1 : 0, NONE);
        }
        ScoredWindow.Quality quality = window.quality();
        assertThat(quality.n()).isEqualTo(ScoredWindow.LABELS);
        assertThat(quality.rate()).isEqualTo(0.25);
        assertThat(quality.calibrationError()).isCloseTo(0, within(1e-9));
        assertThat(quality.bins()).hasSize(1);
    }

    @Test
    void shouldTakeASumForWhatItIs() {
        ScoredWindow window = new ScoredWindow();
        window.add(2, 5, NONE);
        window.add(1, 0, NONE);
        ScoredWindow.Quality quality = window.quality();
        assertThat(quality.binary()).isFalse();
        assertThat(quality.served()).isEqualTo((9 + 1) / 2.0);
        assertThat(quality.base()).isEqualTo(6.25);
        assertThat(quality.auc()).isNaN();
    }
}
