package io.livepredict.deploy.connect;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.avro.LogicalType;
import org.apache.avro.LogicalTypes;
import org.apache.avro.generic.GenericFixed;
import org.apache.avro.generic.IndexedRecord;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.data.Timestamp;
import org.apache.kafka.connect.errors.DataException;
import org.jspecify.annotations.Nullable;

/**
 * Turns the records of one Avro schema into Connect's: records, arrays, maps, enums (as strings), a type or null (as
 * optional), and timestamps as Connect's Timestamp. What no table takes is refused: other unions, texts with a NUL
 * character, and times outside the years 1 to 9999.
 */
final class ConnectRecords {
    private static final long FIRST_MILLIS =
            Instant.parse("0001-01-01T00:00:00Z").toEpochMilli();
    private static final long LAST_MILLIS =
            Instant.parse("9999-12-31T23:59:59.999Z").toEpochMilli();

    private final org.apache.avro.Schema avro;
    private final Schema connect;

    /**
     * @throws DataException if the schema holds a type that has no counterpart in Connect
     */
    ConnectRecords(org.apache.avro.Schema avro) {
        this.avro = avro;
        this.connect = schema(avro, false);
    }

    /**
     * @throws DataException if a value is one that no table takes
     */
    SchemaAndValue convert(IndexedRecord value) {
        return new SchemaAndValue(connect, value(avro, connect, value));
    }

    private static Schema schema(org.apache.avro.Schema avro, boolean optional) {
        if (avro.getType() == org.apache.avro.Schema.Type.UNION) {
            return schema(nonNull(avro), true);
        }
        SchemaBuilder builder = switch (avro.getType()) {
            case RECORD -> {
                SchemaBuilder struct = SchemaBuilder.struct().name(avro.getFullName());
                for (org.apache.avro.Schema.Field field : avro.getFields()) {
                    struct.field(field.name(), schema(field.schema(), false));
                }
                yield struct;
            }
            case ARRAY -> SchemaBuilder.array(schema(avro.getElementType(), false));
            case MAP -> SchemaBuilder.map(Schema.STRING_SCHEMA, schema(avro.getValueType(), false));
            case STRING, ENUM -> SchemaBuilder.string();
            case BYTES, FIXED -> SchemaBuilder.bytes();
            case INT -> SchemaBuilder.int32();
            case LONG -> isTimestamp(avro.getLogicalType()) ? Timestamp.builder() : SchemaBuilder.int64();
            case FLOAT -> SchemaBuilder.float32();
            case DOUBLE -> SchemaBuilder.float64();
            case BOOLEAN -> SchemaBuilder.bool();
            case NULL, UNION -> throw new DataException("a field of type null has no counterpart in Connect");
        };
        if (avro.getDoc() != null) {
            builder.doc(avro.getDoc());
        }
        return optional ? builder.optional().build() : builder.build();
    }

    private static @Nullable Object value(org.apache.avro.Schema avro, Schema connect, @Nullable Object value) {
        if (avro.getType() == org.apache.avro.Schema.Type.UNION) {
            return value == null ? null : value(nonNull(avro), connect, value);
        }
        return switch (value) {
            case null -> throw new DataException(avro.getName() + " must not be null");
            case IndexedRecord read -> {
                Struct struct = new Struct(connect);
                for (org.apache.avro.Schema.Field field : avro.getFields()) {
                    org.apache.kafka.connect.data.Field to = connect.field(field.name());
                    try {
                        struct.put(to, value(field.schema(), to.schema(), read.get(field.pos())));
                    } catch (UnfitValueException e) {
                        throw new DataException(field.name() + " " + e.getMessage(), e);
                    }
                }
                yield struct;
            }
            case List<?> elements -> {
                List<@Nullable Object> list = new ArrayList<>(elements.size());
                for (Object element : elements) {
                    list.add(value(avro.getElementType(), connect.valueSchema(), element));
                }
                yield list;
            }
            case Map<?, ?> entries -> {
                Map<String, @Nullable Object> map = new LinkedHashMap<>();
                entries.forEach((key, entry) ->
                        map.put(key.toString(), value(avro.getValueType(), connect.valueSchema(), entry)));
                yield map;
            }
            case GenericFixed fixed -> ByteBuffer.wrap(fixed.bytes());
            case Long number -> isTimestamp(avro.getLogicalType()) ? date(avro.getLogicalType(), number) : number;
            case Number number -> number;
            case Boolean bool -> bool;
            case ByteBuffer bytes -> bytes;
            default -> text(value.toString());
        };
    }

    private static org.apache.avro.Schema nonNull(org.apache.avro.Schema union) {
        List<org.apache.avro.Schema> types = union.getTypes().stream()
                .filter(type -> type.getType() != org.apache.avro.Schema.Type.NULL)
                .toList();
        if (types.size() != 1) {
            throw new DataException("union " + union + " has no counterpart in Connect: only a type or null has");
        }
        return types.getFirst();
    }

    private static boolean isTimestamp(@Nullable LogicalType type) {
        return type instanceof LogicalTypes.TimestampMillis || type instanceof LogicalTypes.TimestampMicros;
    }

    private static Date date(@Nullable LogicalType type, long time) {
        long millis = type instanceof LogicalTypes.TimestampMicros ? TimeUnit.MICROSECONDS.toMillis(time) : time;
        if (millis < FIRST_MILLIS || millis > LAST_MILLIS) {
            throw new UnfitValueException("is a time outside the years 1 to 9999: " + time);
        }
        return new Date(millis);
    }

    private static String text(String text) {
        if (text.indexOf('\0') >= 0) {
            throw new UnfitValueException("holds a NUL character, which no table takes");
        }
        return text;
    }

    /** Says what is wrong with a value; whoever knows the field adds its name. */
    private static final class UnfitValueException extends DataException {
        UnfitValueException(String message) {
            super(message);
        }
    }
}
