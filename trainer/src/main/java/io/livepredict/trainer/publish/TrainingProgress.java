package io.livepredict.trainer.publish;

import java.util.Map;

/**
 * How far learning had come at a version or a drift.
 *
 * @param offsets partition to the offset after the last example learned from
 * @param examples learned from
 * @param lastEmittedAt emitted_at of the newest of them, in epoch milliseconds; 0 for none
 */
public record TrainingProgress(Map<Integer, Long> offsets, long examples, long lastEmittedAt) {
    public TrainingProgress {
        offsets = Map.copyOf(offsets);
    }
}
