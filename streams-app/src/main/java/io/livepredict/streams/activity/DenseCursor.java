package io.livepredict.streams.activity;

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

    /** A span of time in seconds, between 0 and {@link ActivityLayout#NEVER_MILLIS}. */
    void addSeconds(long millis) {
        values[at++] = Math.min(Math.max(millis, 0), ActivityLayout.NEVER_MILLIS) / 1000f;
    }

    int position() {
        return at;
    }
}
