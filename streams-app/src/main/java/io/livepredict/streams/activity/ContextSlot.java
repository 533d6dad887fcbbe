package io.livepredict.streams.activity;

import io.livepredict.streams.state.StateReader;
import io.livepredict.streams.state.StateWriter;
import java.util.Arrays;

/**
 * What an entity has done in one room or match. A stay runs from a start event (JOIN), or the first event after the stay
 * before closed, to an end event (LEAVE) or until nothing was seen for the session gap. A visit runs from a start event
 * to an end event, however quiet the entity was in between; without its end it has no length.
 */
final class ContextSlot {
    static final long NONE = Long.MIN_VALUE;
    private static final int STAYING = 1;
    private static final int VISITING = 2;
    private static final int LEFT = 4;

    private final ActivityLayout layout;
    long hash;
    long lastMillis;
    /** Events here, weighing 2^(-age / configured half-life), as of {@link #lastMillis}. */
    float decayedEvents;

    int stays;
    /** When the stay began, {@link #NONE} outside one. */
    long stayMillis = NONE;
    /** When the last start event without an end event happened, or {@link #NONE}. */
    long visitMillis = NONE;
    /** When the last end event without a start event after it happened, or {@link #NONE}. */
    long leftMillis = NONE;
    /** Of the stay, by type. */
    final int[] stayCounts;
    /** Of the stay, by summed number. */
    final double[] staySums;

    final Durations visits;

    ContextSlot(ActivityLayout layout) {
        this.layout = layout;
        stayCounts = new int[layout.types.size()];
        staySums = new double[layout.summedCount];
        visits = new Durations(layout.windowMillis);
    }

    void clear(long newHash, long timeMillis) {
        hash = newHash;
        lastMillis = timeMillis;
        decayedEvents = 0;
        stays = 0;
        visitMillis = NONE;
        leftMillis = NONE;
        forgetStay();
        visits.clear();
    }

    /** Ends the stay, if there is one, and remembers what was done in it. */
    private boolean endStay(StayHabits habits) {
        boolean stayed = stayMillis != NONE;
        if (stayed) {
            habits.add(stayCounts);
        }
        forgetStay();
        return stayed;
    }

    private void forgetStay() {
        stayMillis = NONE;
        Arrays.fill(stayCounts, 0);
        Arrays.fill(staySums, 0);
    }

    private void beginStay(long timeMillis) {
        stayMillis = timeMillis;
        stays++;
    }

    /** Whether the entity is staying here as of that time. */
    boolean stayingAt(long nowMillis) {
        return stayMillis != NONE && nowMillis - lastMillis <= layout.sessionGapMillis;
    }

    /** Weight of the events here as of that time. */
    double decayedEventsAt(long nowMillis) {
        return decayedEvents * DecayedCounts.weight(nowMillis - lastMillis, halfLife());
    }

    private long halfLife() {
        return layout.halfLifeMillis[ActivityLayout.CONFIGURED_LIFE];
    }

    /**
     * Adds an event here.
     *
     * @param allVisits gets the length of a visit that ends
     * @param absences gets the time between leaving this context and coming back
     * @param habits gets what was done in a stay that ends
     * @return whether any of these three, or {@link #visits}, has changed
     */
    boolean add(
            long timeMillis, int type, double[] numbers, Durations allVisits, Durations absences, StayHabits habits) {
        if (timeMillis < lastMillis) {
            addOutOfOrder(timeMillis, type, numbers);
            return false;
        }
        decayedEvents = (float) (decayedEvents * DecayedCounts.weight(timeMillis - lastMillis, halfLife())) + 1;
        boolean ended = !stayingAt(timeMillis) && endStay(habits);
        lastMillis = timeMillis;
        if (layout.starts[type]) {
            if (leftMillis != NONE) {
                absences.add(timeMillis - leftMillis);
                leftMillis = NONE;
                ended = true;
            }
            ended |= endStay(habits);
            beginStay(timeMillis);
            visitMillis = timeMillis;
        } else if (layout.ends[type]) {
            if (visitMillis != NONE) {
                visits.add(timeMillis - visitMillis);
                allVisits.add(timeMillis - visitMillis);
                visitMillis = NONE;
                ended = true;
            }
            leftMillis = timeMillis;
            return endStay(habits) || ended;
        } else if (stayMillis == NONE) {
            beginStay(timeMillis);
        }
        count(type, numbers);
        return ended;
    }

