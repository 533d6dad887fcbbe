package io.livepredict.trainer.learner;

/**
 * What learners learn from once more in their spare time.
 *
 * @param batches how many batches of examples that were learned from before follow each new one; 0 for none
 * @param snapshots how many of the newest snapshots are kept for that, with all of their labels that are known
 */
public record ReplaySettings(int batches, int snapshots) {
    public ReplaySettings {
        if (batches < 0 || batches > 16) {
            throw new IllegalArgumentException("batches must be in 0..16, got " + batches);
        }
        if (snapshots < 1 || snapshots > 1 << 24) {
            throw new IllegalArgumentException("snapshots must be in 1..16777216, got " + snapshots);
        }
    }

    /** One batch from the newest 65,536 snapshots. */
    public static ReplaySettings defaults() {
        return new ReplaySettings(1, 1 << 16);
    }
}
