package io.livepredict.streams.state;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * The values of the keys used last, on the heap, in front of a store: an active entity is read from memory, and RocksDB is
 * asked only for one that comes back. Every write goes through to the store and its changelog at once, so that losing this loses nothing.
 *
 * <p>Make a new one each time a task begins to process, and keep none beyond the task: while a task is another instance's
 * standby, its store changes underneath. Keys that are written here must be read and written here only. One task's thread.
 */
public final class RecentValues implements AutoCloseable {
    /** What an entry takes beside its key's and value's bytes: map entry, two array headers, the key's wrapper. */
    private static final int OVERHEAD = 128;

    /** Stands for a key that is known not to be in the store. */
    private static final byte[] ABSENT = {};

    private final KeyValueStore<Bytes, byte[]> store;
    private final Budget budget;
    /** From the key used longest ago to the last. */
    private final LinkedHashMap<Bytes, byte[]> values = new LinkedHashMap<>(16, 0.75f, true);

    private long bytes;

    /** Begins empty. */
    public RecentValues(KeyValueStore<Bytes, byte[]> store, Budget budget) {
        this.store = store;
        this.budget = budget;
        budget.open.incrementAndGet();
    }

    /** The key's value, null if there is none. Not to be changed. */
    public byte @Nullable [] get(Bytes key) {
        byte[] known = values.get(key);
        if (known == null) {
            byte[] stored = store.get(key);
            known = stored == null ? ABSENT : stored;
            keep(key, known);
        }
        return isAbsent(known) ? null : known;
    }

    /** Sets the key's value, here and in the store. The array is the store's from then on. */
    public void put(Bytes key, byte[] value) {
        store.put(key, value);
        keep(key, value);
    }

    /** Removes the key, here and from the store. */
    public void delete(Bytes key) {
        remove(store, key);
        keep(key, ABSENT);
    }

    /**
     * Removes a key from a store without asking what its value was, as {@link KeyValueStore#delete} would: one search less.
     */
    @SuppressWarnings("NullAway") // Kafka's jar carries no annotations; null is documented to delete
    public static void remove(KeyValueStore<Bytes, byte[]> store, Bytes key) {
        store.put(key, null);
    }

    @SuppressWarnings("ReferenceEquality")
    private static boolean isAbsent(byte[] value) {
        return value == ABSENT;
    }

    private void keep(Bytes key, byte[] value) {
        byte[] former = values.put(key, value);
        bytes += former == null ? size(key, value) : value.length - former.length;
        for (long most = budget.share(); bytes > most; ) {
            Map.Entry<Bytes, byte[]> eldest = values.pollFirstEntry();
            bytes -= size(eldest.getKey(), eldest.getValue());
        }
    }

    private static int size(Bytes key, byte[] value) {
        return OVERHEAD + key.get().length + value.length;
    }

    /** How many keys are known now. */
    int size() {
        return values.size();
    }

    /** Gives this cache's share of the budget back. */
    @Override
    public void close() {
        values.clear();
        bytes = 0;
        budget.open.decrementAndGet();
    }

    /** What all of an app's tasks may keep together; each has an equal share. */
    public static final class Budget {
        private final long bytes;
        private final AtomicInteger open = new AtomicInteger();

        /**
         * @param bytes of heap; 0 keeps nothing
         * @throws IllegalArgumentException if negative
         */
        public Budget(long bytes) {
            if (bytes < 0) {
                throw new IllegalArgumentException("bytes must not be negative, got " + bytes);
            }
            this.bytes = bytes;
        }

        private long share() {
            return bytes / Math.max(1, open.get());
        }
    }
}
