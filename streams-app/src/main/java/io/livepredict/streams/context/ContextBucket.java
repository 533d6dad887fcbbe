package io.livepredict.streams.context;

import io.livepredict.streams.state.StateReader;
import io.livepredict.streams.state.StateWriter;
import java.util.Arrays;

/**
 * Ten seconds of one room or match: events by type, and a sketch of who was active. Buckets of several tasks add up.
 *
 * <p>The sketch is linear counting (Whang, Vander-Zanden and Taylor 1990) with {@value #BITS} bits: good for a thousand
 * entities, above that it only says "many".
 */
final class ContextBucket {
    static final long MILLIS = 10_000;
    static final int BITS = 256;

    final int[] counts;
    final long[] active = new long[BITS / Long.SIZE];

    ContextBucket(int types) {
        counts = new int[types];
    }

    /** Number of the bucket that a time falls in. */
    static long index(long timeMillis) {
        return Math.floorDiv(timeMillis, MILLIS);
    }

    void add(int type, long entityHash) {
        counts[type]++;
        int bit = (int) (entityHash >>> 32) & BITS - 1;
        active[bit / Long.SIZE] |= 1L << bit;
    }

    void add(ContextBucket other) {
        for (int i = 0; i < counts.length; i++) {
            counts[i] += other.counts[i];
        }
        for (int i = 0; i < active.length; i++) {
            active[i] |= other.active[i];
        }
    }

    /** How many distinct entities set these bits. */
    static double estimate(long[] active) {
        int set = 0;
        for (long bits : active) {
            set += Long.bitCount(bits);
        }
        return set == BITS ? BITS * Math.log(BITS) : -BITS * Math.log1p(-(double) set / BITS);
    }

    /**
     * Writes this bucket.
     *
     * @param withActive whether with the sketch
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
        int present = 0;
        for (int i = 0; i < active.length; i++) {
            present |= withActive && active[i] != 0 ? 1 << i : 0;
        }
        out.writeByte(present);
        for (int i = 0; i < active.length; i++) {
            if ((present & 1 << i) != 0) {
                out.writeLong(active[i]);
            }
        }
    }

    void read(StateReader in) {
        Arrays.fill(counts, 0);
        for (long mask = in.readVarint(); mask != 0; mask &= mask - 1) {
            counts[Long.numberOfTrailingZeros(mask)] = in.readCount();
        }
        int present = in.readByte();
        for (int i = 0; i < active.length; i++) {
            active[i] = (present & 1 << i) != 0 ? in.readLong() : 0;
        }
    }
}
