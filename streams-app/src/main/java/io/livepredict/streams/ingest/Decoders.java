package io.livepredict.streams.ingest;

import com.fasterxml.jackson.core.JacksonException;
import io.livepredict.contract.CanonicalEvent;
import io.livepredict.contract.DeadLetterReason;
import io.livepredict.contract.Kind;
import io.livepredict.serde.AvroDecoder;
import io.livepredict.serde.IncompatibleSchemaException;
import io.livepredict.serde.NotInWireFormatException;
import io.livepredict.serde.RegistryUnavailableException;
import io.livepredict.serde.UnknownSchemaIdException;
import io.livepredict.streams.mapping.EventMapping;
import io.livepredict.streams.mapping.JsonValues;
import io.livepredict.streams.mapping.RefusedRecordException;
import io.livepredict.streams.mapping.Values;
import java.io.IOException;
import java.util.Map;
import java.util.function.Function;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;

/** The decoders of the source formats. */
final class Decoders {
    private Decoders() {}

    /** Canonical events of a kind. */
    static RecordDecoder canonical(Kind kind, String topic, EventFormats formats) {
        Deserializer<CanonicalEvent> events = formats.canonical().events(kind).deserializer();
        CanonicalText text = new CanonicalText(formats.avro());
        return record -> {
            byte[] value = record.value();
            if (value == null) {
                throw new RefusedRecordException(DeadLetterReason.NULL_VALUE, "the value is null");
            }
            CanonicalEvent event = read(value, bytes -> events.deserialize(topic, bytes));
            text.check(event, value);
            return new EventMapping.Made(event);
        };
    }

    /** Avro records of the user's own schema, in the Confluent wire format. */
    static RecordDecoder avro(AvroDecoder decoder, EventMapping mapping) {
        AvroValues values = new AvroValues();
        RecordFields.KeyReader keys =
                bytes -> bytes.length > 0 && bytes[0] == 0 ? read(bytes, decoder::decodeAny) : RecordFields.text(bytes);
        return record -> {
            byte[] bytes = record.value();
            if (bytes == null) {
                return mapping.mapTombstone(new RecordFields(record, null, null, keys, values));
            }
            GenericRecord value = read(bytes, decoder::decode);
            return mapping.map(new RecordFields(record, value, value.getSchema().getFullName(), keys, values));
        };
    }

    /** JSON objects. */
    static RecordDecoder json(EventMapping mapping) {
        return record -> {
            byte[] bytes = record.value();
            if (bytes == null) {
                return mapping.mapTombstone(new RecordFields(record, null, null, Decoders::jsonKey, Values.NO_RECORDS));
            }
            Object value = json(bytes, JsonFraming.begin(bytes));
            if (!(value instanceof Map)) {
                throw new RefusedRecordException(DeadLetterReason.UNDECODABLE, "the value is not a JSON object");
            }
            return mapping.map(new RecordFields(record, value, null, Decoders::jsonKey, Values.NO_RECORDS));
        };
    }

    /** A JSON object or a quoted text; anything else is the text that it is. */
    private static @Nullable Object jsonKey(byte[] bytes) throws RefusedRecordException {
        int begin = JsonFraming.begin(bytes);
        boolean json = begin < bytes.length && (bytes[begin] == '{' || bytes[begin] == '"');
        return json ? json(bytes, begin) : RecordFields.text(bytes);
    }

    private static @Nullable Object json(byte[] bytes, int begin) throws RefusedRecordException {
        try {
            return JsonValues.read(bytes, begin);
        } catch (JacksonException e) {
            throw new RefusedRecordException(
                    DeadLetterReason.UNDECODABLE, "the value is not JSON", e.getOriginalMessage());
        } catch (IOException | RuntimeException e) {
            throw new RefusedRecordException(DeadLetterReason.UNDECODABLE, "the value is not JSON", e.toString());
        }
    }

    private static <T> T read(byte[] value, Function<byte[], @Nullable T> reader) throws RefusedRecordException {
        T read;
        try {
            read = reader.apply(value);
        } catch (RegistryUnavailableException e) {
            throw e;
        } catch (UnknownSchemaIdException | IncompatibleSchemaException e) {
            throw new RefusedRecordException(DeadLetterReason.UNKNOWN_SCHEMA, message(e));
        } catch (NotInWireFormatException e) {
            throw new RefusedRecordException(DeadLetterReason.UNDECODABLE, message(e));
        } catch (RuntimeException e) {
            throw new RefusedRecordException(DeadLetterReason.UNDECODABLE, "the value can't be read", message(e));
        }
        if (read == null) {
            throw new RefusedRecordException(DeadLetterReason.NULL_VALUE, "the value is null");
        }
        return read;
    }

    private static String message(RuntimeException e) {
        String message = e.getMessage();
        return message == null ? e.getClass().getSimpleName() : message;
    }
}
