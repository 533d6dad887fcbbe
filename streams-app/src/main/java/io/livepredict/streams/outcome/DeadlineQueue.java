package io.livepredict.streams.outcome;

import java.util.PriorityQueue;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * The keys of the pending snapshots that come due next, so that the store is not searched for every event. All keys
 * before {@link #knownUntilMillis} are in memory; the stretch looked at next grows and shrinks so that it holds some
 * hundreds. Used by one task's thread.
 */
final class DeadlineQueue {
    private static final int FEW = 128;
    private static final int MANY = 1024;
    private static final long LONGEST_SPAN = 86_400_000L;

    private final KeyValueStore<Bytes, byte[]> store;
    private final PriorityQueue<Bytes> keys = new PriorityQueue<>();
    /** Every stored key with an earlier deadline is in {@link #keys}. */
    private long knownUntilMillis = Long.MIN_VALUE;

    private long spanMillis = 1_000;

    DeadlineQueue(KeyValueStore<Bytes, byte[]> store) {
        this.store = store;
        try (KeyValueIterator<Bytes, byte[]> all = store.all()) {
            if (all.hasNext()) {
                knownUntilMillis = PendingKey.deadlineOf(all.peekNextKey());
            }
        }
    }

    /** Call after that key was put into the store. */
    void added(Bytes key) {
        if (knownUntilMillis == Long.MIN_VALUE) {
            knownUntilMillis = PendingKey.deadlineOf(key); // the first of all
        }
        if (PendingKey.deadlineOf(key) < knownUntilMillis) {
            keys.add(key);
        }
    }

    /** The first key whose deadline is before the watermark, null for none. The caller deletes it from the store. */
    @Nullable
    Bytes poll(long watermarkMillis) {
        while (true) {
            Bytes first = keys.peek();
            if (first != null) {
                return PendingKey.deadlineOf(first) < watermarkMillis ? keys.poll() : null;
            }
            if (knownUntilMillis == Long.MIN_VALUE || knownUntilMillis >= watermarkMillis) {
                return null;
            }
            readOn();
        }
    }

    private void readOn() {
        long until = knownUntilMillis + spanMillis;
        int found = 0;
        try (KeyValueIterator<Bytes, byte[]> stretch =
                store.range(PendingKey.first(knownUntilMillis), PendingKey.first(until))) {
            long last = knownUntilMillis;
            while (stretch.hasNext()) {
                long deadline = PendingKey.deadlineOf(stretch.peekNextKey());
                if (found >= MANY && deadline != last) {
                    until = deadline;
                    break;
                }
                last = deadline;
                keys.add(stretch.next().key);
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
