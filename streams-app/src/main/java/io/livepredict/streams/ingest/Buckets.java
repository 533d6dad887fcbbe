package io.livepredict.streams.ingest;

/** The hash behind every hashed id: FNV-1a over the UTF-16 units, finished as MurmurHash3 finishes (fmix32). */
public final class Buckets {
    /** Names this hash in feature definitions. */
    public static final String DEFINITION = "fnv1a-utf16-fmix32";

    private Buckets() {}

    /** A value in [1, buckets), so that 0 stays free for "absent"; {@code buckets} is at least 2. */
    public static int of(CharSequence text, int buckets) {
        return 1 + Math.floorMod(hash(text, 0, text.length()), buckets - 1);
    }

    /** The hash of part of a text. */
    static int hash(CharSequence text, int from, int to) {
        int h = 0x811C9DC5;
        for (int i = from; i < to; i++) {
            h = (h ^ text.charAt(i)) * 0x01000193;
        }
        h ^= h >>> 16;
        h *= 0x85EBCA6B;
        h ^= h >>> 13;
        h *= 0xC2B2AE35;
        return h ^ (h >>> 16);
    }
}
