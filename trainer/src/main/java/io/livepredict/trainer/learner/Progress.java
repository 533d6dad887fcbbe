package io.livepredict.trainer.learner;

import io.livepredict.trainer.publish.TrainingProgress;
import java.util.TreeMap;

/** How far a kind has been learned: part of the saved state, and changed by trained batches only. */
final class Progress {
    /** Partition to the next offset to be learned from. */
    final TreeMap<Integer, Long> offsets = new TreeMap<>();

    /** Examples learned from. */
    long examples;

    /** Batches trained. */
    long batches;

    /** emitted_at of the newest example learned from; 0 for none. */
    long lastEmittedAt;

    /** How often features or targets changed. */
    long migrations;

    /** As of now. */
    TrainingProgress snapshot() {
        return new TrainingProgress(offsets, examples, lastEmittedAt);
    }

    /** Counts a batch that was trained. */
    void add(OpenBatch batch) {
        examples += batch.rows().size;
        batches++;
        lastEmittedAt = Math.max(lastEmittedAt, batch.lastEmittedAt());
        offsets.putAll(batch.nextOffsets());
    }
}
