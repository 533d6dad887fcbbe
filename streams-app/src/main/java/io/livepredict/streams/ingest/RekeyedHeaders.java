package io.livepredict.streams.ingest;

import io.livepredict.contract.DeadLetters;
import io.livepredict.streams.time.PartitionTime;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;

/**
 * Where a re-keyed record came from and how far its partition had come with it, as it travels in the headers of the repartition
 * topic. Read nowhere else.
 */
final class RekeyedHeaders {
    private static final String TOPIC = "livepredict.source.topic";
    /** Partition (int), offset (long), timestamp (long), the partition's watermark (long). */
    private static final String PLACE = "livepredict.source.place";

    private static final String KEY = "livepredict.source.key";

    /** The value is {@link EventBytes} and not the source record's. */
    private static final String EVENT = "livepredict.source.event";

    private static final int PLACE_BYTES = 28;
    /** Former builds carried no watermark. */
    private static final int PLACE_WITHOUT_WATERMARK_BYTES = 20;

    private RekeyedHeaders() {}

    /** @param watermarkMillis of the record's source partition, the record itself included */
    static Headers of(SourceRecord source, long watermarkMillis) {
        Headers headers = new RecordHeaders();
        headers.add(TOPIC, source.topic().getBytes(StandardCharsets.UTF_8));
        headers.add(
                PLACE,
                ByteBuffer.allocate(PLACE_BYTES)
                        .putInt(source.partition())
                        .putLong(source.offset())
                        .putLong(source.timestampMillis())
                        .putLong(watermarkMillis)
                        .array());
        if (source.isWithheld()) {
            headers.add(EVENT, new byte[0]);
        }
        if (source.key() != null) {
            headers.add(KEY, source.key());
        }
        String replayed = source.replayed();
        if (replayed != null) {
            headers.add(DeadLetters.REPLAYED, replayed.getBytes(StandardCharsets.UTF_8));
        }
        return headers;
    }

    /** The source record, or null if the headers are not what {@link #of} writes. */
    static @Nullable SourceRecord source(Headers headers, byte @Nullable [] value) {
        Header topic = headers.lastHeader(TOPIC);
        Header place = headers.lastHeader(PLACE);
        if (topic == null || place == null || place.value().length < PLACE_WITHOUT_WATERMARK_BYTES) {
            return null;
        }
        Header key = headers.lastHeader(KEY);
        ByteBuffer numbers = ByteBuffer.wrap(place.value());
        return new SourceRecord(
                key == null ? null : key.value(),
                isEvent(headers) ? null : value,
                new String(topic.value(), StandardCharsets.UTF_8),
                numbers.getInt(),
                numbers.getLong(),
                numbers.getLong(),
                isEvent(headers),
                SourceRecord.replayed(headers));
    }

    /** Whether the value is {@link EventBytes}, and not the source record's. */
    static boolean isEvent(Headers headers) {
        return headers.lastHeader(EVENT) != null;
    }

    /** The watermark that the record carries; {@link PartitionTime#NONE} if it carries none. */
    static long watermark(Headers headers) {
        Header place = headers.lastHeader(PLACE);
        return place == null || place.value().length < PLACE_BYTES
                ? PartitionTime.NONE
                : ByteBuffer.wrap(place.value()).getLong(PLACE_WITHOUT_WATERMARK_BYTES);
    }
}
