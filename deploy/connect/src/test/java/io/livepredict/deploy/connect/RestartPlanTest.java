package io.livepredict.deploy.connect;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RestartPlanTest {
    private static final int LOOKS_A_SECOND = 10;

    private Instant now = Instant.EPOCH;
    private final RestartPlan plan = new RestartPlan(() -> now, new Random(7));

    @Test
    void shouldWaitLongerAndLongerButNeverMoreThanAMinute() {
        List<Duration> waits = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            waits.add(untilRestart());
        }

        double expected = 1;
        for (Duration wait : waits) {
            assertThat(wait.toMillis() / 1000.0).isBetween(expected / 2, expected + 1.0 / LOOKS_A_SECOND);
            expected = Math.min(60, 2 * expected);
        }
        assertThat(waits.subList(6, 12)).as("chance").doesNotHaveDuplicates();
        assertThat(plan.tries()).isEqualTo(12);
    }

    @Test
    void shouldNotRestartWhatRuns() {
        for (int i = 0; i < 100; i++) {
            now = now.plusSeconds(1);
            assertThat(plan.isDue(false)).isFalse();
        }
        assertThat(plan.hasRecovered()).isFalse();
    }

    @Test
    void shouldStartAgainFromAShortWaitOnceAllHasBeenWellForAWhile() {
        for (int i = 0; i < 8; i++) {
            untilRestart();
        }
        plan.isDue(false);
        now = now.plusSeconds(119);
        plan.isDue(false);
        assertThat(plan.hasRecovered()).isFalse();
        now = now.plusSeconds(1);
        assertThat(plan.hasRecovered()).isTrue();
        assertThat(plan.hasRecovered()).isFalse();

        assertThat(untilRestart()).isLessThanOrEqualTo(Duration.ofMillis(1100));
    }

    @Test
    void shouldKeepItsLongWaitWhenItRunsOnlyForAMoment() {
        for (int i = 0; i < 8; i++) {
            untilRestart();
        }
        plan.isDue(false);
        now = now.plusSeconds(10);

        assertThat(untilRestart()).isGreaterThanOrEqualTo(Duration.ofSeconds(30));
    }

    private Duration untilRestart() {
        Instant from = now;
        while (!plan.isDue(true)) {
            now = now.plusMillis(1000 / LOOKS_A_SECOND);
        }
        return Duration.between(from, now);
    }
}
