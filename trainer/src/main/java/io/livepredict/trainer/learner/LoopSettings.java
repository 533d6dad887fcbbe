package io.livepredict.trainer.learner;

import io.livepredict.contract.Kind;
import io.livepredict.trainer.publish.RetentionPolicy;

/**
 * How the loop of a {@link KindTrainer} runs.
 *
 * @param kind what is learned
 * @param closeAfterMillis by the wall clock, how long the first example of an open batch waits at most; 0 for never
 * @param reproducible whether the data alone decides: versions are dated and their cadence is measured by record
 *     timestamps
 * @param checkpoint when
 * @param retention of versions
 * @param fresh whether a saved state is passed over
 */
public record LoopSettings(
        Kind kind,
        long closeAfterMillis,
        boolean reproducible,
        CheckpointSettings checkpoint,
        RetentionPolicy retention,
        boolean fresh) {
    public LoopSettings {
        if (closeAfterMillis < 0) {
            throw new IllegalArgumentException("close-after must not be negative, got " + closeAfterMillis);
        }
        if (reproducible && closeAfterMillis > 0) {
            throw new IllegalArgumentException(
                    "close-after must be 0 when reproducible: a batch closed by the clock depends on the clock");
        }
    }
}
