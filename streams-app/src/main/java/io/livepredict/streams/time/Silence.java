package io.livepredict.streams.time;

import java.time.Duration;
import java.util.function.LongSupplier;
import org.apache.kafka.common.TopicPartition;

/**
 * Whether a source partition is quiet, as the task that reads it can know it: no event came for {@code idle-after}, and it is
 * proved that everything which was in the partition had been read and committed ({@link InputProgress}). A task that receives
 * nothing may also be cut off, held up, or waiting for a backlog; then its silence proves nothing. One task's thread only.
 */
public final class Silence {
    private final TopicPartition source;
    private final InputProgress progress;
    private final LongSupplier wallClockMillis;
    private final long idleMillis;
    private final long graceMillis;
    private final long intervalMillis;

    private long lastArrivalMillis;
    private long lastLookMillis;

    /** Silence begins now at the earliest. */
    public Silence(
            TopicPartition source,
            Duration idleAfter,
            Duration grace,
            InputProgress progress,
            LongSupplier wallClockMillis) {
        this.source = source;
        this.progress = progress;
        this.wallClockMillis = wallClockMillis;
        idleMillis = idleAfter.toMillis();
        graceMillis = grace.toMillis();
        intervalMillis = lookInterval(idleAfter).toMillis();
        lastArrivalMillis = wallClockMillis.getAsLong();
    }

    /** How often to {@link #look}. */
    public static Duration lookInterval(Duration idleAfter) {
        return Duration.ofMillis(Math.max(1, Math.min(1000, idleAfter.toMillis() / 2)));
    }

    /** A valid event came. */
    public void arrived() {
        lastArrivalMillis = wallClockMillis.getAsLong();
    }

    /**
     * Looks.
     *
     * @return event time up to which nothing will come any more from a sender that is not held up, never past the wall clock
     *     less idle and grace; {@link PartitionTime#NONE} while the partition is not known to be quiet
     */
    public long look() {
        long now = wallClockMillis.getAsLong();
        if (now - lastLookMillis > 2 * intervalMillis) {
            // The thread was held up, in a commit or a rebalance: what arrived meanwhile has not been looked at yet.
            lastArrivalMillis = now;
        }
        lastLookMillis = now;
        if (now - lastArrivalMillis < intervalMillis) {
            return PartitionTime.NONE;
        }
        InputProgress.Known known = progress.known(source);
        long silentSince = Math.max(lastArrivalMillis, known.unknownMillis());
        return known.readUntilMillis() < silentSince + idleMillis
                ? PartitionTime.NONE
                : known.readUntilMillis() - idleMillis - graceMillis;
    }
}