    /** A late event neither closes nor opens a stay; only a late start event may move this stay's beginning back. */
    private void addOutOfOrder(long timeMillis, int type, double[] numbers) {
        decayedEvents += (float) DecayedCounts.weight(lastMillis - timeMillis, halfLife());
        if (stayMillis == NONE) {
            return;
        }
        if (timeMillis < stayMillis) {
            if (!layout.starts[type] || visitMillis != NONE) {
                return;
            }
            stayMillis = timeMillis;
            visitMillis = timeMillis;
        }
        count(type, numbers);
    }

    private void count(int type, double[] numbers) {
        stayCounts[type]++;
        for (int n = 0; n < numbers.length; n++) {
            int place = layout.summed[n];
            if (place >= 0 && !Double.isNaN(numbers[n])) {
                staySums[place] += numbers[n];
            }
        }
    }

    /** Writes all but {@link #visits}. */
    void write(StateWriter out, long latestMillis) {
        out.writeLong(hash);
        out.writeVarint(latestMillis - lastMillis);
        out.writeFloat(decayedEvents);
        out.writeVarint(stays);
        out.writeByte((stayMillis == NONE ? 0 : STAYING)
                | (visitMillis == NONE ? 0 : VISITING)
                | (leftMillis == NONE ? 0 : LEFT));
        if (visitMillis != NONE) {
            out.writeSigned(lastMillis - visitMillis);
        }
        if (leftMillis != NONE) {
            out.writeSigned(lastMillis - leftMillis);
        }
        if (stayMillis != NONE) {
            out.writeSigned(lastMillis - stayMillis);
            long mask = 0;
            for (int type = 0; type < stayCounts.length; type++) {
                mask |= stayCounts[type] == 0 ? 0 : 1L << type;
            }
            out.writeVarint(mask);
            for (; mask != 0; mask &= mask - 1) {
                out.writeVarint(stayCounts[Long.numberOfTrailingZeros(mask)]);
            }
            for (double sum : staySums) {
                out.writeByte(sum == 0 ? 0 : 1);
                if (sum != 0) {
                    out.writeDouble(sum);
                }
            }
        }
    }

    /** Reads all but {@link #visits}. */
    void read(StateReader in, long latestMillis) {
        clear(in.readLong(), latestMillis - in.readVarint());
        decayedEvents = in.readFloat();
        stays = in.readCount();
        int flags = in.readByte();
        if ((flags & VISITING) != 0) {
            visitMillis = lastMillis - in.readSigned();
        }
        if ((flags & LEFT) != 0) {
            leftMillis = lastMillis - in.readSigned();
        }
        if ((flags & STAYING) != 0) {
            stayMillis = lastMillis - in.readSigned();
            for (long mask = in.readVarint(); mask != 0; mask &= mask - 1) {
                stayCounts[Long.numberOfTrailingZeros(mask)] = in.readCount();
            }
            for (int i = 0; i < staySums.length; i++) {
                staySums[i] = in.readByte() == 0 ? 0 : in.readDouble();
            }
        }
    }

    /** Takes over what the other has. */
    void copy(ContextSlot other, LayoutMapping mapping) {
        clear(other.hash, other.lastMillis);
        decayedEvents = other.decayedEvents;
        stays = other.stays;
        stayMillis = other.stayMillis;
        visitMillis = other.visitMillis;
        leftMillis = other.leftMillis;
        for (int type = 0; type < other.stayCounts.length; type++) {
            if (mapping.types[type] >= 0) {
                stayCounts[mapping.types[type]] = other.stayCounts[type];
            }
        }
        for (int place = 0; place < other.staySums.length; place++) {
            if (mapping.summed[place] >= 0) {
                staySums[mapping.summed[place]] = other.staySums[place];
            }
        }
        visits.copy(other.visits);
    }
}
