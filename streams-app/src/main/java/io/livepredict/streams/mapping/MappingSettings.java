package io.livepredict.streams.mapping;

import com.fasterxml.jackson.annotation.JsonFormat;
import io.livepredict.contract.Kind;
import io.livepredict.settings.Settings;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a user's records become events, as configuration writes it. Columns are those of a CSV file, the fields of a JSON
 * object or an Avro record; a dot leads into a nested one ({@code user.id}).
 *
 * <pre>
 * kind: viewer
 * time: {column: ts, unit: seconds}
 * id: user                  # several columns may be joined: [user, room]
 * context: room
 * type: {column: event, map: {join: JOIN, leave: LEAVE, chat: CHAT, reply: CHAT}}   # other values are skipped and counted
 * numbers: {length: arg}
 * skip: [{event: leave, arg: "6"}]
 * </pre>
 *
 * @param kind whose events the records are
 * @param time when the event happened
 * @param id who did it: a column, or several that are joined with a slash; none of them may be empty
 * @param context the room or match: a column, empty in a record for none; default: none
 * @param type what happened
 * @param numbers named amounts: the event's name for each, and its column; an empty value is left out; default: none
 * @param attributes named categories: the event's name for each, and its column; an empty value is left out; default: none
 * @param text the column of the chat text; default: none
 * @param eventId the event's unique id: a column, or several that are joined; default: the record's place in the topic or file,
 *     by which repeats are not recognised
 * @param skip rules: a record is left out, and counted, if all columns of one rule have the values given; an empty value
 *     means absent; default: none
 */
@RecordBuilder
public record MappingSettings(
        Kind kind,
        Time time,

        @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY)
        List<String> id,

        @Nullable String context,
        Type type,
        @Nullable Map<String, String> numbers,
        @Nullable Map<String, String> attributes,
        @Nullable String text,

        @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY) @Nullable
        List<String> eventId,

        @Nullable List<Map<String, String>> skip) {

    /** The form of a time. */
    public enum Unit {
        /** Seconds since 1970, with or without a fraction. */
        SECONDS,
        /** Milliseconds since 1970. */
        MILLIS,
        /** Microseconds since 1970. */
        MICROS,
        /** {@code 2026-01-31T12:00:00Z}, with any offset or none; a space may stand for the T. */
        ISO8601,
        /** As {@code pattern} says. */
        PATTERN;

        String words() {
            return switch (this) {
                case SECONDS -> "seconds";
                case MILLIS -> "milliseconds";
                case MICROS -> "microseconds";
                case ISO8601 -> "ISO 8601";
                case PATTERN -> "the form of time.pattern";
            };
        }
    }

    /**
     * When the event happened.
     *
     * @param column the column that holds the time
     * @param unit the form of the time
     * @param pattern with {@code unit: pattern}: as java.time.format.DateTimeFormatter has it, {@code yyyy-MM-dd HH:mm:ss};
     *     default: none
     * @param zone the time zone of texts that name none, such as {@code Europe/Berlin}; default: UTC
     */
    public record Time(
            String column,
            Unit unit,
            @Nullable String pattern,
            @Nullable String zone) {
        public Time {
            Settings.required("column", column);
            Settings.required("unit", unit);
            if ((unit == Unit.PATTERN) != (pattern != null)) {
                throw new IllegalArgumentException("a pattern goes with unit: pattern and with no other unit");
            }
            if (pattern != null) {
                try {
                    DateTimeFormatter checked = DateTimeFormatter.ofPattern(pattern);
                    if (checked.toString().isEmpty()) {
                        throw new IllegalArgumentException("is empty");
                    }
                } catch (IllegalArgumentException e) {
                    throw new IllegalArgumentException("pattern '" + pattern + "': " + e.getMessage(), e);
                }
            }
            if (zone != null) {
                try {
                    ZoneId.of(zone);
                } catch (java.time.DateTimeException e) {
                    throw new IllegalArgumentException(
                            "zone '" + zone + "' is not known: write it like Europe/Berlin or +02:00", e);
                }
            }
        }
    }

    /**
     * What happened: a column, or one type for all records.
     *
     * @param column the column that says which type; default: none
     * @param map the event type of each value of the column; other values are skipped and counted; default: the column holds
     *     the event types themselves
     * @param always the type of every record, in place of a column; default: none
     */
    public record Type(
            @Nullable String column,
            @Nullable Map<String, String> map,
            @Nullable String always) {
        public Type {
            if ((column == null) == (always == null)) {
                throw new IllegalArgumentException("type needs either column or always");
            }
            if (always != null && map != null) {
                throw new IllegalArgumentException("a map goes with column, not with always");
            }
            map = map == null ? null : Map.copyOf(map);
        }
    }

    public MappingSettings {
        Settings.required("kind", kind);
        Settings.required("time", time);
        Settings.required("id", id);
        Settings.required("type", type);
        if (id.isEmpty()) {
            throw new IllegalArgumentException("id names no column");
        }
        id = List.copyOf(id);
        numbers = numbers == null ? Map.of() : new LinkedHashMap<>(numbers);
        attributes = attributes == null ? Map.of() : new LinkedHashMap<>(attributes);
        eventId = eventId == null ? List.of() : List.copyOf(eventId);
        skip = skip == null ? List.of() : List.copyOf(skip);
        for (Map<String, String> rule : skip) {
            if (rule.isEmpty()) {
                throw new IllegalArgumentException("a skip rule names no column");
            }
        }
    }

    @Override
    @SuppressWarnings("NullAway") // the constructor leaves none null
    public Map<String, String> numbers() {
        return numbers;
    }

    @Override
    @SuppressWarnings("NullAway") // the constructor leaves none null
    public Map<String, String> attributes() {
        return attributes;
    }

    @Override
    @SuppressWarnings("NullAway") // the constructor leaves none null
    public List<String> eventId() {
        return eventId;
    }

    @Override
    @SuppressWarnings("NullAway") // the constructor leaves none null
    public List<Map<String, String>> skip() {
        return skip;
    }
}
