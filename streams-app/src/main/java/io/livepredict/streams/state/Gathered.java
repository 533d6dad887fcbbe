package io.livepredict.streams.state;

import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * What is gathered in memory under ordered keys until it is taken out, and kept in a store from commit to commit: only what
 * is still here at a commit is ever written. One task's thread.
 *
 * @param <K> in the order in which they are taken out
 */
public final class Gathered<K extends Comparable<K>, V> {
    /** How keys and values are stored. */
    public interface Format<K, V> {
        /** The stored key. */
        Bytes key(K key);

        /** The key that was stored so. */
        K key(Bytes stored);

        /** The stored value. */
        byte[] write(K key, V value);

        /** The value that was stored so; null if another build or definition wrote it. */
        @Nullable
        V read(byte[] stored);
    }

    private final KeyValueStore<Bytes, byte[]> store;
    private final Format<K, V> format;
    private final TreeMap<K, V> open = new TreeMap<>();
    private final Set<K> changed = new HashSet<>();
    private final Set<K> stored = new HashSet<>();

    /**
     * Goes on with what is stored.
     *
     * @param unreadable called for each value that can't be read, which is deleted at the next commit
     */
    public Gathered(KeyValueStore<Bytes, byte[]> store, Format<K, V> format, Runnable unreadable) {
        this.store = store;
        this.format = format;
        try (KeyValueIterator<Bytes, byte[]> all = store.all()) {
            all.forEachRemaining(entry -> {
                K key = format.key(entry.key);
                stored.add(key);
                V value = format.read(entry.value);
                if (value != null) {
                    open.put(key, value);
                } else {
                    changed.add(key);
                    unreadable.run();
                }
            });
        }
    }

    /** The value of a key, a fresh one where there is none, to be changed. */
    public V change(K key, Supplier<V> fresh) {
        changed.add(key);
        return open.computeIfAbsent(key, absent -> fresh.get());
    }

    /** The first key; null where nothing is gathered. */
    public @Nullable K first() {
        return open.isEmpty() ? null : open.firstKey();
    }

    /** Takes the first out, of at least one. */
    public Map.Entry<K, V> takeFirst() {
        Map.Entry<K, V> first = open.pollFirstEntry();
        changed.remove(first.getKey());
        if (stored.remove(first.getKey())) {
            store.delete(format.key(first.getKey()));
        }
        return first;
    }

    /** Writes what has changed since the last commit. */
    public void storeChanged() {
        for (K key : changed) {
            V value = open.get(key);
            if (value != null) {
                store.put(format.key(key), format.write(key, value));
                stored.add(key);
            } else if (stored.remove(key)) {
                store.delete(format.key(key));
            }
        }
        changed.clear();
    }
}
