package io.livepredict.streams.state;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/** Walks round and round through a store's entities, a slice at a time, so that none of them takes long. One task's thread. */
public final class EntityWalk {
    private static final int SLICE = 1_000;
    /** Entities' keys begin with 1, see {@link EntityKey}. */
    private static final Bytes FIRST = Bytes.wrap(new byte[] {1});

    /** Before the first key that is no entity's any more. */
    private static final Bytes END = Bytes.wrap(new byte[] {2});

    private final KeyValueStore<Bytes, byte[]> store;
    private Bytes cursor = FIRST;

    public EntityWalk(KeyValueStore<Bytes, byte[]> store) {
        this.store = store;
    }

    /** Those of the next slice whose values are of that sort. */
    public List<Bytes> next(Predicate<byte[]> wanted) {
        List<Bytes> found = new ArrayList<>();
        Bytes next = FIRST;
        try (KeyValueIterator<Bytes, byte[]> iterator = store.range(cursor, END)) {
            for (int i = 0; iterator.hasNext(); i++) {
                if (i == SLICE) {
                    next = iterator.peekNextKey();
                    break;
                }
                KeyValue<Bytes, byte[]> entry = iterator.next();
                if (wanted.test(entry.value)) {
                    found.add(entry.key);
                }
            }
        }
        cursor = next;
        return found;
    }
}
