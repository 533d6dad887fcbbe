package io.livepredict.deploy.replay;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PaceTest {
    private final Pipeline pipeline = new Pipeline();
    private final Pace pace = new Pace(pipeline, 100);

    @Test
    void shouldNotGetFurtherAheadThanAllowedOfWhatWasScoredLearnedAndActivated() {
        assertThat(pace.maySend(99)).isTrue();
        assertThat(pace.maySend(100)).isFalse();
        pipeline.consumed = 100;
        pipeline.emitted = 10;
        assertThat(pace.maySend(100)).as("not yet learned").isFalse();
        pipeline.learned = 10;
        pipeline.active = false;
        assertThat(pace.maySend(100)).as("not yet activated").isFalse();
        pipeline.active = true;
        assertThat(pace.maySend(100)).isTrue();
        assertThat(pace.maySend(149)).isTrue();
    }

    @Test
    void shouldWaitOnlyForExamplesThatWereThereWhenTheEventsHadBeenScored() {
        pipeline.consumed = 100;
        pipeline.emitted = 10;
        assertThat(pace.maySend(100)).isFalse();
        pipeline.emitted = 20;
        pipeline.learned = 10;
        assertThat(pace.maySend(100)).isTrue();
    }

    @Test
    void shouldBeDoneWhenEverythingHasComeAllTheWay() {
        pipeline.consumed = 30;
        assertThat(pace.isDone(40)).isFalse();
        pipeline.consumed = 40;
        assertThat(pace.isDone(40)).isTrue();
        assertThat(new Pace(pipeline, 1).isDone(0)).isTrue();
    }

    private static final class Pipeline implements Downstream {
        private long consumed;
        private long emitted;
        private long learned;
        private boolean active = true;

        @Override
        public long eventsConsumed() {
            return consumed;
        }

        @Override
        public long examplesEmitted() {
            return emitted;
        }

        @Override
        public long examplesConsumed() {
            return learned;
        }

        @Override
        public boolean newestModelsActive() {
            return active;
        }
    }
}
