package io.livepredict.trainer.learner;

/**
 * When a checkpoint is written: as soon as either has passed since the last one and something was learned.
 *
 * @param everyMillis time by the wall clock
 * @param everyExamples examples learned from
 * @param bytesPerSecond byte budget: the time between checkpoints stretches to the last one's size over this
 */
public record CheckpointSettings(long everyMillis, long everyExamples, long bytesPerSecond) {
    public CheckpointSettings {
        if (everyMillis < 1 || everyExamples < 1 || bytesPerSecond < 1) {
            throw new IllegalArgumentException("checkpoint every " + everyMillis + " ms, every " + everyExamples
                    + " examples, " + bytesPerSecond + " bytes per second: all must be positive");
        }
    }

    /** Every 30 s or 200,000 examples, at most 2 MB per second. */
    public static CheckpointSettings defaults() {
        return new CheckpointSettings(30_000, 200_000, 2_000_000);
    }

    boolean isDue(long sinceMillis, long sinceExamples, long lastBytes) {
        return (sinceMillis >= everyMillis || sinceExamples >= everyExamples)
                && sinceMillis * (double) bytesPerSecond >= lastBytes * 1000.0;
    }
}
