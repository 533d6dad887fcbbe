package io.livepredict.trainer.family;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class AverageWatchTest {
    private final SplittableRandom random = new SplittableRandom(7);

    @Test
    void shouldLetAnAverageBeThatPredictsBetter() {
        int restarts = 0;
        AverageWatch watch = new AverageWatch(400);
        for (int i = 0; i < 100_000; i++) {
            restarts += add(watch, -0.5) ? 1 : 0;
        }
        assertThat(restarts).isZero();
    }

    @Test
    void shouldRarelyMistakeChanceForALag() {
        int restarts = 0;
        AverageWatch watch = new AverageWatch(400);
        for (int i = 0; i < 100_000; i++) {
            restarts += add(watch, 0) ? 1 : 0;
        }
        // As good as each other, over 2,000 spans of fifty batches: nothing is lost by a restart then.
        assertThat(restarts).isBetween(1, 150);
    }

    @Test
    void shouldNoticeALagWithinItsSpan() {
        AverageWatch watch = new AverageWatch(400);
        for (int i = 0; i < 1_000; i++) {
            assertThat(add(watch, -0.5)).isFalse();
        }
        int needed = 1;
        while (!add(watch, 2)) {
            needed++;
        }
        assertThat(needed).isBetween(5, 50);
        assertThat(watch.seen).containsOnly(0);
    }

    @Test
    void shouldDecideNothingBeforeItHasSeenItsSpan() {
        AverageWatch watch = new AverageWatch(400);
        for (int i = 0; i < 49; i++) {
            assertThat(add(watch, 10)).isFalse();
        }
        assertThat(add(watch, 10)).isTrue();
    }

    @Test
    void shouldTakeNoEvidenceFromALearnerThatDiverged() {
        AverageWatch watch = new AverageWatch(400);
        add(watch, -1);
        float[] before = watch.seen.clone();
        assertThat(watch.add(Float.NaN, 1)).isFalse();
        assertThat(watch.add(1, Float.POSITIVE_INFINITY)).isFalse();
        assertThat(watch.seen).containsExactly(before);
    }

    private boolean add(AverageWatch watch, double meanGain) {
        return watch.add((float) (1 + meanGain + random.nextDouble(-1, 1)), 1);
    }
}
