package io.livepredict.streams.state;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * What comes due next of a store whose keys are {@link DeadlineKey}s, so that the store is not searched for every event. All
 * keys before {@link
 * #knownUntilMillis} are in memory, most with their values; the stretch looked at next grows and shrinks so that it holds some
 * hundreds. Used by one task's thread.
 */
public final class DeadlineQueue {
    private static final int FEW = 128;
    private static final int MANY = 1024;
    private static final long LONGEST_SPAN = 86_400_000L;
    /** Beyond so many keys, values stay in the store only: a long stretch may fill up after it was read. */
    private static final int MOST_VALUES = 4 * MANY;

    /** Stands for a value that is looked up when its turn comes. */
    private static final byte[] IN_STORE = {};

    private final KeyValueStore<Bytes, byte[]> store;
    private final TreeMap<Bytes, byte[]> next = new TreeMap<>();
    /** Every stored key with an earlier deadline is in {@link #next}. */
    private long knownUntilMillis = Long.MIN_VALUE;

    private long spanMillis = 1_000;

    /** What has come due. */
    @SuppressWarnings("ArrayRecordComponent") // handed on, never compared
    public record Due(Bytes key, byte[] value) {}

    /** Goes on with what is in the store, which must be written through this only. */
    public DeadlineQueue(KeyValueStore<Bytes, byte[]> store) {
        this.store = store;
        try (KeyValueIterator<Bytes, byte[]> all = store.all()) {
            if (all.hasNext()) {
                knownUntilMillis = DeadlineKey.deadlineOf(all.peekNextKey());
            }
        }
    }

    /** Puts a value into the store and, if it is among the next, in here. */
    public void put(Bytes key, byte[] value) {
        store.put(key, value);
        if (knownUntilMillis == Long.MIN_VALUE) {
            knownUntilMillis = DeadlineKey.deadlineOf(key); // the first of all
        }
        if (DeadlineKey.deadlineOf(key) < knownUntilMillis) {
            keep(key, value);
        }
    }

    /** Takes the first whose deadline is before label time out of the store; null for none. */
    public @Nullable Due poll(long labelTimeMillis) {
        Map.Entry<Bytes, byte[]> first = first(labelTimeMillis);
        return first == null ? null : take(first);
    }

    /** That time, or the earliest deadline where that is before it. */
    public long firstBefore(long timeMillis) {
        Map.Entry<Bytes, byte[]> first = first(timeMillis);
        return first == null ? timeMillis : DeadlineKey.deadlineOf(first.getKey());
    }

    /** Takes a key out, wherever it is. */
    public void remove(Bytes key) {
        next.remove(key);
        RecentValues.remove(store, key);
    }

    private Map.@Nullable Entry<Bytes, byte[]> first(long beforeMillis) {
        while (true) {
            Map.Entry<Bytes, byte[]> first = next.firstEntry();
            if (first != null) {
                return DeadlineKey.deadlineOf(first.getKey()) < beforeMillis ? first : null;
            }
            if (knownUntilMillis == Long.MIN_VALUE || knownUntilMillis >= beforeMillis) {
                return null;
            }
            readOn();
        }
    }

    /**
     * Takes all entries with such keys out, due or not. It reads the whole store.
     *
     * @return the keys
     */
    public List<Bytes> removeIf(Predicate<Bytes> condition) {
        List<Bytes> removed = new ArrayList<>();
        try (KeyValueIterator<Bytes, byte[]> all = store.all()) {
            while (all.hasNext()) {
                Bytes key = all.next().key;
                if (condition.test(key)) {
                    removed.add(key);
                }
            }
        }
        for (Bytes key : removed) {
            next.remove(key);
            RecentValues.remove(store, key);
        }
        return removed;
    }

    @SuppressWarnings("ReferenceEquality")
    private Due take(Map.Entry<Bytes, byte[]> first) {
        Bytes key = first.getKey();
        next.pollFirstEntry();
        byte[] value = first.getValue() == IN_STORE ? store.get(key) : first.getValue();
        RecentValues.remove(store, key);
        return new Due(key, value);
    }

    private void keep(Bytes key, byte[] value) {
        next.put(key, next.size() < MOST_VALUES ? value : IN_STORE);
    }

    private void readOn() {
        long until = knownUntilMillis + spanMillis;
        int found = 0;
        try (KeyValueIterator<Bytes, byte[]> stretch =
                store.range(DeadlineKey.first(knownUntilMillis), DeadlineKey.first(until))) {
            long last = knownUntilMillis;
            while (stretch.hasNext()) {
                long deadline = DeadlineKey.deadlineOf(stretch.peekNextKey());
                if (found >= MANY && deadline != last) {
                    until = deadline;
                    break;
                }
                last = deadline;
                KeyValue<Bytes, byte[]> entry = stretch.next();
                keep(entry.key, entry.value);
                found++;
            }
        }
        knownUntilMillis = until;
        if (found < FEW) {
            spanMillis = Math.min(LONGEST_SPAN, 2 * spanMillis);
        } else if (found >= MANY) {
            spanMillis = Math.max(1, spanMillis / 2);
        }
    }
}
