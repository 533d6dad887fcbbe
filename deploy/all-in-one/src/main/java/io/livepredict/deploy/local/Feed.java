package io.livepredict.deploy.local;

import io.livepredict.deploy.replay.Recording;
import io.livepredict.deploy.replay.Replayer;
import io.livepredict.deploy.simulator.AlertFollower;
import io.livepredict.deploy.simulator.SimulatorProducer;
import org.jspecify.annotations.Nullable;

/** Where events come from. */
sealed interface Feed extends AutoCloseable {
    long sent();

    @Nullable
    Exception failure();

    /** Whether the source is exhausted. */
    boolean isEnded();

    @Override
    void close();

    /** @param actor acts on alerts */
    record Simulated(SimulatorProducer producer, AlertFollower actor) implements Feed {
        @Override
        public long sent() {
            return producer.sent();
        }

        @Override
        public @Nullable Exception failure() {
            return producer.failure();
        }

        @Override
        public boolean isEnded() {
            return false;
        }

        @Override
        public void close() {
            actor.close();
            producer.close();
        }
    }

    record Replayed(Recording recording, Replayer replayer) implements Feed {
        @Override
        public long sent() {
            return replayer.sent();
        }

        @Override
        public @Nullable Exception failure() {
            return replayer.failure();
        }

        @Override
        public boolean isEnded() {
            return replayer.isEnded();
        }

        @Override
        public void close() {
            replayer.close();
        }
    }
}
