package io.livepredict.streams.activity;

/** A fast 64-bit hash of a string, the same on every machine: FNV-1a over its chars, finished with Murmur3's mixer. */
public final class EventHash {
    private EventHash() {}

    /** The hash; never depends on the run or the platform. */
    public static long of(String text) {
        long hash = 0xcbf29ce484222325L;
        for (int i = 0, n = text.length(); i < n; i++) {
            hash = (hash ^ text.charAt(i)) * 0x100000001b3L;
        }
        hash ^= hash >>> 33;
        hash *= 0xff51afd7ed558ccdL;
        hash ^= hash >>> 33;
        hash *= 0xc4ceb9fe1a85ec53L;
        return hash ^ hash >>> 33;
    }

    /** That hash as a bucket in [1, buckets), 0 for the empty string. */
    public static int bucket(String text, int buckets) {
        return text.isEmpty() ? 0 : 1 + (int) Long.remainderUnsigned(of(text), buckets - 1L);
    }
}
