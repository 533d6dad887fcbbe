package io.livepredict.streams.activity;

import java.util.Arrays;

/** Writes dense values one after the other; the order is that of {@link DenseList}. */
final class DenseCursor {
    private float[] values = {};
    private int at;

    void reset(float[] into) {
        values = into;
        at = 0;
    }

    void add(float value) {
        values[at++] = value;
    }

    void add(double value) {
        values[at++] = (float) value;
    }

    /** The first so many of them. */
    void addAll(float[] from, int count) {
        System.arraycopy(from, 0, values, at, count);
        at += count;
    }

    void addZeros(int count) {
        Arrays.fill(values, at, at + count, 0);
        at += count;
    }

    /** Those, and then their sum. */
    void addCounts(int[] from, int begin, int end) {
        float[] into = values;
        int place = at;
        int sum = 0;
        for (int i = begin; i < end; i++) {
            into[place++] = from[i];
            sum += from[i];
        }
        into[place++] = sum;
        at = place;
    }

    /** A span of time in seconds, between 0 and {@link ActivityLayout#NEVER_MILLIS}. */
    void addSeconds(long millis) {
        values[at++] = Math.min(Math.max(millis, 0), ActivityLayout.NEVER_MILLIS) / 1000f;
    }

    int position() {
        return at;
    }
}
