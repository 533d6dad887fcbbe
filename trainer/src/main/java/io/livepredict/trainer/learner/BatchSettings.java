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

    /** 128 examples, or a second's. */
    public static BatchSettings defaults() {
        return new BatchSettings(128, 1_000);
    }
}
