package io.livepredict.streams.time;

import java.time.Duration;
import java.util.function.LongSupplier;
import org.apache.kafka.common.TopicPartition;

/**
 * Whether a source partition is quiet, as the task that reads it can know it: no event came for {@code idle-after}, and it is
 * proved that everything which was in the partition had been read and committed ({@link InputProgress}). A task that receives
 * nothing may also be cut off, held up, or waiting for a backlog; then its silence proves nothing. Neither does that of a
 * partition which has not come to {@code live-from}, until it is known that its history is loaded: a loader may pause. One
 * task's thread only.
 */
public final class Silence {
    private final TopicPartition source;
    private final InputProgress progress;
    private final LongSupplier wallClockMillis;
    private final long idleMillis;
    private final long graceMillis;
    private final long intervalMillis;
    private final long liveFromMillis;

    private long lastArrivalMillis;
    private long lastLookMillis;

    /** Silence begins now at the earliest. */
    public Silence(TopicPartition source, TimeSettings time, InputProgress progress, LongSupplier wallClockMillis) {
        this.source = source;
        this.progress = progress;
        this.wallClockMillis = wallClockMillis;
        Duration idleAfter = time.idleAfter().orElseThrow();
        idleMillis = idleAfter.toMillis();
        graceMillis = time.grace().toMillis();
        liveFromMillis = time.liveFromMillis();
        intervalMillis = lookInterval(idleAfter).toMillis();
        lastArrivalMillis = wallClockMillis.getAsLong();
    }

    /** How often to {@link #look}. */
    public static Duration lookInterval(Duration idleAfter) {
        return Duration.ofMillis(Math.max(1, Math.min(1000, idleAfter.toMillis() / 2)));
    }

    /** Whether what comes next may be history. */
    private boolean isHistory(long watermarkMillis) {
        return watermarkMillis < liveFromMillis && !progress.isLoaded(source.topic());
    }

    /** A valid event came. */
    public void arrived() {
        lastArrivalMillis = wallClockMillis.getAsLong();
    }

    /**
     * Looks.
     *
     * @param watermarkMillis the partition's
     * @return event time up to which nothing will come any more from a sender that is not held up, never past the wall clock
     *     less idle and grace; {@link PartitionTime#NONE} while the partition is not known to be quiet
     */
    public long look(long watermarkMillis) {
        long now = wallClockMillis.getAsLong();
        if (now - lastLookMillis > 2 * intervalMillis) {
            // The thread was held up, in a commit or a rebalance: what arrived meanwhile has not been looked at yet.
            lastArrivalMillis = now;
        }
        lastLookMillis = now;
        if (now - lastArrivalMillis < intervalMillis || isHistory(watermarkMillis)) {
            return PartitionTime.NONE;
        }
        InputProgress.Known known = progress.known(source);
        long silentSince = Math.max(lastArrivalMillis, known.unknownMillis());
        return known.readUntilMillis() < silentSince + idleMillis
                ? PartitionTime.NONE
                : known.readUntilMillis() - idleMillis - graceMillis;
    }
}
