package io.livepredict.deploy.backtest;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * The labels of one binary target as they became known, beside what was served at their snapshots. Within a target they come in
 * as-of order, since its horizon is the same for all. Not safe for use from several threads.
 */
public final class TargetTrack {
    private long[] asOfMillis = new long[1 << 12];
    private float[] served = new float[1 << 12];
    private byte[] labels = new byte[1 << 12];
    private byte[] previous = new byte[1 << 12];
    private int size;
    private final Map<String, Byte> lastOutcome = new HashMap<>();

    private final long horizonMillis;

    /** @param horizonMillis how long after a snapshot its label is known */
    TargetTrack(long horizonMillis) {
        this.horizonMillis = horizonMillis;
    }

    /** How long after a snapshot its label is known. */
    public long horizonMillis() {
        return horizonMillis;
    }

    /** What {@link #previous} holds for an entity's first label. */
    public static final byte UNKNOWN = -1;

    void add(String entity, long asOf, double score, double label) {
        if (size == served.length) {
            int capacity = size * 2;
            asOfMillis = Arrays.copyOf(asOfMillis, capacity);
            served = Arrays.copyOf(served, capacity);
            labels = Arrays.copyOf(labels, capacity);
            previous = Arrays.copyOf(previous, capacity);
        }
        byte came = (byte) (label > 0.5 ? 1 : 0);
        Byte before = lastOutcome.put(entity, came);
        asOfMillis[size] = asOf;
        served[size] = (float) score;
        labels[size] = came;
        previous[size] = before == null ? UNKNOWN : before;
        size++;
    }

    public int size() {
        return size;
    }

    /** As-of times, epoch milliseconds, ascending. */
    public long[] asOfMillis() {
        return Arrays.copyOf(asOfMillis, size);
    }

    /** The scores that were served. */
    public double[] served() {
        double[] copy = new double[size];
        for (int i = 0; i < size; i++) {
            copy[i] = served[i];
        }
        return copy;
    }

    /** The labels, 0 or 1. */
    public double[] labels() {
        double[] copy = new double[size];
        for (int i = 0; i < size; i++) {
            copy[i] = labels[i];
        }
        return copy;
    }

    /** The label that the entity had got last when this one became known, or {@link #UNKNOWN}. */
    public byte[] previous() {
        return Arrays.copyOf(previous, size);
    }
}
