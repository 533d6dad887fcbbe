package io.livepredict.streams.commit;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * A store whose values others read from a topic: what has changed is forwarded right before each commit, so that a value that
 * changes often goes out once, and what is over is removed with a tombstone. One task's thread only.
 */
public final class PublishedTable {
    private final ProcessorContext<String, byte[]> task;
    private final KeyValueStore<String, byte[]> store;
    private final PreCommitStore.Forwarder<String, byte[]> forwarder;
    private final PreCommitStore.Position position = new PreCommitStore.Position();
    /** By key its value, where that was not published yet. */
    private final Map<String, byte[]> changed = new LinkedHashMap<>();

    /** Make it in {@code Processor.init}. */
    public PublishedTable(
            ProcessorContext<String, byte[]> task, KeyValueStore<String, byte[]> store, PreCommitStore preCommit) {
        this.task = task;
        this.store = store;
        forwarder = new PreCommitStore.Forwarder<>(task);
        preCommit.onPreCommit(this::publish);
        preCommit.onDiscard(changed::clear);
    }

    /** The present value; null for none. */
    public byte @Nullable [] get(String key) {
        return store.get(key);
    }

    /** Changes a value because of the record that is being processed. */
    public void put(String key, byte[] value) {
        store.put(key, value);
        changed.put(key, value);
        forwarder.remember(position);
    }

    /**
     * Removes keys, with tombstones.
     *
     * @param now timestamp of the tombstones, epoch milliseconds
     */
    public void remove(Collection<String> keys, long now) {
        for (String key : keys) {
            store.delete(key);
            changed.remove(key);
            task.forward(tombstone(key, now));
        }
    }

    private void publish() {
        if (changed.isEmpty()) {
            return;
        }
        long now = task.currentSystemTimeMs();
        forwarder.begin();
        try {
            changed.forEach((key, value) -> forwarder.forward(position, new Record<>(key, value, now), null));
        } finally {
            forwarder.end();
        }
        changed.clear();
    }

    @SuppressWarnings("NullAway") // Kafka's jar carries no annotations: a tombstone is null
    private static Record<String, byte[]> tombstone(String key, long now) {
        return new Record<>(key, null, now);
    }
}
