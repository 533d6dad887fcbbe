package io.livepredict.streams.mapping;

import io.livepredict.contract.CanonicalEvent;
import io.livepredict.contract.DeadLetterReason;
import io.livepredict.contract.Kind;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.time.temporal.TemporalAccessor;
import java.time.temporal.TemporalQueries;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Turns a user's record, a row of a log or a record of a topic, into a canonical event, as {@link MappingSettings} say.
 * The same mapping serves JSON, foreign Avro, CSV and JSON Lines: it sees {@link Fields} only. Immutable.
 */
public final class EventMapping {
    /** Joins the columns of an id of several columns. */
    public static final char JOIN = '/';

    private final Kind kind;
    private final Column time;
    private final MappingSettings.Unit unit;
    private final @Nullable DateTimeFormatter pattern;
    private final ZoneId zone;
    private final List<Column> id;
    private final @Nullable Column context;
    private final @Nullable Column type;
    private final @Nullable String constantType;
    private final @Nullable Map<String, String> typeMap;
    private final Map<String, Column> numbers = new LinkedHashMap<>();
    private final Map<String, Column> attributes = new LinkedHashMap<>();
    private final @Nullable Column text;
    private final List<Column> eventId;
    private final List<Map<Column, String>> skip = new ArrayList<>();

    public EventMapping(MappingSettings settings) {
        this.kind = settings.kind();
        this.time = Column.of(settings.time().column());
        this.unit = settings.time().unit();
        this.zone = settings.time().zone() == null
                ? ZoneId.of("UTC")
                : ZoneId.of(settings.time().zone());
        this.pattern = settings.time().pattern() == null
                ? null
                : formatter(settings.time().pattern());
        this.id = settings.id().stream().map(Column::of).toList();
        this.context = settings.context() == null ? null : Column.of(settings.context());
        this.type = settings.type().column() == null
                ? null
                : Column.of(settings.type().column());
        this.constantType = settings.type().always();
        this.typeMap = settings.type().map() == null
                ? null
                : Map.copyOf(settings.type().map());
        settings.numbers().forEach((name, column) -> numbers.put(name, Column.of(column)));
        settings.attributes().forEach((name, column) -> attributes.put(name, Column.of(column)));
        this.text = settings.text() == null ? null : Column.of(settings.text());
        this.eventId = settings.eventId().stream().map(Column::of).toList();
        for (Map<String, String> rule : settings.skip()) {
            Map<Column, String> columns = new LinkedHashMap<>();
            rule.forEach((column, value) -> columns.put(Column.of(column), value));
            skip.add(columns);
        }
    }

    /** Whose events it makes. */
    public Kind kind() {
        return kind;
    }

    /** What became of a record. */
    public sealed interface Mapped {}

    /** It is an event. */
    public record Made(CanonicalEvent event) implements Mapped {}

    /** It is left out. */
    public record LeftOut(Skip why) implements Mapped {}

    /**
     * Maps one record.
     *
     * @throws RefusedRecordException if a column that is needed is missing or has a value that can't be used
     */
    public Mapped map(Fields fields) throws RefusedRecordException {
        for (Map<Column, String> rule : skip) {
            if (matches(rule, fields)) {
                return new LeftOut(Skip.SKIP_RULE);
            }
        }
        String eventType = constantType;
        if (type != null) {
            String value = required(type, fields);
            eventType = typeMap == null ? value : typeMap.get(value);
            if (eventType == null) {
                return new LeftOut(Skip.UNDECLARED_TYPE);
            }
        }
        Map<String, Double> numberValues = Map.of();
        for (Map.Entry<String, Column> number : numbers.entrySet()) {
            Double value = number(number.getValue(), fields);
            if (value != null) {
                numberValues = numberValues.isEmpty() ? new LinkedHashMap<>() : numberValues;
                numberValues.put(number.getKey(), value);
            }
        }
        Map<String, String> attributeValues = Map.of();
        for (Map.Entry<String, Column> attribute : attributes.entrySet()) {
            String value = optional(attribute.getValue(), fields);
            if (value != null) {
                attributeValues = attributeValues.isEmpty() ? new LinkedHashMap<>() : attributeValues;
                attributeValues.put(attribute.getKey(), value);
            }
        }
        String contextId = context == null ? null : optional(context, fields);
        return new Made(new CanonicalEvent(
                eventId.isEmpty() ? null : joined(eventId, fields),
                joined(id, fields),
                contextId == null ? "" : contextId,
                time(fields),
                eventType == null ? "" : eventType,
                numberValues,
                attributeValues,
                text == null ? null : optional(text, fields)));
    }

    private static boolean matches(Map<Column, String> rule, Fields fields) throws RefusedRecordException {
        for (Map.Entry<Column, String> condition : rule.entrySet()) {
            String value = optional(condition.getKey(), fields);
            if (!condition.getValue().equals(value == null ? "" : value)) {
                return false;
            }
        }
        return true;
    }

