package io.livepredict.trainer.publish;

/**
 * When a new version is published: as soon as either time or examples have passed since the last one and there is news. News is
 * what was learned from {@code newsExamples} examples; while fewer than ten times as many have been learned from, from
 * one in ten, because the first examples change a model most; and after an hour, from any.
 *
 * @param everyMillis time; 0 for not by time
 * @param everyExamples examples learned from; 0 for not by examples
 * @param newsExamples examples that make a model worth publishing; 0 for any
 * @param bytesPerSecond byte budget: the time between versions stretches to the last one's size over this
 */
public record PublishSettings(long everyMillis, long everyExamples, long newsExamples, long bytesPerSecond) {
    private static final long NEWS_SHARE = 10;
    private static final long LONGEST_MILLIS = 3_600_000;
    private static final long LEAST_MILLIS = 1_000;

    public PublishSettings {
        if (everyMillis < 0 || everyExamples < 0 || everyMillis + everyExamples == 0) {
            throw new IllegalArgumentException("publish by time, by examples or by both; got every " + everyMillis
                    + " ms and every " + everyExamples + " examples");
        }
        if (newsExamples < 0) {
            throw new IllegalArgumentException("news-examples must not be negative, got " + newsExamples);
        }
        if (bytesPerSecond < 1) {
            throw new IllegalArgumentException("bytes-per-second must be at least 1, got " + bytesPerSecond);
        }
    }

    /** Every second in which there is news, at most 1 MB per second. */
    public static PublishSettings defaults() {
        return new PublishSettings(1_000, 0, 64, 1_000_000);
    }

    /**
     * Whether it is time. A model that has learned from twice as many examples as the one before is not kept waiting for longer
     * than a second: the first ones are the worst.
     *
     * @param examples learned from
     * @param sinceExamples of them, after the last try
     */
    public boolean isDue(long sinceMillis, long examples, long sinceExamples, long lastBytes) {
        boolean byTime = everyMillis > 0 && sinceMillis >= everyMillis;
        boolean byExamples = everyExamples > 0 && sinceExamples >= everyExamples;
        boolean doubled = 2 * sinceExamples >= examples && sinceMillis >= Math.min(everyMillis, LEAST_MILLIS);
        return (byTime || byExamples || doubled) && sinceMillis * (double) bytesPerSecond >= lastBytes * 1000.0;
    }

    /**
     * Whether what was learned makes another version worth publishing.
     *
     * @param examples learned from
     * @param since of them, after the last version
     * @param sinceMillis since the last version
     */
    public boolean isNews(long examples, long since, long sinceMillis) {
        long wanted = Math.min(newsExamples, (examples + NEWS_SHARE - 1) / NEWS_SHARE);
        return since > 0 && (since >= wanted || sinceMillis >= LONGEST_MILLIS);
    }
}
