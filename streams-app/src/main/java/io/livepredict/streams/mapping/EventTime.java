package io.livepredict.streams.mapping;

import io.livepredict.contract.DeadLetterReason;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Reads the time of an event, as a mapping says. Not safe for use from several threads. */
final class EventTime {
    private static final BigDecimal DAY_MILLIS =
            BigDecimal.valueOf(Duration.ofDays(1).toMillis());
    /** A decimal number of a million digits, or an exponent of a billion, would take its time. */
    private static final int LONGEST_NUMBER = 40;

    private static final int MOST_DIGITS = 25;

    private final MappingSettings.Unit unit;
    private final @Nullable Column column;
    private final @Nullable TimePattern pattern;
    private final LocalClock clock;

    /** @param disorder by how much rows of a log may be out of order */
    EventTime(MappingSettings.Time settings, Duration disorder) {
        unit = settings.unit();
        column = settings.column() == null ? null : Column.of(settings.column());
        pattern = settings.pattern() == null ? null : TimePattern.of(settings.pattern(), settings.locale());
        clock = new LocalClock(ZoneId.of(settings.zone() == null ? "UTC" : settings.zone()), disorder);
    }

    /**
     * The event time, epoch milliseconds, rounded down.
     *
     * @throws RefusedRecordException if it is missing or is not a time in the mapping's unit
     */
    long millis(Fields fields) throws RefusedRecordException {
        if (column == null) {
            return stamp(fields);
        }
        Object value = fields.get(column);
        try {
            if (value instanceof WrittenTime written) { // the writer's schema knows better than the mapping
                return instant(written.time(), fields.stampMillis());
            }
            return switch (unit) {
                case NANOS -> scaled(value, -6);
                case MICROS -> scaled(value, -3);
                case MILLIS -> scaled(value, 0);
                case SECONDS -> scaled(value, 3);
                case DAYS -> days(value);
                case ISO8601 ->
                    instant(
                            value instanceof List<?> parts ? IsoTime.read(parts) : IsoTime.read(text(value)),
                            fields.stampMillis());
                case PATTERN -> instant(pattern(text(value)), fields.stampMillis());
                case RECORD -> stamp(fields);
            };
        } catch (DateTimeException | ArithmeticException | NumberFormatException e) {
            throw RefusedRecordException.of(
                    DeadLetterReason.BAD_FIELD, column, "is not a time in " + unit.words(), String.valueOf(value));
        }
    }

    private static long stamp(Fields fields) throws RefusedRecordException {
        return fields.stampMillis()
                .orElseThrow(() -> new RefusedRecordException(
                        DeadLetterReason.MISSING_FIELD,
                        "time.unit is record, and a row of a log has no timestamp of its own"));
    }

    private TimePattern.Written pattern(String text) {
        if (pattern == null) {
            throw new IllegalStateException("MappingSettings asks for a pattern");
        }
        return pattern.read(text);
    }

    private String text(@Nullable Object value) throws RefusedRecordException {
        if (column == null) {
            throw new IllegalStateException("MappingSettings asks for a column");
        }
        return Texts.required(column, value).strip();
    }

    private long instant(TimePattern.Written written, OptionalLong stampMillis) {
        LocalDateTime local = written.local();
        return written.zone() == null
                ? clock.millis(local, stampMillis)
                : local.atZone(written.zone()).toInstant().toEpochMilli();
    }

    /** The number times ten to that power. */
    private long scaled(@Nullable Object value, int power) throws RefusedRecordException {
        if (value instanceof Long || value instanceof Integer) {
            long whole = ((Number) value).longValue();
            return switch (power) {
                case 3 -> Math.multiplyExact(whole, 1_000L);
                case 0 -> whole;
                case -3 -> Math.floorDiv(whole, 1_000L);
                default -> Math.floorDiv(whole, 1_000_000L);
            };
        }
        return whole(decimal(value).scaleByPowerOfTen(power));
    }

    private long days(@Nullable Object value) throws RefusedRecordException {
        return whole(decimal(value).multiply(DAY_MILLIS));
    }

    private BigDecimal decimal(@Nullable Object value) throws RefusedRecordException {
        String text = text(value);
        if (text.length() > LONGEST_NUMBER) {
            throw new NumberFormatException("too long");
        }
        BigDecimal number = new BigDecimal(text);
        if (number.precision() - number.scale() > MOST_DIGITS) {
            throw new ArithmeticException("too large");
        }
        return number;
    }

    private static long whole(BigDecimal millis) {
        return millis.setScale(0, RoundingMode.FLOOR).longValueExact();
    }
}
