package io.livepredict.streams.context;

import java.nio.ByteBuffer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * How often a task has looked up the recent buckets of a room or match for history, and how often some of them were missing.
 * It is stored with each change, and so exact through crashes: whoever loads history reads it from the changelog, for features
 * that are learned from without them are wrong. One task's thread only.
 */
public final class HistoryLookups {
    private static final Bytes KEY = Bytes.wrap(new byte[] {0});
    private static final byte LAYOUT = 1;
    private static final int LENGTH = 1 + 2 * Long.BYTES;

    private final KeyValueStore<Bytes, byte[]> store;
    private Count count;

    /**
     * A number of lookups.
     *
     * @param all how many
     * @param missing in how many of them buckets were missing
     */
    public record Count(long all, long missing) {
        /** None so far. */
        public static final Count NONE = new Count(0, 0);

        /** What a task has stored; {@link #NONE} for nothing, or what another build has. */
        public static Count read(byte[] stored) {
            if (stored.length != LENGTH || stored[0] != LAYOUT) {
                return NONE;
            }
            ByteBuffer in = ByteBuffer.wrap(stored, 1, LENGTH - 1);
            return new Count(in.getLong(), in.getLong());
        }

        private byte[] write() {
            return ByteBuffer.allocate(LENGTH)
                    .put(LAYOUT)
                    .putLong(all)
                    .putLong(missing)
                    .array();
        }

        /** Both together. */
        public Count plus(Count other) {
            return new Count(all + other.all, missing + other.missing);
        }
    }

    /** Goes on with what is in the store. */
    HistoryLookups(KeyValueStore<Bytes, byte[]> store) {
        this.store = store;
        byte[] stored = store.get(KEY);
        count = stored == null ? Count.NONE : Count.read(stored);
    }

    /** Buckets were looked up for history. */
    void looked(boolean whole) {
        count = count.plus(new Count(1, whole ? 0 : 1));
        store.put(KEY, count.write());
    }
}
