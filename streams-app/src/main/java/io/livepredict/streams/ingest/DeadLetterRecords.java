package io.livepredict.streams.ingest;

import io.livepredict.contract.DeadLetterReason;
import io.livepredict.contract.DeadLetters;
import io.livepredict.contract.DeadLetters.Payload;
import io.livepredict.contract.Hashes;
import io.livepredict.streams.mapping.RefusedRecordException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/**
 * Makes records for the dead-letters topic: the source record's own bytes, or what of them may be kept, with headers that say
 * why it is there.
 */
public final class DeadLetterRecords {
    private static final int MAX_MESSAGE = 500;

    private DeadLetterRecords() {}

    /**
     * The dead letter of a source record that was refused.
     *
     * @param payload what is kept of it
     * @param remedy what to do, in words that go on from the refusal's
     * @param nowMillis wall clock, the dead letter's timestamp: the source record's own may be one that a broker refuses
     */
    static Record<byte[], byte[]> of(
            SourceRecord source, Payload payload, RefusedRecordException refused, String remedy, long nowMillis) {
        String words = payload == Payload.KEEP ? refused.words() : refused.wordsWithoutValue();
        return of(source, payload, refused.reason(), words + remedy, nowMillis);
    }

    /**
     * The dead letter of one source record.
     *
     * @param source the record that could not be used
     * @param payload what is kept of it
     * @param reason why
     * @param message one line for a person, without anything that the record holds; cut at 500 characters
     * @param nowMillis wall clock, the dead letter's timestamp: the source record's own may be one that a broker refuses
     */
    public static Record<byte[], byte[]> of(
            SourceRecord source, Payload payload, DeadLetterReason reason, String message, long nowMillis) {
        Headers headers = new RecordHeaders();
        add(headers, DeadLetters.REASON, reason.name());
        add(headers, DeadLetters.MESSAGE, oneLine(message));
        add(headers, DeadLetters.TOPIC, source.topic());
        add(headers, DeadLetters.PARTITION, Integer.toString(source.partition()));
        add(headers, DeadLetters.OFFSET, Long.toString(source.offset()));
        add(headers, DeadLetters.TIMESTAMP, Long.toString(source.timestampMillis()));
        String replayed = source.replayed();
        if (replayed != null) {
            add(headers, DeadLetters.REPLAYED, replayed);
        }
        if (payload != Payload.KEEP || source.isWithheld()) {
            add(headers, DeadLetters.PAYLOAD, source.isWithheld() ? Payload.NONE.name() : payload.name());
            addHash(headers, payload == Payload.HASH ? source.value() : null);
            return record(null, null, Math.max(0, nowMillis), headers);
        }
        byte[] key = source.key();
        if (key != null && key.length > DeadLetters.MAX_VALUE_BYTES) {
            add(headers, DeadLetters.KEY_LENGTH, Integer.toString(key.length));
            key = Arrays.copyOf(key, DeadLetters.MAX_VALUE_BYTES);
        }
        byte[] value = source.value();
        if (value != null && value.length > DeadLetters.MAX_VALUE_BYTES) {
            addHash(headers, value);
            value = Arrays.copyOf(value, DeadLetters.MAX_VALUE_BYTES);
        }
        return record(key, value, Math.max(0, nowMillis), headers);
    }

    private static void addHash(Headers headers, byte @Nullable [] value) {
        if (value != null) {
            add(headers, DeadLetters.VALUE_LENGTH, Integer.toString(value.length));
            add(headers, DeadLetters.VALUE_SHA256, Hashes.sha256(value));
        }
    }

    @SuppressWarnings("NullAway") // Kafka's Record takes null keys and values; its jar carries no annotations
    private static Record<byte[], byte[]> record(
            byte @Nullable [] key, byte @Nullable [] value, long timestamp, Headers headers) {
        return new Record<>(key, value, timestamp, headers);
    }

    private static void add(Headers headers, String name, String value) {
        headers.add(name, value.getBytes(StandardCharsets.UTF_8));
    }

    private static String oneLine(String message) {
        String line = message.replaceAll("\\s+", " ").strip();
        return line.length() <= MAX_MESSAGE ? line : line.substring(0, MAX_MESSAGE - 1) + '…';
    }
}
