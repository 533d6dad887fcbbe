package io.livepredict.trainer.publish;

/**
 * When a new version is published: as soon as either has passed since the last one.
 *
 * @param everyMillis time; 0 for not by time
 * @param everyExamples examples learned from; 0 for not by examples
 * @param bytesPerSecond byte budget: the time between versions stretches to the last one's size over this
 */
public record PublishSettings(long everyMillis, long everyExamples, long bytesPerSecond) {
    public PublishSettings {
        if (everyMillis < 0 || everyExamples < 0 || everyMillis + everyExamples == 0) {
            throw new IllegalArgumentException("publish by time, by examples or by both; got every " + everyMillis
                    + " ms and every " + everyExamples + " examples");
        }
        if (bytesPerSecond < 1) {
            throw new IllegalArgumentException("bytes-per-second must be at least 1, got " + bytesPerSecond);
        }
    }

    /** Every second, at most 1 MB per second. */
    public static PublishSettings defaults() {
        return new PublishSettings(1_000, 0, 1_000_000);
    }

    /** Whether it is time. */
    public boolean isDue(long sinceMillis, long sinceExamples, long lastBytes) {
        boolean byTime = everyMillis > 0 && sinceMillis >= everyMillis;
        boolean byExamples = everyExamples > 0 && sinceExamples >= everyExamples;
        return (byTime || byExamples) && sinceMillis * (double) bytesPerSecond >= lastBytes * 1000.0;
    }
}
