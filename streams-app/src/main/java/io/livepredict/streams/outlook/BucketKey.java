package io.livepredict.streams.outlook;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import org.apache.kafka.common.utils.Bytes;

/**
 * A context's bucket, and the bucket with whose end it is due: its own, or that with which labels of it are known. Stored
 * so that keys are in the order in which they are due; signs are flipped, because bytes are compared unsigned.
 */
record BucketKey(long due, long bucket, String contextId) implements Comparable<BucketKey> {
    private static final Comparator<BucketKey> ORDER = Comparator.comparingLong(BucketKey::due)
            .thenComparingLong(BucketKey::bucket)
            .thenComparing(BucketKey::contextId);

    @Override
    public int compareTo(BucketKey other) {
        return ORDER.compare(this, other);
    }

    Bytes bytes() {
        byte[] context = contextId.getBytes(StandardCharsets.UTF_8);
        return Bytes.wrap(ByteBuffer.allocate(16 + context.length)
                .putLong(due ^ Long.MIN_VALUE)
                .putLong(bucket ^ Long.MIN_VALUE)
                .put(context)
                .array());
    }

    static BucketKey of(Bytes key) {
        ByteBuffer buffer = ByteBuffer.wrap(key.get());
        long due = buffer.getLong() ^ Long.MIN_VALUE;
        long bucket = buffer.getLong() ^ Long.MIN_VALUE;
        byte[] context = new byte[buffer.remaining()];
        buffer.get(context);
        return new BucketKey(due, bucket, new String(context, StandardCharsets.UTF_8));
    }

    /** Not above any key that is due with that bucket, and above all that are due before. */
    static Bytes first(long due) {
        return Bytes.wrap(ByteBuffer.allocate(8).putLong(due ^ Long.MIN_VALUE).array());
    }
}
