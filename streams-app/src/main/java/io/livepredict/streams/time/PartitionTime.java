package io.livepredict.streams.time;

import io.livepredict.streams.state.StateReader;
import io.livepredict.streams.state.StateWriter;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Event time of one source partition, as the partition itself tells it. The <em>watermark</em> is the highest event time
 * reached less the grace; an event before its own partition's watermark is late.
 *
 * <p>Live, an event moves the watermark no further than its record's timestamp (its <em>stamp</em>), so that a device whose
 * clock is ahead makes nobody else late. A stamp may be ahead too, where producers stamp. It is never compared with the
 * clock of the reader, for then the same records would give other results when they are read after an outage. It is
 * compared with the stamps beside it:
 *
 * <ul>
 *   <li>A stamp up to half a grace after the highest trusted one is trusted at once.
 *   <li>A later one is a jump: either the partition was quiet for a while, or that clock is ahead. Its record moves nothing
 *       yet. The next records tell: the jump is trusted when at least four in five of them carry stamps as late, and there
 *       are {@value #MANY} of them, or three over four graces. It is forgotten when most carry earlier ones.
 * </ul>
 *
 * <p>What this guarantees:
 *
 * <ol>
 *   <li>The watermark is a function of the partition's records in their order, and never goes back.
 *   <li>A clock that is ahead, however far, moves it by half a grace at most, so that a punctual event is never late for it,
 *       unless its records are more than four in five of the partition's over {@value #MANY} records or four graces.
 *   <li>Where stamps follow one another by less than a quarter of the grace, none of them ahead, the watermark is at every
 *       record the highest of min(event time, stamp) less the grace, as soon as the first stamps were trusted.
 *   <li>{@link #write} and {@link #read} between any two records change nothing.
 * </ol>
 *
 * <p>In a replay stamps mean nothing: every event moves the watermark at once. So does history that is loaded: an event from
 * before the platform went live whose stamp is more than four graces later than itself. Pure; not safe for use from several threads.
 */
public final class PartitionTime {
    /** Earlier than any time: no event has been seen yet. */
    public static final long NONE = Long.MIN_VALUE;

    /** So many records that agree confirm a jump, however close they are. */
    private static final int MANY = 64;
    /** So many confirm it when they are spread over {@link #spanMillis}. */
    private static final int SOME = 3;
    /** For each record that contradicts a jump so many must agree. */
    private static final int MAJORITY = 4;

    private final boolean live;
    /** Earlier events may be history. */
    private final long liveFromMillis;

    private final long graceMillis;
    private final long stepMillis;
    private final long spanMillis;

    private long watermarkMillis = NONE;
    /**
     * The latest stamp that is trusted, {@link #NONE} before there is one. Where it is less than half a step beyond the
     * time reached, the time reached stands for it, so that most partitions have nothing to remember but their watermark.
     */
    private long trustedMillis = NONE;

    private @Nullable Jump jump;

    /** Stamps that are not trusted yet, and what the records since the first of them say of it. */
    private static final class Jump {
        final long firstMillis;
        /** Where the stamps have come since, each following another by a step at most: what is trusted if the first is. */
        long stampMillis;
        /** The latest event time of the records that agree, none later than {@link #stampMillis}. */
        long reachedMillis = NONE;

        long agreeing;
        long contradicting;

        Jump(long firstMillis) {
            this.firstMillis = firstMillis;
            stampMillis = firstMillis;
        }
    }

    /**
     * The time of a partition of which nothing was read yet.
     *
     * @param live false in a replay, where record timestamps mean nothing
     */
    public PartitionTime(Duration grace, boolean live) {
        this(grace, live, NONE);
    }

    /** The time of a partition of which nothing was read yet. */
    public PartitionTime(TimeSettings settings) {
        this(settings.grace(), settings.isLive(), settings.liveFromMillis());
    }

    private PartitionTime(Duration grace, boolean live, long liveFromMillis) {
        this.live = live;
        this.liveFromMillis = liveFromMillis;
        graceMillis = grace.toMillis();
        stepMillis = graceMillis / 2;
        spanMillis = 4 * graceMillis;
    }

    /**
     * Takes in the next valid event of the partition.
     *
     * @param eventMillis event time
     * @param stampMillis its record's timestamp as the broker has it
     * @return the watermark including this event; {@link #NONE} while no stamp is trusted
     */
    public long take(long eventMillis, long stampMillis) {
        if (!live) {
            advanceTo(eventMillis);
            return watermarkMillis;
        }
        if (eventMillis < liveFromMillis && eventMillis < stampMillis - spanMillis) {
            trust(eventMillis, eventMillis); // its stamp says when it was loaded, and can't be too early for it
            return watermarkMillis;
        }
        if (jump != null) {
            weigh(jump, eventMillis, stampMillis);
        }
        if (isTrusted(stampMillis)) {
            trust(stampMillis, Math.min(eventMillis, stampMillis));
        } else if (jump == null) {
            jump = new Jump(stampMillis);
            weigh(jump, eventMillis, stampMillis);
        }
        return watermarkMillis;
    }

    private boolean isTrusted(long stampMillis) {
        return trustedMillis != NONE && stampMillis <= trustedMillis + stepMillis;
    }

    private void trust(long stampMillis, long reachedMillis) {
        trustedMillis = Math.max(trustedMillis, stampMillis);
        advanceTo(reachedMillis);
        if (jump != null && isTrusted(jump.firstMillis)) {
            jump = null; // the others have come that far by themselves
        }
        long reachedSoFar = watermarkMillis + graceMillis;
        if (trustedMillis <= reachedSoFar + stepMillis / 2) {
            trustedMillis = reachedSoFar;
        }
    }

    private void weigh(Jump waiting, long eventMillis, long stampMillis) {
        if (stampMillis < waiting.firstMillis - stepMillis) {
            waiting.contradicting++;
        } else {
            waiting.agreeing++;
            if (stampMillis <= waiting.stampMillis + stepMillis) {
                waiting.stampMillis = Math.max(waiting.stampMillis, stampMillis);
            }
            waiting.reachedMillis = Math.max(waiting.reachedMillis, Math.min(eventMillis, waiting.stampMillis));
        }
        boolean enough =
                waiting.agreeing >= MANY || waiting.agreeing >= SOME && stampMillis - waiting.firstMillis >= spanMillis;
        if (enough && waiting.agreeing >= MAJORITY * waiting.contradicting) {
            jump = null;
            trust(waiting.stampMillis, waiting.reachedMillis);
        } else if (waiting.contradicting > waiting.agreeing) {
            jump = null;
        }
    }

    private void advanceTo(long reachedMillis) {
        watermarkMillis = Math.max(watermarkMillis, reachedMillis - graceMillis);
    }

    /** The highest time reached less the grace, epoch milliseconds; {@link #NONE} before there is one. */
    public long watermarkMillis() {
        return watermarkMillis;
    }

    /** Whether the watermark is all there is to remember. */
    boolean isOnlyItsWatermark() {
        return jump == null && (trustedMillis == NONE || trustedMillis == watermarkMillis + graceMillis);
    }

    /** Goes on from a watermark that is all there was to remember. */
    void goOnFrom(long storedWatermarkMillis) {
        watermarkMillis = storedWatermarkMillis;
        trustedMillis = live && storedWatermarkMillis != NONE ? storedWatermarkMillis + graceMillis : NONE;
        jump = null;
    }

    /** Writes everything there is to remember. */
    public void write(StateWriter out) {
        out.writeLong(watermarkMillis);
        out.writeLong(trustedMillis);
        Jump waiting = jump;
        out.writeByte(waiting == null ? 0 : 1);
        if (waiting != null) {
            out.writeLong(waiting.firstMillis);
            out.writeLong(waiting.stampMillis);
            out.writeLong(waiting.reachedMillis);
            out.writeVarint(waiting.agreeing);
            out.writeVarint(waiting.contradicting);
        }
    }

    /** Goes on from what was written; the grace may have been another then. */
    public void read(StateReader in) {
        watermarkMillis = in.readLong();
        trustedMillis = in.readLong();
        jump = null;
        if (in.readByte() == 1) {
            Jump waiting = new Jump(in.readLong());
            waiting.stampMillis = in.readLong();
            waiting.reachedMillis = in.readLong();
            waiting.agreeing = in.readVarint();
            waiting.contradicting = in.readVarint();
            jump = waiting;
        }
    }
}
