package io.livepredict.contract;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Every hash function that stored state, features or names depend on. The values never depend on the run, the machine or the
 * character set, and they must not change: a changed value makes stored state and trained models mean something else, so it
 * needs a new layout version.
 *
 * <ul>
 *   <li>{@link #sha256} and {@link #definition} name contents and definitions.
 *   <li>{@link #bucket} and {@link #token} are the numbers of hashed ids and words in feature vectors, and so part of what
 *       a model has learned.
 *   <li>{@link #id64} is in the activity state, in open snapshots and in counts of a context; {@link #bucketOfId64} is the
 *       number of a context in feature vectors.
 *   <li>{@link #share} says who is held out of an alert: changed, other people would be.
 *   <li>{@link #learnerEntity} is in the learner's state.
 *   <li>{@link #parts} is for tables in memory only.
 * </ul>
 *
 * All but SHA-256 are FNV-1a (Fowler, Noll and Vo) over UTF-16 units, finished by a mixer that spreads the last characters
 * over all bits.
 */
public final class Hashes {
    private static final long FNV_64_BASIS = 0xcbf29ce484222325L;
    private static final long FNV_64_PRIME = 0x100000001b3L;
    private static final int FNV_32_BASIS = 0x811C9DC5;
    private static final int FNV_32_PRIME = 0x01000193;
    /** No UTF-16 unit, so that ("ab", "c") is not ("a", "bc"). */
    private static final long END_OF_PART = 0x1_0000;

    private Hashes() {}

    /** SHA-256 of the bytes, 64 hex digits. */
    public static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** The first 16 hex digits of the SHA-256 of the text's UTF-8 bytes: names a definition. */
    public static String definition(String text) {
        return sha256(text.getBytes(StandardCharsets.UTF_8)).substring(0, 16);
    }

    /** A hashed id's bucket, in [1, buckets), so that 0 stays free for "absent"; {@code buckets} is at least 2. */
    public static int bucket(CharSequence text, int buckets) {
        return 1 + Math.floorMod(fnv32(text, 0, text.length()), buckets - 1);
    }

    /** The bucket of the word in [from, to) of a text, in [0, buckets). */
    public static int token(CharSequence text, int from, int to, int buckets) {
        return Math.floorMod(fnv32(text, from, to), buckets);
    }

    /** An event's, entity's or context's id in 64 bits: FNV-1a, finished with MurmurHash3's fmix64. */
    public static long id64(CharSequence id) {
        long hash = fnv64(FNV_64_BASIS, id);
        hash ^= hash >>> 33;
        hash *= 0xff51afd7ed558ccdL;
        hash ^= hash >>> 33;
        hash *= 0xc4ceb9fe1a85ec53L;
        return hash ^ hash >>> 33;
    }

    /** The bucket of an id whose {@link #id64} is known, in [1, buckets); {@code buckets} is at least 2. */
    public static int bucketOfId64(long id64, int buckets) {
        return 1 + (int) Long.remainderUnsigned(id64, buckets - 1L);
    }

    /**
     * Where an id stands among all ids, in [0, 1): those below a share are that share of all, whatever the ids look like.
     *
     * @param salt another salt gives another, independent order
     */
    public static double share(CharSequence salt, CharSequence id) {
        long hash = fnv64((fnv64(FNV_64_BASIS, salt) ^ END_OF_PART) * FNV_64_PRIME, id);
        hash ^= hash >>> 33;
        hash *= 0xff51afd7ed558ccdL;
        hash ^= hash >>> 33;
        hash *= 0xc4ceb9fe1a85ec53L;
        return ((hash ^ hash >>> 33) >>> 11) * 0x1p-53;
    }

    /** An entity in the learner's bounded tables, in 64 bits: FNV-1a, finished with one multiplication. */
    public static long learnerEntity(CharSequence id) {
        long hash = fnv64(FNV_64_BASIS, id);
        hash ^= hash >>> 32;
        hash *= 0x9e3779b97f4a7c15L;
        return hash ^ (hash >>> 29);
    }

    /**
     * Several texts in order, in 64 bits, for a table in memory; the value may change between builds. Two different lists
     * share a value once in some 10^19 pairs.
     */
    public static long parts(CharSequence... parts) {
        long hash = FNV_64_BASIS;
        for (CharSequence part : parts) {
            hash = (fnv64(hash, part) ^ END_OF_PART) * FNV_64_PRIME;
        }
        hash ^= hash >>> 32;
        hash *= 0xd6e8feb86659fd93L;
        return hash ^ hash >>> 32;
    }

    private static long fnv64(long from, CharSequence text) {
        long hash = from;
        for (int i = 0, n = text.length(); i < n; i++) {
            hash = (hash ^ text.charAt(i)) * FNV_64_PRIME;
        }
        return hash;
    }

    /** FNV-1a, finished as MurmurHash3 finishes (fmix32). */
    private static int fnv32(CharSequence text, int from, int to) {
        int hash = FNV_32_BASIS;
        for (int i = from; i < to; i++) {
            hash = (hash ^ text.charAt(i)) * FNV_32_PRIME;
        }
        hash ^= hash >>> 16;
        hash *= 0x85EBCA6B;
        hash ^= hash >>> 13;
        hash *= 0xC2B2AE35;
        return hash ^ (hash >>> 16);
    }
}
