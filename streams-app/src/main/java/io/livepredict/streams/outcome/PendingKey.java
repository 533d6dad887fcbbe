package io.livepredict.streams.outcome;

import io.livepredict.streams.state.DeadlineKey;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.utils.Bytes;

/** Key of a pending snapshot: deadline, entity, sequence. */
record PendingKey(long deadlineMillis, String entityId, long sequence) {
    Bytes bytes() {
        byte[] entity = entityId.getBytes(StandardCharsets.UTF_8);
        ByteBuffer rest = ByteBuffer.allocate(entity.length + Long.BYTES);
        return DeadlineKey.of(deadlineMillis, rest.put(entity).putLong(sequence).array());
    }

    static PendingKey of(Bytes key) {
        ByteBuffer rest = DeadlineKey.restOf(key);
        byte[] entity = new byte[rest.remaining() - Long.BYTES];
        rest.get(entity);
        return new PendingKey(DeadlineKey.deadlineOf(key), new String(entity, StandardCharsets.UTF_8), rest.getLong());
    }
}
