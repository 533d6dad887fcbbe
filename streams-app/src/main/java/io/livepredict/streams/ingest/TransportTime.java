package io.livepredict.streams.ingest;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.streams.processor.TimestampExtractor;

/**
 * The record's own timestamp, brought between 0 and now for Kafka Streams. Its default extractor kills the thread over a
 * negative one, and one far in the future would be refused by the broker when a record derived from it is written. Event time
 * is in the payload and is none of this.
 *
 * <p>What is decided about a record must not depend on when it is read. So where its timestamp, its <em>stamp</em>, is ahead
 * of the clock here, the stamp stays with the record, in a header that only this class knows, and is what time bounds and event
 * time go by. Only a stamp that no broker takes by default ({@code message.timestamp.after.max.ms}, an hour) is brought down
 * to that.
 */
public final class TransportTime implements TimestampExtractor {
    private static final String STAMP = "livepredict.source.stamp";
    private static final long FURTHEST_AHEAD_MILLIS = Duration.ofHours(1).toMillis();

    private final LongSupplier wallClockMillis;

    public TransportTime(LongSupplier wallClockMillis) {
        this.wallClockMillis = wallClockMillis;
    }

    @Override
    public long extract(ConsumerRecord<Object, Object> record, long partitionTime) {
        long now = wallClockMillis.getAsLong();
        Headers headers = record.headers();
        if (headers.lastHeader(STAMP) != null) {
            headers.remove(STAMP); // only this class may set the stamp
        }
        if (record.timestamp() <= now) {
            return Math.max(0, record.timestamp());
        }
        long stamp = Math.min(record.timestamp(), now + FURTHEST_AHEAD_MILLIS);
        headers.add(STAMP, ByteBuffer.allocate(Long.BYTES).putLong(stamp).array());
        return Math.max(0, now);
    }

    /** The stamp of a record that passed {@link #extract}, epoch milliseconds. */
    static long stamp(Headers headers, long extractedMillis) {
        Header stamp = headers.lastHeader(STAMP);
        return stamp == null ? extractedMillis : ByteBuffer.wrap(stamp.value()).getLong();
    }
}
