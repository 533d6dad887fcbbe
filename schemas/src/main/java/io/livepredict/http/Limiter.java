package io.livepredict.http;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/** How many entities each caller may ask for in a second: a bucket a caller, that fills steadily and never beyond a large request. */
final class Limiter {
    /** The largest request must pass when nothing was asked for before it. */
    static final int LARGEST_REQUEST = 1_000;

    private static final double SECOND = 1e9;
    /** Beyond it the buckets that are full again are dropped: a full one says no more than none. */
    private static final int MANY_CALLERS = 1_000;

    private final int perSecond;
    private final LongSupplier nanos;
    /** By caller. Certificates may be made for each new client, so there is no end to callers. */
    private final Map<String, Bucket> buckets = new ConcurrentHashMap<>();

    private record Bucket(double left, long asOfNanos) {}

    Limiter(int perSecond, LongSupplier nanos) {
        this.perSecond = perSecond;
        this.nanos = nanos;
    }

    /** @throws Problem if the caller must wait */
    void take(String caller, int entities) {
        long now = nanos.getAsLong();
        double most = most();
        if (buckets.size() > MANY_CALLERS) {
            buckets.values().removeIf(bucket -> left(bucket, now) >= most);
        }
        boolean[] taken = {false};
        buckets.compute(caller, (name, before) -> {
            double left = before == null ? most : left(before, now);
            taken[0] = left >= entities;
            return new Bucket(taken[0] ? left - entities : left, now);
        });
        if (!taken[0]) {
            throw Problem.tooMany(perSecond);
        }
    }

    private double most() {
        return Math.max(perSecond, LARGEST_REQUEST);
    }

    private double left(Bucket bucket, long now) {
        return Math.min(most(), bucket.left + (now - bucket.asOfNanos) * perSecond / SECOND);
    }

    /** How many callers are remembered. */
    int remembered() {
        return buckets.size();
    }
}
