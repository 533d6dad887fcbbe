package io.livepredict.trainer.learner;

import static org.assertj.core.api.Assertions.assertThat;

import io.livepredict.trainer.learner.KindTrainer.Phase;
import org.junit.jupiter.api.Test;

/** Ready is only who does what is asked for. */
class StandingTest {
    private long nanos;
    private final Standing standing = new Standing(() -> nanos);

    @Test
    void shouldNotBeReadyWhileItsThreadHangsOrIsGone() {
        assertThat(standing.readiness(true).ready()).isFalse();
        standing.enter(Phase.RUNNING, "running");
        standing.turn("writes a checkpoint");
        nanos += 20_000_000_000L;
        assertThat(standing.readiness(true).ready()).isTrue();
        nanos += 1_000_000_000L;
        assertThat(standing.readiness(true))
                .isEqualTo(new Readiness(false, "has hung for 21 s while it writes a checkpoint"));
        assertThat(standing.readiness(false))
                .isEqualTo(new Readiness(false, "its thread is gone; restart the trainer"));
        standing.turn("reads examples");
        assertThat(standing.readiness(true)).isEqualTo(new Readiness(true, "running"));
        standing.enter(Phase.WAITING, "waits for Kafka");
        assertThat(standing.readiness(true)).isEqualTo(new Readiness(false, "waits for Kafka"));
    }
}
