package io.livepredict.streams.activity;

import io.livepredict.contract.Hashes;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Who was to be forgotten and when, so that events from before that time which are still on their way bring nobody back. It
 * lies in the activity store beside the entities, and holds a 64-bit hash of the id in place of the id. One task's thread only.
 */
final class ErasureMarks {
    /** Keys of marks begin with 2, before and after which no other keys lie: those of entities begin with 1. */
    private static final byte PREFIX = 2;

    private final KeyValueStore<Bytes, byte[]> store;
    private final long keptMillis;
    /** By hash of the id when the latest erasure was asked for. */
    private final Map<Long, Long> marks = new HashMap<>();

    /** @param kept a mark is dropped when time has come so far beyond it that nobody sends such old events */
    ErasureMarks(KeyValueStore<Bytes, byte[]> store, Duration kept) {
        this.store = store;
        keptMillis = kept.toMillis();
        try (KeyValueIterator<Bytes, byte[]> all =
                store.range(Bytes.wrap(new byte[] {PREFIX}), Bytes.wrap(new byte[] {PREFIX + 1}))) {
            while (all.hasNext()) {
                KeyValue<Bytes, byte[]> mark = all.next();
                marks.put(
                        ByteBuffer.wrap(mark.key.get(), 1, Long.BYTES).getLong(),
                        ByteBuffer.wrap(mark.value).getLong());
            }
        }
    }

    /** Notes that the entity was to be forgotten at that time, epoch milliseconds. */
    void add(String entityId, long requestedAtMillis) {
        long hash = Hashes.id64(entityId);
        long latest = Math.max(requestedAtMillis, marks.getOrDefault(hash, Long.MIN_VALUE));
        marks.put(hash, latest);
        store.put(key(hash), ByteBuffer.allocate(Long.BYTES).putLong(latest).array());
    }

    /** Whether an event of the entity is of a time that is to be forgotten. */
    boolean covers(String entityId, long eventMillis) {
        if (marks.isEmpty()) {
            return false;
        }
        Long mark = marks.get(Hashes.id64(entityId));
        return mark != null && eventMillis <= mark;
    }

    /** Drops the marks that have served their purpose. */
    void expire(long labelTimeMillis) {
        for (Iterator<Map.Entry<Long, Long>> all = marks.entrySet().iterator(); all.hasNext(); ) {
            Map.Entry<Long, Long> mark = all.next();
            if (mark.getValue() < labelTimeMillis - keptMillis) {
                store.delete(key(mark.getKey()));
                all.remove();
            }
        }
    }

    private static Bytes key(long hash) {
        return Bytes.wrap(
                ByteBuffer.allocate(1 + Long.BYTES).put(PREFIX).putLong(hash).array());
    }
}
