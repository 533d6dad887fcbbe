package io.livepredict.streams.time;

import java.time.Duration;
import java.util.Optional;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the time of one source partition where it is re-keyed, and says what of it is to be announced to the tasks behind.
 * Announcements and records go to the same partitions through the same producer, so that none overtakes a record which it
 * speaks of, and none of an aborted transaction is seen.
 *
 * <p>A partition that is quiet has news at every look, because the moment up to which it was quiet moves on with the clock.
 * One task's thread only.
 */
public final class SourceAnnouncer {
    /** So many announcements a second for one source are no load; more are spaced out. */
    private static final int MOST_PER_SECOND = 2_000;

    private final TopicPartition source;
    private final int partitions;
    private final PartitionTime time;
    private final @Nullable Silence silence;
    private final long everyMillis;

    private long quietUntilMillis = PartitionTime.NONE;
    private long lastMillis = Long.MIN_VALUE;
    private @Nullable SourceAnnouncement last;

    /**
     * @param partitions how many partitions the source topic has
     * @param targets partitions of the topic that re-keyed records go to: each gets every announcement
     * @param time of the partition
     * @param silence how it is told whether the partition is quiet; null where the clock decides nothing
     */
    public SourceAnnouncer(
            TopicPartition source, int partitions, int targets, PartitionTime time, @Nullable Silence silence) {
        this.source = source;
        this.partitions = Math.max(partitions, source.partition() + 1);
        this.time = time;
        this.silence = silence;
        everyMillis = interval(this.partitions, targets).toMillis();
    }

    /** How far apart a partition's announcements are: a second, longer where source partitions times targets exceed 2,000. */
    public static Duration interval(int partitions, int targets) {
        return Duration.ofMillis(Math.max(1_000, 1_000L * partitions * targets / MOST_PER_SECOND));
    }

    /** How often to {@link #look}. */
    public static Duration lookInterval(Optional<Duration> idleAfter) {
        return idleAfter.map(Silence::lookInterval).orElse(Duration.ofSeconds(1));
    }

    /**
     * Takes in the next valid event of the partition.
     *
     * @param eventMillis event time
     * @param stampMillis its record's timestamp as the broker has it
     * @return the partition's watermark including this event, which its re-keyed record carries
     */
    public long take(long eventMillis, long stampMillis) {
        if (silence != null) {
            silence.arrived();
            quietUntilMillis = PartitionTime.NONE;
        }
        return time.take(eventMillis, stampMillis);
    }

    /** Looks whether there is something to announce. */
    public Optional<SourceAnnouncement> look(long nowMillis) {
        if (silence != null) {
            quietUntilMillis = Math.max(quietUntilMillis, silence.look(time.watermarkMillis()));
        }
        SourceAnnouncement news = new SourceAnnouncement(source, time.watermarkMillis(), quietUntilMillis, partitions);
        if (news.equals(last) || last != null && nowMillis - lastMillis < everyMillis) {
            return Optional.empty();
        }
        last = news;
        lastMillis = nowMillis;
        return Optional.of(news);
    }
}
