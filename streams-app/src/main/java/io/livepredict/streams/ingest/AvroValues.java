package io.livepredict.streams.ingest;

import io.livepredict.streams.mapping.Values;
import io.livepredict.streams.mapping.WrittenTime;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.apache.avro.LogicalType;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericEnumSymbol;
import org.apache.avro.generic.GenericFixed;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;

/**
 * Reads the fields of Avro records as a mapping needs them: decimals as numbers, times as their schema says, UUIDs as text,
 * bytes as the text that they are or else in hexadecimal digits after {@code 0x}, fixed ones always in digits.
 */
final class AvroValues implements Values.Members {
    private static final int UUID_BYTES = 16;
    private static final Map<String, TimeUnit> TIME_UNITS = Map.of(
            "timestamp-millis", TimeUnit.MILLISECONDS,
            "timestamp-micros", TimeUnit.MICROSECONDS,
            "timestamp-nanos", TimeUnit.NANOSECONDS,
            "local-timestamp-millis", TimeUnit.MILLISECONDS,
            "local-timestamp-micros", TimeUnit.MICROSECONDS,
            "local-timestamp-nanos", TimeUnit.NANOSECONDS,
            "date", TimeUnit.DAYS);

    @Override
    public @Nullable Object of(Object record, String name) {
        if (!(record instanceof GenericRecord from)) {
            return null;
        }
        Schema.Field field = from.getSchema().getField(name);
        if (field == null) {
            return null;
        }
        Object value = from.get(field.pos());
        return switch (value) {
            case null -> null;
            case ByteBuffer bytes -> bytes(bytes, field.schema());
            case GenericFixed fixed -> fixed(fixed);
            case Long number -> time(number, field.schema(), Schema.Type.LONG);
            case Integer number -> time(number, field.schema(), Schema.Type.INT);
            default -> value;
        };
    }

    /** What is found at the end of a path, as a mapping can use it. */
    static @Nullable Object plain(@Nullable Object value) {
        return switch (value) {
            case null -> null;
            case GenericEnumSymbol<?> symbol -> symbol.toString();
            case ByteBuffer bytes -> text(bytes);
            case GenericFixed fixed -> fixed(fixed);
            default -> value;
        };
    }

    private static Object bytes(ByteBuffer bytes, Schema field) {
        Schema branch = branch(field, Schema.Type.BYTES);
        if (branch == null) {
            return new Values.Unfit("holds bytes that are not UTF-8");
        }
        LogicalType logical = branch.getLogicalType();
        if (logical instanceof LogicalTypes.Decimal decimal) {
            byte[] digits = copy(bytes);
            return digits.length == 0 ? BigDecimal.ZERO : new BigDecimal(new BigInteger(digits), decimal.getScale());
        }
        return text(bytes);
    }

    private static Object fixed(GenericFixed fixed) {
        LogicalType logical = fixed.getSchema().getLogicalType();
        if (logical instanceof LogicalTypes.Decimal decimal) {
            return new BigDecimal(new BigInteger(fixed.bytes()), decimal.getScale());
        }
        if (logical != null && logical.getName().equals("uuid") && fixed.bytes().length == UUID_BYTES) {
            ByteBuffer halves = ByteBuffer.wrap(fixed.bytes());
            return new UUID(halves.getLong(), halves.getLong()).toString();
        }
        return HexFormat.of().formatHex(fixed.bytes());
    }

    private static String text(ByteBuffer bytes) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(bytes.duplicate()).toString();
        } catch (CharacterCodingException e) {
            return "0x" + HexFormat.of().formatHex(copy(bytes));
        }
    }

    private static byte[] copy(ByteBuffer bytes) {
        byte[] copy = new byte[bytes.remaining()];
        bytes.duplicate().get(copy);
        return copy;
    }

    private static Object time(Number number, Schema field, Schema.Type type) {
        Schema branch = branch(field, type);
        LogicalType logical = branch == null ? null : branch.getLogicalType();
        TimeUnit unit = logical == null ? null : TIME_UNITS.get(logical.getName());
        if (logical == null || unit == null) {
            return number;
        }
        long written = number.longValue();
        boolean local = unit == TimeUnit.DAYS || logical.getName().startsWith("local-");
        return new WrittenTime(written, instant(written, unit), local);
    }

    private static Instant instant(long written, TimeUnit unit) {
        return switch (unit) {
            case DAYS -> Instant.EPOCH.plus(Duration.ofDays(written));
            case MICROSECONDS ->
                Instant.ofEpochSecond(Math.floorDiv(written, 1_000_000L), Math.floorMod(written, 1_000_000L) * 1_000L);
            case NANOSECONDS ->
                Instant.ofEpochSecond(Math.floorDiv(written, 1_000_000_000L), Math.floorMod(written, 1_000_000_000L));
            default -> Instant.ofEpochMilli(written);
        };
    }

    /** The schema of that type: the field's, or a branch of its union; null if there is none. */
    private static @Nullable Schema branch(Schema schema, Schema.Type type) {
        if (schema.getType() != Schema.Type.UNION) {
            return schema.getType() == type ? schema : null;
        }
        for (Schema branch : schema.getTypes()) {
            if (branch.getType() == type) {
                return branch;
            }
        }
        return null;
    }
}
