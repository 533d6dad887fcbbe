package io.livepredict.streams.ingest;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;

/** Where a re-keyed record came from, as it travels in the headers of the repartition topic. Read nowhere else. */
final class RekeyedHeaders {
    private static final String TOPIC = "livepredict.source.topic";
    /** Partition (int), offset (long), timestamp (long). */
    private static final String PLACE = "livepredict.source.place";

    private static final String KEY = "livepredict.source.key";

    private RekeyedHeaders() {}

    static Headers of(SourceRecord source) {
        Headers headers = new RecordHeaders();
        headers.add(TOPIC, source.topic().getBytes(StandardCharsets.UTF_8));
        headers.add(
                PLACE,
                ByteBuffer.allocate(20)
                        .putInt(source.partition())
                        .putLong(source.offset())
                        .putLong(source.timestampMillis())
                        .array());
        if (source.key() != null) {
            headers.add(KEY, source.key());
        }
        return headers;
    }

    /** The source record, or null if the headers are not what {@link #of} writes. */
    static @Nullable SourceRecord source(Headers headers, byte @Nullable [] value) {
        Header topic = headers.lastHeader(TOPIC);
        Header place = headers.lastHeader(PLACE);
        if (topic == null || place == null || place.value().length != 20) {
            return null;
        }
        Header key = headers.lastHeader(KEY);
        ByteBuffer numbers = ByteBuffer.wrap(place.value());
        return new SourceRecord(
                key == null ? null : key.value(),
                value,
                new String(topic.value(), StandardCharsets.UTF_8),
                numbers.getInt(),
                numbers.getLong(),
                numbers.getLong());
    }
}
