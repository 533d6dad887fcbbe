package io.livepredict.deploy.load;

import io.livepredict.streams.context.HistoryLookups;
import io.livepredict.streams.context.HistoryLookups.Count;
import io.livepredict.topics.TopicFollower;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Whether features of the room or match were whole while history was taken in: tasks that are read much faster than others
 * drop buckets that the others still need, and what is learned from vectors without them is wrong.
 */
public final class MissingBuckets {
    /** The share of lookups in which buckets may be missing, where nothing else is said. */
    public static final double MOST = 0.01;

    private MissingBuckets() {}

    /**
     * Adds up what all tasks have stored so far.
     *
     * @param client how to reach Kafka
     * @param changelog of {@link HistoryLookups}
     * @throws LoadException if there is no such topic
     * @throws io.livepredict.topics.TopicException if Kafka does not answer
     */
    static Count count(Map<String, Object> client, String changelog) {
        Map<Integer, Count> byTask = new HashMap<>();
        try (TopicFollower follower = new TopicFollower(client, changelog)) {
            if (!follower.toBeginning()) {
                throw new LoadException(
                        "topic " + changelog + " does not exist, which the streams app makes when it starts:"
                                + " is it of this build, with the same application.id and time.live-from?");
            }
            follower.toEnd(
                    each -> byTask.put(each.partition(), each.value() == null ? Count.NONE : Count.read(each.value())));
        }
        return byTask.values().stream().reduce(Count.NONE, Count::plus);
    }

    /** @throws LoadException if buckets were missing in a larger share of lookups than that */
    static void check(Count count, double most) {
        if (count.missing() > most * count.all()) {
            throw new LoadException(String.format(
                    Locale.ROOT,
                    "in %,d of %,d lookups (%.1f %%, at most %.1f %% may be) recent events of the room or match were missing,"
                            + " because some tasks were too far ahead of others: what is learned from such features is wrong."
                            + " Raise context.slack or lower --max-ahead and load into a new namespace, or accept it with"
                            + " --most-missing %.3f",
                    count.missing(),
                    count.all(),
                    100.0 * count.missing() / count.all(),
                    100 * most,
                    Math.ceil(1_000.0 * count.missing() / count.all()) / 1_000));
        }
    }
}
