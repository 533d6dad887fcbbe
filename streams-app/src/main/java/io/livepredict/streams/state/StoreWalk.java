package io.livepredict.streams.state;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/** Walks round and round through a store's keys, a slice at a time, so that none of them takes long. One task's thread. */
public final class StoreWalk<K> {
    private static final int SLICE = 1_000;
    private static final long ROUND_NANOS = Duration.ofMillis(50).toNanos();

    /** Entities' keys begin with 1, see {@link EntityKey}. */
    private static final Bytes FIRST_ENTITY = Bytes.wrap(new byte[] {1});

    /** Before the first key that is no entity's any more. */
    private static final Bytes BEHIND_ENTITIES = Bytes.wrap(new byte[] {2});

    private final KeyValueStore<K, byte[]> store;
    private final K first;
    private final @Nullable K end;
    private K cursor;

    private StoreWalk(KeyValueStore<K, byte[]> store, K first, @Nullable K end) {
        this.store = store;
        this.first = first;
        this.end = end;
        cursor = first;
    }

    /** Through the entities of a store that has other keys besides. */
    public static StoreWalk<Bytes> ofEntities(KeyValueStore<Bytes, byte[]> store) {
        return new StoreWalk<>(store, FIRST_ENTITY, BEHIND_ENTITIES);
    }

    /** Through all of a store's keys. */
    public static StoreWalk<String> ofTexts(KeyValueStore<String, byte[]> store) {
        return new StoreWalk<>(store, "", null);
    }

    /** Those of the next slice whose values are of that sort. */
    public List<K> next(Predicate<byte[]> wanted) {
        List<K> found = new ArrayList<>();
        K next = first;
        try (KeyValueIterator<K, byte[]> iterator = range()) {
            for (int i = 0; iterator.hasNext(); i++) {
                if (i == SLICE) {
                    next = iterator.peekNextKey();
                    break;
                }
                KeyValue<K, byte[]> entry = iterator.next();
                if (wanted.test(entry.value)) {
                    found.add(entry.key);
                }
            }
        }
        cursor = next;
        return found;
    }

    /**
     * A slice after the other, for 50 ms or until the store's end; the next round goes on there. By time and not by number, so
     * that short-lived keys do not pile up.
     *
     * @param each is given those of a slice whose values are of that sort; it may change the store
     */
    public void round(Predicate<byte[]> wanted, Consumer<List<K>> each) {
        long began = System.nanoTime();
        do {
            each.accept(next(wanted));
        } while (!cursor.equals(first) && System.nanoTime() - began < ROUND_NANOS);
    }

    @SuppressWarnings("NullAway") // Kafka's jar carries no annotations: null is "to the end"
    private KeyValueIterator<K, byte[]> range() {
        return store.range(cursor, end);
    }
}
