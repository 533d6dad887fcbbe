package io.livepredict.streams.deadletters;

import io.livepredict.contract.DeadLetters;
import io.livepredict.streams.ingest.SourceRecord;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/**
 * A record of the dead-letters topic.
 *
 * @param partition where it lies in the dead-letters topic
 * @param offset where it lies there
 * @param refusedAtMillis when it was refused, by the clock of who refused it
 * @param reason a {@link io.livepredict.contract.DeadLetterReason}, or one of a build to come
 * @param message one line for a person
 * @param source the record as it lay in its source topic; its timestamp is that of the dead letter where a former build wrote
 *     it
 * @param isWhole whether key and value are there as they were
 */
public record DeadLetter(
        int partition,
        long offset,
        long refusedAtMillis,
        String reason,
        String message,
        SourceRecord source,
        boolean isWhole) {
    private static final long MISSING = Long.MIN_VALUE;

    /** The dead letter in a record; null if it is none, but a {@link Receipts receipt} or foreign. */
    static @Nullable DeadLetter of(ConsumerRecord<byte[], byte[]> record) {
        Headers headers = record.headers();
        String reason = text(headers, DeadLetters.REASON);
        String topic = text(headers, DeadLetters.TOPIC);
        long partition = number(headers, DeadLetters.PARTITION, -1);
        long offset = number(headers, DeadLetters.OFFSET, MISSING); // a look, which has no record, has -1
        if (reason == null || topic == null || partition < 0 || offset == MISSING) {
            return null;
        }
        boolean cut = headers.lastHeader(DeadLetters.PAYLOAD) != null
                || headers.lastHeader(DeadLetters.VALUE_LENGTH) != null
                || headers.lastHeader(DeadLetters.KEY_LENGTH) != null;
        String message = text(headers, DeadLetters.MESSAGE);
        return new DeadLetter(
                record.partition(),
                record.offset(),
                record.timestamp(),
                reason,
                message == null ? "" : message,
                new SourceRecord(
                        record.key(),
                        record.value(),
                        topic,
                        (int) partition,
                        offset,
                        number(headers, DeadLetters.TIMESTAMP, record.timestamp()),
                        false,
                        text(headers, DeadLetters.REPLAYED)),
                !cut);
    }

    /** The source record as it is sent again: with its own timestamp, which a broker takes if it is not ahead. */
    SourceRecord asSent(long nowMillis) {
        return new SourceRecord(
                source.key(),
                source.value(),
                source.topic(),
                source.partition(),
                source.offset(),
                Math.clamp(source.timestampMillis(), 0, nowMillis),
                false,
                source.replayed());
    }

    /** Topic, partition and offset of this dead letter: what {@link DeadLetters#REPLAYED} says of what is made of it. */
    String place(String topic) {
        return topic + '/' + partition + '/' + offset;
    }

    private static @Nullable String text(Headers headers, String name) {
        Header header = headers.lastHeader(name);
        return header == null || header.value() == null ? null : new String(header.value(), StandardCharsets.UTF_8);
    }

    private static long number(Headers headers, String name, long otherwise) {
        String text = text(headers, name);
        try {
            return text == null ? otherwise : Long.parseLong(text);
        } catch (NumberFormatException e) {
            return otherwise;
        }
    }
}
