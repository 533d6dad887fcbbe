package io.livepredict.deploy.report;

import java.util.Arrays;

/**
 * A map from long to long with open addressing: millions of records are counted, and boxes would not fit. Keys are
 * hashes that are well mixed already; one key value is reserved and replaced by another. Not safe for use from several
 * threads.
 */
final class LongLongMap {
    private static final long FREE = 0;
    private static final long INSTEAD_OF_FREE = 0x9E3779B97F4A7C15L;

    private long[] keys = new long[1 << 10];
    private long[] values = new long[1 << 10];
    private int size;

    int size() {
        return size;
    }

    /** Puts the value unless the key is there already. Returns whether it was put. */
    boolean putIfAbsent(long key, long value) {
        long k = key == FREE ? INSTEAD_OF_FREE : key;
        int slot = slot(k);
        if (keys[slot] != FREE) {
            return false;
        }
        keys[slot] = k;
        values[slot] = value;
        if (++size * 2 > keys.length) {
            grow();
        }
        return true;
    }

    /** The key's value, or the other if it is not there. */
    long getOrDefault(long key, long other) {
        long k = key == FREE ? INSTEAD_OF_FREE : key;
        int slot = slot(k);
        return keys[slot] == FREE ? other : values[slot];
    }

    private int slot(long key) {
        int mask = keys.length - 1;
        int slot = (int) ((key * 0x9E3779B97F4A7C15L) >>> 32) & mask;
        while (keys[slot] != FREE && keys[slot] != key) {
            slot = (slot + 1) & mask;
        }
        return slot;
    }

    private void grow() {
        long[] oldKeys = keys;
        long[] oldValues = values;
        keys = new long[oldKeys.length * 2];
        values = Arrays.copyOf(oldValues, keys.length);
        for (int i = 0; i < oldKeys.length; i++) {
            if (oldKeys[i] != FREE) {
                int slot = slot(oldKeys[i]);
                keys[slot] = oldKeys[i];
                values[slot] = oldValues[i];
            }
        }
    }
}
