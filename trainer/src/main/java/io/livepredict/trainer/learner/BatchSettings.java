package io.livepredict.trainer.learner;

/**
 * How mini-batches are formed: by offset, so that a run can be repeated.
 *
 * @param size examples in a full batch
 * @param spanMillis a batch also closes when an example's record timestamp is this much after its first one's; 0 for never
 */
public record BatchSettings(int size, long spanMillis) {
    public BatchSettings {
        if (size < 1 || size > 1 << 16) {
            throw new IllegalArgumentException("batch size must be in 1..65536, got " + size);
        }
        if (spanMillis < 0) {
            throw new IllegalArgumentException("batch span must not be negative, got " + spanMillis);
        }
    }

    /** 64 examples, or a second's: smaller learns more from each example, larger is cheaper (RATIONALE.md). */
    public static BatchSettings defaults() {
        return new BatchSettings(64, 1_000);
    }
}