    private static String joined(List<Column> columns, Fields fields) throws RefusedRecordException {
        if (columns.size() == 1) {
            return required(columns.get(0), fields);
        }
        StringBuilder joined = new StringBuilder();
        for (Column column : columns) {
            if (!joined.isEmpty()) {
                joined.append(JOIN);
            }
            joined.append(required(column, fields));
        }
        return joined.toString();
    }

    private static String required(Column column, Fields fields) throws RefusedRecordException {
        String value = optional(column, fields);
        if (value == null || value.isEmpty()) {
            throw new RefusedRecordException(
                    DeadLetterReason.MISSING_FIELD, "column " + column.path() + " is missing or empty");
        }
        return value;
    }

    private static @Nullable String optional(Column column, Fields fields) throws RefusedRecordException {
        Object value = fields.get(column);
        return switch (value) {
            case null -> null;
            case String s -> s;
            case CharSequence s -> s.toString();
            case Number n -> n.toString();
            case Boolean b -> b.toString();
            default ->
                throw new RefusedRecordException(
                        DeadLetterReason.BAD_FIELD,
                        "column " + column.path() + " holds "
                                + (value instanceof Map ? "an object" : "a value")
                                + " that is neither text nor a number");
        };
    }

    private static @Nullable Double number(Column column, Fields fields) throws RefusedRecordException {
        Object value = fields.get(column);
        if (value instanceof Number n) {
            return n.doubleValue();
        }
        if (value instanceof Boolean b) {
            return b ? 1.0 : 0.0;
        }
        String text = optional(column, fields);
        if (text == null || text.isBlank()) {
            return null;
        }
        try {
            return Double.valueOf(text.strip());
        } catch (NumberFormatException e) {
            throw new RefusedRecordException(
                    DeadLetterReason.BAD_FIELD,
                    "column " + column.path() + " is not a number: " + RefusedRecordException.shorten(text));
        }
    }

    private long time(Fields fields) throws RefusedRecordException {
        Object value = fields.get(time);
        try {
            return switch (unit) {
                case SECONDS -> scaled(value, fields, 3);
                case MILLIS -> scaled(value, fields, 0);
                case MICROS -> scaled(value, fields, -3);
                case ISO8601 -> isoTime(required(time, fields).strip());
                case PATTERN -> patternTime(required(time, fields).strip());
            };
        } catch (DateTimeException | ArithmeticException | NumberFormatException e) {
            throw new RefusedRecordException(
                    DeadLetterReason.BAD_FIELD,
                    "column " + time.path() + " is not a time in " + unit.words() + ": "
                            + RefusedRecordException.shorten(required(time, fields)));
        }
    }

    /** The number in the time column times ten to that power, rounded down to a millisecond. */
    private long scaled(@Nullable Object value, Fields fields, int power) throws RefusedRecordException {
        if (value instanceof Long || value instanceof Integer) {
            long whole = ((Number) value).longValue();
            return power >= 0 ? Math.multiplyExact(whole, power == 3 ? 1000L : 1L) : Math.floorDiv(whole, 1000L);
        }
        String text = required(time, fields).strip();
        if (text.length() > 40) {
            // BigDecimal would take its time over a number of a million digits, or an exponent of a billion.
            throw new NumberFormatException("too long");
        }
        BigDecimal number = new BigDecimal(text);
        if (number.precision() - number.scale() > 25) {
            throw new ArithmeticException("too large");
        }
        return number.scaleByPowerOfTen(power)
                .setScale(0, java.math.RoundingMode.FLOOR)
                .longValueExact();
    }

    private long isoTime(String text) {
        TemporalAccessor parsed = DateTimeFormatter.ISO_DATE_TIME.parseBest(
                text.replace(' ', 'T'), OffsetDateTime::from, LocalDateTime::from);
        return instant(parsed).toEpochMilli();
    }

    private long patternTime(String text) {
        if (pattern == null) {
            throw new IllegalStateException("MappingSettings asks for a pattern");
        }
        TemporalAccessor parsed = pattern.parse(text);
        ZoneId written = parsed.query(TemporalQueries.zone());
        return LocalDateTime.from(parsed)
                .atZone(written == null ? zone : written)
                .toInstant()
                .toEpochMilli();
    }

    private Instant instant(TemporalAccessor parsed) {
        return switch (parsed) {
            case OffsetDateTime t -> t.toInstant();
            case ZonedDateTime t -> t.toInstant();
            case LocalDateTime t -> t.atZone(zone).toInstant();
            default -> Instant.from(parsed);
        };
    }

    /** A date alone is its midnight. */
    private static DateTimeFormatter formatter(String pattern) {
        return new DateTimeFormatterBuilder()
                .appendPattern(pattern)
                .parseDefaulting(ChronoField.HOUR_OF_DAY, 0)
                .toFormatter(Locale.ROOT);
    }
}
