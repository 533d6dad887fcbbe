package io.livepredict.streams.ingest;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.livepredict.contract.CanonicalEvent;
import io.livepredict.contract.DeadLetterReason;
import io.livepredict.contract.Kind;
import io.livepredict.contract.SerdeSource;
import io.livepredict.serde.AvroDecoder;
import io.livepredict.serde.IncompatibleSchemaException;
import io.livepredict.serde.RegistryUnavailableException;
import io.livepredict.serde.UnknownSchemaIdException;
import io.livepredict.streams.mapping.Column;
import io.livepredict.streams.mapping.EventMapping;
import io.livepredict.streams.mapping.RefusedRecordException;
import java.io.IOException;
import java.util.Map;
import java.util.function.Function;
import org.apache.avro.generic.GenericEnumSymbol;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;

/** The decoders of the source formats. */
final class Decoders {
    private static final ObjectReader JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
            .build()
            .readerFor(JsonNode.class);

    private Decoders() {}

    /** Canonical events of a kind. */
    static RecordDecoder canonical(Kind kind, String topic, SerdeSource serdes) {
        Deserializer<CanonicalEvent> events = serdes.events(kind).deserializer();
        return value -> new EventMapping.Made(read(value, bytes -> events.deserialize(topic, bytes)));
    }

    /** Avro records of the user's own schema, in the Confluent wire format. */
    static RecordDecoder avro(AvroDecoder decoder, EventMapping mapping) {
        return value -> {
            GenericRecord record = read(value, decoder::decode);
            return mapping.map(column -> scalar(inAvro(record, column)));
        };
    }

    /** JSON objects. */
    static RecordDecoder json(EventMapping mapping) {
        return value -> {
            JsonNode root;
            try {
                root = JSON.readTree(value);
            } catch (JacksonException e) {
                throw new RefusedRecordException(
                        DeadLetterReason.UNDECODABLE, "the value is not JSON: " + e.getOriginalMessage());
            } catch (IOException | RuntimeException e) {
                throw new RefusedRecordException(DeadLetterReason.UNDECODABLE, "the value is not JSON: " + e);
            }
            if (!root.isObject()) {
                throw new RefusedRecordException(DeadLetterReason.UNDECODABLE, "the value is not a JSON object");
            }
            return mapping.map(column -> inJson(root, column));
        };
    }

    private static <T> T read(byte[] value, Function<byte[], @Nullable T> reader) throws RefusedRecordException {
        T read;
        try {
            read = reader.apply(value);
        } catch (RegistryUnavailableException e) {
            throw e;
        } catch (UnknownSchemaIdException | IncompatibleSchemaException e) {
            throw new RefusedRecordException(DeadLetterReason.UNKNOWN_SCHEMA, message(e));
        } catch (RuntimeException e) {
            throw new RefusedRecordException(DeadLetterReason.UNDECODABLE, message(e));
        }
        if (read == null) {
            throw new RefusedRecordException(DeadLetterReason.NULL_VALUE, "the value is null");
        }
        return read;
    }

    /** A key of that very name comes before a path into nested objects. */
    private static @Nullable Object inJson(JsonNode root, Column column) {
        JsonNode node = root.get(column.path());
        if (node == null) {
            node = root;
            for (String part : column.parts()) {
                node = node.get(part);
                if (node == null) {
                    return null;
                }
            }
        }
        return switch (node.getNodeType()) {
            case STRING -> node.textValue();
            case NUMBER -> node.numberValue();
            case BOOLEAN -> node.booleanValue();
            case NULL, MISSING -> null;
            case ARRAY, OBJECT, BINARY, POJO -> node;
        };
    }

    private static @Nullable Object inAvro(GenericRecord root, Column column) {
        Object value = root;
        for (String part : column.parts()) {
            if (value instanceof GenericRecord record) {
                value = record.hasField(part) ? record.get(part) : null;
            } else if (value instanceof Map<?, ?> map) {
                value = map.get(part);
            } else {
                return null;
            }
        }
        return value;
    }

    private static @Nullable Object scalar(@Nullable Object value) {
        return value instanceof GenericEnumSymbol<?> symbol ? symbol.toString() : value;
    }

    private static String message(RuntimeException e) {
        String message = e.getMessage();
        return message == null ? e.getClass().getSimpleName() : message;
    }
}
