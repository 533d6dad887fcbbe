package io.livepredict.streams.state;

import java.nio.ByteBuffer;
import org.apache.kafka.common.utils.Bytes;

/**
 * A key that begins with a deadline, so that its store is in the order in which deadlines pass. The deadline's sign is flipped,
 * because bytes are compared unsigned. The bytes are in stores and changelogs and must not change.
 */
public final class DeadlineKey {
    private DeadlineKey() {}

    /** The key of that deadline, epoch milliseconds, and what comes behind it. */
    public static Bytes of(long deadlineMillis, byte[] rest) {
        return Bytes.wrap(ByteBuffer.allocate(Long.BYTES + rest.length)
                .putLong(deadlineMillis ^ Long.MIN_VALUE)
                .put(rest)
                .array());
    }

    /** The deadline of a key, epoch milliseconds. */
    public static long deadlineOf(Bytes key) {
        return ByteBuffer.wrap(key.get()).getLong() ^ Long.MIN_VALUE;
    }

    /** What comes behind the deadline of a key. */
    public static ByteBuffer restOf(Bytes key) {
        return ByteBuffer.wrap(key.get(), Long.BYTES, key.get().length - Long.BYTES);
    }

    /** Not above any key with that deadline, and above all with an earlier one. */
    public static Bytes first(long deadlineMillis) {
        return of(deadlineMillis, new byte[0]);
    }
}
