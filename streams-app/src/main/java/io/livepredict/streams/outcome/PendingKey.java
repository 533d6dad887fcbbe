package io.livepredict.streams.outcome;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.utils.Bytes;

/**
 * Key of a pending snapshot: deadline, entity, sequence, so that the store is in the order in which horizons pass. The
 * deadline's sign is flipped, because bytes are compared unsigned.
 */
record PendingKey(long deadlineMillis, String entityId, long sequence) {
    Bytes bytes() {
        byte[] entity = entityId.getBytes(StandardCharsets.UTF_8);
        ByteBuffer buffer = ByteBuffer.allocate(16 + entity.length);
        buffer.putLong(deadlineMillis ^ Long.MIN_VALUE).put(entity).putLong(sequence);
        return Bytes.wrap(buffer.array());
    }

    static PendingKey of(Bytes key) {
        ByteBuffer buffer = ByteBuffer.wrap(key.get());
        long deadline = buffer.getLong() ^ Long.MIN_VALUE;
        byte[] entity = new byte[buffer.remaining() - 8];
        buffer.get(entity);
        return new PendingKey(deadline, new String(entity, StandardCharsets.UTF_8), buffer.getLong());
    }

    static long deadlineOf(Bytes key) {
        return ByteBuffer.wrap(key.get()).getLong() ^ Long.MIN_VALUE;
    }

    /** Not above any key with that deadline, and above all with an earlier one. */
    static Bytes first(long deadlineMillis) {
        return Bytes.wrap(
                ByteBuffer.allocate(8).putLong(deadlineMillis ^ Long.MIN_VALUE).array());
    }
}
