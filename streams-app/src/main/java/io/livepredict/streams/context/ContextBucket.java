package io.livepredict.streams.context;

import io.livepredict.streams.state.StateReader;
import io.livepredict.streams.state.StateWriter;
import java.util.Arrays;

/** Ten seconds of one room or match: events by type, and who was active. Buckets of several tasks add up. */
final class ContextBucket {
    static final long MILLIS = 10_000;

    final int[] counts;
    final ActiveSketch active = new ActiveSketch();

    ContextBucket(int types) {
        counts = new int[types];
    }

    /** Number of the bucket that a time falls in. */
    static long index(long timeMillis) {
        return Math.floorDiv(timeMillis, MILLIS);
    }

    void add(int type, long entityHash) {
        counts[type]++;
        active.add(entityHash);
    }

    void add(ContextBucket other) {
        for (int i = 0; i < counts.length; i++) {
            counts[i] += other.counts[i];
        }
        active.add(other.active);
    }

    /**
     * Writes this bucket.
     *
     * @param withActive whether with who was active
     */
    void write(StateWriter out, boolean withActive) {
        long mask = 0;
        for (int type = 0; type < counts.length; type++) {
            mask |= counts[type] == 0 ? 0 : 1L << type;
        }
        out.writeVarint(mask);
        for (; mask != 0; mask &= mask - 1) {
            out.writeVarint(counts[Long.numberOfTrailingZeros(mask)]);
        }
        if (withActive) {
            active.write(out);
        } else {
            out.writeByte(0);
        }
    }

    /**
     * Reads what was written into this.
     *
     * @param places by type as it was numbered then: its number now, -1 for a type that no longer exists
     */
    void read(StateReader in, int[] places) {
        Arrays.fill(counts, 0);
        for (long mask = in.readVarint(); mask != 0; mask &= mask - 1) {
            int place = places[Long.numberOfTrailingZeros(mask)];
            int count = in.readCount();
            if (place >= 0) {
                counts[place] = count;
            }
        }
        active.read(in);
    }
}
