package io.livepredict.streams.outlook;

/** Time in buckets of ten seconds. */
final class Buckets {
    static final long MILLIS = 10_000;

    private Buckets() {}

    /** Number of the bucket that a time falls in. */
    static long of(long timeMillis) {
        return Math.floorDiv(timeMillis, MILLIS);
    }

    /** The last bucket that is over as of a time. */
    static long lastClosed(long timeMillis) {
        return of(timeMillis) - 1;
    }

    static long start(long bucket) {
        return bucket * MILLIS;
    }

    static long end(long bucket) {
        return (bucket + 1) * MILLIS;
    }

    /** How many buckets later than its own a snapshot's label is known for certain. */
    static long steps(long horizonMillis) {
        return Math.ceilDiv(horizonMillis, MILLIS);
    }
}
