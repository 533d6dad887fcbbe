package io.livepredict.streams.outcome;

import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.query.Position;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/** A store whose contents outlive it, as if restored from its changelog: what a restart finds. */
@SuppressWarnings("NullAway") // Kafka's jar carries no annotations; nulls are part of its interfaces
final class LastingStore implements KeyValueStore<Bytes, byte[]> {
    private final String name;
    private final NavigableMap<Bytes, byte[]> contents;
    private boolean open;

    private LastingStore(String name, NavigableMap<Bytes, byte[]> contents) {
        this.name = name;
        this.contents = contents;
    }

    /** A supplier of stores with these contents, by store name. */
    static KeyValueBytesStoreSupplier supplier(String name, Map<String, NavigableMap<Bytes, byte[]>> all) {
        NavigableMap<Bytes, byte[]> contents = all.computeIfAbsent(name, n -> new TreeMap<>());
        return new KeyValueBytesStoreSupplier() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public KeyValueStore<Bytes, byte[]> get() {
                return new LastingStore(name, contents);
            }

            @Override
            public String metricsScope() {
                return "lasting";
            }
        };
    }

    @Override
    public void put(Bytes key, byte @Nullable [] value) {
        if (value == null) {
            contents.remove(key);
        } else {
            contents.put(key, value.clone());
        }
    }

    @Override
    public byte[] putIfAbsent(Bytes key, byte[] value) {
        byte[] before = get(key);
        if (before == null) {
            put(key, value);
        }
        return before;
    }

    @Override
    public void putAll(List<KeyValue<Bytes, byte[]>> entries) {
        entries.forEach(entry -> put(entry.key, entry.value));
    }

    @Override
    public byte[] delete(Bytes key) {
        return contents.remove(key);
    }

    @Override
    public byte[] get(Bytes key) {
        return contents.get(key);
    }

    @Override
    public KeyValueIterator<Bytes, byte[]> range(@Nullable Bytes from, @Nullable Bytes to) {
        NavigableMap<Bytes, byte[]> some = contents;
        some = from == null ? some : some.tailMap(from, true);
        some = to == null ? some : some.headMap(to, true);
        return new Entries(new TreeMap<>(some));
    }

    @Override
    public KeyValueIterator<Bytes, byte[]> all() {
        return range(null, null);
    }

    @Override
    public long approximateNumEntries() {
        return contents.size();
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public void init(StateStoreContext context, StateStore root) {
        context.register(root, (key, value) -> {});
        open = true;
    }

    @Override
    public void close() {
        open = false;
    }

    @Override
    public boolean persistent() {
        return false;
    }

    @Override
    public Position getPosition() {
        return Position.emptyPosition();
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    private static final class Entries implements KeyValueIterator<Bytes, byte[]> {
        private final Iterator<Map.Entry<Bytes, byte[]>> rest;
        private @Nullable KeyValue<Bytes, byte[]> next;

        Entries(NavigableMap<Bytes, byte[]> entries) {
            rest = entries.entrySet().iterator();
            advance();
        }

        private void advance() {
            next = null;
            if (rest.hasNext()) {
                Map.Entry<Bytes, byte[]> entry = rest.next();
                next = KeyValue.pair(entry.getKey(), entry.getValue());
            }
        }

        @Override
        public boolean hasNext() {
            return next != null;
        }

        @Override
        public Bytes peekNextKey() {
            return next.key;
        }

        @Override
        public KeyValue<Bytes, byte[]> next() {
            KeyValue<Bytes, byte[]> current = next;
            advance();
            return current;
        }

        @Override
        public void close() {}
    }
}
