package io.livepredict.streams.outlook;

import io.livepredict.streams.time.PartitionTime;

/** What a task tells its tally, in order. */
public sealed interface OutlookFact {
    /**
     * From a bucket on so many more are present in a context.
     *
     * @param change negative for fewer
     */
    record Presence(String contextId, long bucket, int change) implements OutlookFact {}

    /**
     * A snapshot was logged.
     *
     * @param target its reference
     * @param version of the model that made the score
     */
    record Scored(String contextId, long asOfMillis, int target, float score, long version) implements OutlookFact {}

    /**
     * A snapshot's label became known.
     *
     * @param horizonMillis of its target
     */
    record Labelled(String contextId, long asOfMillis, int target, long horizonMillis, double label)
            implements OutlookFact {}

    /** Label time has come into a further bucket, and what was told before is all there is up to then. */
    record Time(long labelTimeMillis) implements OutlookFact {
        /** Whether label time has come into a further bucket since it was told last. */
        public static boolean isNews(long toldMillis, long labelTimeMillis) {
            return labelTimeMillis != PartitionTime.NONE
                    && (toldMillis == PartitionTime.NONE || Buckets.of(labelTimeMillis) > Buckets.of(toldMillis));
        }
    }
}
