package io.livepredict.streams.ingest;

import java.util.function.LongSupplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.streams.processor.TimestampExtractor;

/**
 * The record's own timestamp, brought between 0 and now. Kafka's default extractor kills the thread over a negative one,
 * and one far in the future would be refused by the broker when a record derived from it is written. Event time is in the
 * payload and is not touched.
 */
public final class TransportTime implements TimestampExtractor {
    private final LongSupplier wallClockMillis;

    public TransportTime(LongSupplier wallClockMillis) {
        this.wallClockMillis = wallClockMillis;
    }

    @Override
    public long extract(ConsumerRecord<Object, Object> record, long partitionTime) {
        return Math.max(0, Math.min(record.timestamp(), wallClockMillis.getAsLong()));
    }
}
