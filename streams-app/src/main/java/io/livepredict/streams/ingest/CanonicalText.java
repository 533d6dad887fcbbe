package io.livepredict.streams.ingest;

import io.livepredict.contract.CanonicalEvent;
import io.livepredict.contract.DeadLetterReason;
import io.livepredict.serde.AvroDecoder;
import io.livepredict.streams.mapping.RefusedRecordException;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;

/**
 * Refuses canonical events with strings that are not UTF-8. Avro's generated classes replace such bytes by U+FFFD, and
 * different ids would become one. Only an event that has that sign is looked at again, byte by byte. One thread's.
 */
final class CanonicalText {
    private static final char REPLACEMENT = '\uFFFD';

    private final Supplier<AvroDecoder> decoders;
    private @Nullable AvroDecoder strict;

    CanonicalText(Supplier<AvroDecoder> decoders) {
        this.decoders = decoders;
    }

    /** Checks an event that was read from these bytes. */
    void check(CanonicalEvent event, byte[] bytes) throws RefusedRecordException {
        if (!isSuspicious(event)) {
            return;
        }
        if (strict == null) {
            strict = decoders.get();
        }
        GenericRecord record = strict.decode(bytes);
        for (Schema.Field field : record.getSchema().getFields()) {
            if (!isText(record.get(field.pos()))) {
                throw new RefusedRecordException(
                        DeadLetterReason.BAD_FIELD,
                        "field " + field.name() + " holds bytes that are not text in UTF-8");
            }
        }
    }

    private static boolean isSuspicious(CanonicalEvent event) {
        return isSuspicious(event.entityId())
                || isSuspicious(event.contextId())
                || isSuspicious(event.type())
                || isSuspicious(event.eventId())
                || isSuspicious(event.text())
                || isSuspicious(event.numbers().keySet())
                || isSuspicious(event.attributes().keySet())
                || isSuspicious(event.attributes().values());
    }

    private static boolean isSuspicious(Collection<String> texts) {
        for (String text : texts) {
            if (isSuspicious(text)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isSuspicious(@Nullable String text) {
        return text != null && text.indexOf(REPLACEMENT) >= 0;
    }

    /** Strings that are not UTF-8 come as bytes, and no field of an event is of bytes. */
    private static boolean isText(@Nullable Object value) {
        return !(value instanceof ByteBuffer)
                && !(value instanceof Map<?, ?> map
                        && map.entrySet().stream()
                                .anyMatch(entry -> !isText(entry.getKey()) || !isText(entry.getValue())));
    }
}
