package io.livepredict.streams.mapping;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.livepredict.contract.DurationFormat;
import io.livepredict.contract.Kind;
import io.livepredict.settings.Settings;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.nio.charset.Charset;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How a user's records become events, as configuration writes it. Columns are those of a CSV file, the fields of a JSON
 * object or an Avro record; a dot leads into a nested one ({@code user.id}), a number to an element of a list
 * ({@code items.0.price}), a star to all of them, of which {@code sum(items.*.price)}, {@code mean(…)}, {@code count(…)} or
 * {@code last(…)} makes one value. Of a record in a topic {@code $key}, or a field of it ({@code $key.id}), is its key, and
 * {@code $schema} the name of its Avro schema.
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
 * @param numbers named amounts: the event's name for each, and its column; an empty value is left out, and so is one that is no
 *     number, which is counted; default: none
 * @param attributes named categories: the event's name for each, and its column; an empty value is left out; default: none
 * @param text the column of the chat text; default: none
 * @param eventId the event's unique id: a column, or several that are joined; default: the record's place in the topic or file,
 *     by which repeats are not recognised
 * @param skip rules: a record is left out, and counted, if all columns of one rule have the values given; an empty value
 *     means absent; default: none
 * @param nulls texts that stand for no value, such as {@code ["", NULL, "\\N", NA]}; default: none
 * @param decimal the decimal sign of numbers in text, {@code "."} or {@code ","}; thousands may then be separated by the other
 *     one, a space or an apostrophe; default: a point, and nothing separates thousands
 * @param tombstones what a record of a topic without a value is: {@code skip} leaves it out and counts it, an event type makes
 *     an event of its key and timestamp; default: it goes to the dead letters
 * @param format how a log file is written: {@code csv}, {@code tsv}, {@code json-lines}, or {@code json} for one document;
 *     default: as its name ends
 * @param separator what stands between the cells of a row of a log, one character or {@code tab}; default: a comma, in
 *     {@code tsv} a tab
 * @param quotes whether a cell of a log may stand in double quotes; {@code false} for the text format of PostgreSQL's COPY,
 *     where a backslash escapes; default: it may
 * @param encoding of a log's text, such as {@code windows-1252} or {@code utf-16le}; bytes that do not fit are refused;
 *     default: what a byte order mark says, otherwise UTF-8
 * @param columns the names of the columns of a log whose first line does not name them; default: the first line names them
 * @param rows with {@code format: json}: the path of the list of rows in the document; default: the document is that list
 * @param sort for a log that is not in order of time: {@code within 10m} puts rows in order that are so far apart at most;
 *     default: the order of the log
 * @param newTypes event types of a log that the kind as shipped does not have; where there is a configuration, they are
 *     declared in its {@code kinds}; default: none
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

        @Nullable List<Map<String, String>> skip,

        @JsonProperty("null") @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY) @Nullable
        List<String> nulls,

        @Nullable String decimal,
        @Nullable String tombstones,
        @Nullable LogFormat format,
        @Nullable String separator,
        @Nullable Boolean quotes,
        @Nullable String encoding,
        @Nullable List<String> columns,
        @Nullable String rows,
        @Nullable String sort,
        @Nullable List<String> newTypes) {

    /** What {@code tombstones} says to leave them out. */
    static final String SKIP = "skip";

    private static final String WITHIN = "within ";
    private static final Duration SORTED = Duration.ofMinutes(1);

    /** How a log file is written. */
    public enum LogFormat {
        /** Cells with commas between, or what {@code separator} says. */
        CSV,
        /** Cells with tabs between. */
        TSV,
        /** One JSON object a line. */
        JSON_LINES,
        /** One JSON document with a list of objects. */
        JSON
    }

    /** The form of a time. */
    public enum Unit {
        /** Days since 1970. */
        DAYS("days"),
        /** Seconds since 1970, with or without a fraction. */
        SECONDS("seconds"),
        /** Milliseconds since 1970. */
        MILLIS("milliseconds"),
        /** Microseconds since 1970. */
        MICROS("microseconds"),
        /** Nanoseconds since 1970. */
        NANOS("nanoseconds"),
        /** {@code 2026-01-31T12:00:00Z} and what databases and JSON libraries write of it. */
        ISO8601("ISO 8601"),
        /** As {@code pattern} says. */
        PATTERN("the form of time.pattern"),
        /** The timestamp of the record in its topic. */
        RECORD("the record's timestamp");

        private final String words;

        Unit(String words) {
            this.words = words;
        }

        String words() {
            return words;
        }
    }

    /**
     * When the event happened.
     *
     * @param column the column that holds the time; default: none, which goes with {@code unit: record} only
     * @param unit the form of the time: {@code seconds}, {@code millis}, {@code micros}, {@code nanos} or {@code days} since 1970,
     *     {@code iso8601}, {@code pattern}, or {@code record} for the timestamp of the record in its topic
     * @param pattern with {@code unit: pattern}: as java.time.format.DateTimeFormatter has it, {@code yyyy-MM-dd HH:mm:ss},
     *     {@code M/d/yyyy h:mm a}; default: none
     * @param zone the time zone of texts that name none, such as {@code Europe/Berlin}; in the hour that is there twice in autumn
     *     the order of a log decides, and a record's own timestamp in a topic; default: UTC
     * @param locale with {@code unit: pattern}: the language of names of months and days, such as {@code de}; default: English
     */
    public record Time(
            @Nullable String column,
            Unit unit,
            @Nullable String pattern,
            @Nullable String zone,
            @Nullable String locale) {
        public Time {
            Settings.required("unit", unit);
            if ((unit == Unit.RECORD) != (column == null)) {
                throw new IllegalArgumentException(
                        column == null ? "column is missing" : "unit: record is the record's own timestamp: no column");
            }
            if (column != null) {
                Column.of(column);
            }
            if ((unit == Unit.PATTERN) != (pattern != null)) {
                throw new IllegalArgumentException("a pattern goes with unit: pattern and with no other unit");
            }
            if (pattern != null) {
                TimePattern.of(pattern, locale);
            } else if (locale != null) {
                throw new IllegalArgumentException("a locale goes with unit: pattern and with no other unit");
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

        /** A column of times in that unit. */
        public static Time of(String column, Unit unit) {
            return new Time(column, unit, null, null, null);
        }

        List<String> hints() {
            return pattern == null ? List.of() : TimePattern.of(pattern, locale).hints();
        }
    }

    /**
     * What happened: a column, or one type for all records. A column alone may be written as one word.
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
        @JsonCreator
        public Type {
            if ((column == null) == (always == null)) {
                throw new IllegalArgumentException("type needs either column or always");
            }
            if (column != null) {
                Column.of(column);
            }
            if (always != null && map != null) {
                throw new IllegalArgumentException("a map goes with column, not with always");
            }
            map = map == null ? null : Map.copyOf(map);
        }

        /** A column that holds the event types themselves, or {@code $schema}. */
        @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
        public static Type of(String column) {
            return new Type(column, null, null);
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
        nulls = nulls == null ? List.of() : List.copyOf(nulls);
        if (decimal != null && !decimal.equals(".") && !decimal.equals(",")) {
            throw new IllegalArgumentException("decimal '" + decimal + "': must be \".\" or \",\"");
        }
        if (tombstones != null && !tombstones.equals(SKIP) && !id.stream().allMatch(c -> c.startsWith("$key"))) {
            throw new IllegalArgumentException("tombstones: " + tombstones
                    + " makes events of records that have nothing but a key: id must be $key or a field of it");
        }
        if (separator != null && separatorOf(separator).length() != 1) {
            throw new IllegalArgumentException("separator '" + separator + "': must be one character, or tab");
        }
        if (separator != null && (format == LogFormat.JSON_LINES || format == LogFormat.JSON)) {
            throw new IllegalArgumentException("a separator goes with format: csv");
        }
        if (encoding != null && !isCharset(encoding)) {
            throw new IllegalArgumentException(
                    "encoding '" + encoding + "' is not known: write it like utf-8, windows-1252 or utf-16le");
        }
        if (rows != null && format != null && format != LogFormat.JSON) {
            throw new IllegalArgumentException("rows, the path of the list in one document, goes with format: json");
        }
        columns = columns == null ? List.of() : List.copyOf(columns);
        newTypes = newTypes == null ? List.of() : List.copyOf(newTypes);
        sortWithin(sort);
        for (String column : columnsOf(id, context, numbers, attributes, text, eventId, skip)) {
            Column.of(column);
        }
    }

    private static Set<String> columnsOf(
            List<String> id,
            @Nullable String context,
            Map<String, String> numbers,
            Map<String, String> attributes,
            @Nullable String text,
            List<String> eventId,
            List<Map<String, String>> skip) {
        Set<String> columns = new LinkedHashSet<>(id);
        if (context != null) {
            columns.add(context);
        }
        columns.addAll(numbers.values());
        columns.addAll(attributes.values());
        if (text != null) {
            columns.add(text);
        }
        columns.addAll(eventId);
        skip.forEach(rule -> columns.addAll(rule.keySet()));
        return columns;
    }

    private static boolean isCharset(String name) {
        try {
            return Charset.isSupported(name);
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static String separatorOf(String written) {
        return switch (written) {
            case "tab", "\\t" -> "\t";
            case "comma" -> ",";
            case "semicolon" -> ";";
            default -> written;
        };
    }

    private static @Nullable Duration sortWithin(@Nullable String written) {
        if (written == null) {
            return null;
        }
        String length = written.startsWith(WITHIN) ? written.substring(WITHIN.length()) : written;
        try {
            return DurationFormat.parse(length.strip());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("sort '" + written + "': must be like within 10m", e);
        }
    }

    /** Every column that the mapping names, in its words. */
    public Set<Column> named() {
        Set<String> paths = new LinkedHashSet<>();
        if (time.column() != null) {
            paths.add(time.column());
        }
        if (type.column() != null) {
            paths.add(type.column());
        }
        paths.addAll(columnsOf(id, context, numbers(), attributes(), text, eventId(), skip()));
        Set<Column> named = new LinkedHashSet<>();
        paths.forEach(path -> named.add(Column.of(path)));
        return named;
    }

    /** Every event type that the mapping can make, as far as it names them. */
    public Set<String> eventTypes() {
        Set<String> types = new LinkedHashSet<>();
        if (type.map() != null) {
            types.addAll(type.map().values());
        }
        if (type.always() != null) {
            types.add(type.always());
        }
        if (tombstones != null && !tombstones.equals(SKIP)) {
            types.add(tombstones);
        }
        return types;
    }

    /**
     * Looks whether every event type that the mapping can make is declared.
     *
     * @param declared of its kind
     * @return what is wrong and what to do, in one line; null if nothing is
     */
    public @Nullable String undeclared(List<String> declared) {
        for (String made : eventTypes()) {
            if (!declared.contains(made)) {
                return "the mapping makes " + made + ", which is not an event type of " + kind.id()
                        + Settings.didYouMean(made, declared) + " (there are " + String.join(", ", declared)
                        + "); new ones are declared in kinds." + kind.id()
                        + ".event-types of a configuration, and for a log"
                        + " in new-types of its mapping";
            }
        }
        return null;
    }

    /** What may be meant otherwise than it is written, a line each. */
    public List<String> hints() {
        return time.hints();
    }

    /** Which keys are for log files only and are set, in the user's words. */
    public List<String> logKeys() {
        List<String> set = new ArrayList<>();
        addIf(set, "format", format != null);
        addIf(set, "separator", separator != null);
        addIf(set, "quotes", quotes != null);
        addIf(set, "encoding", encoding != null);
        addIf(set, "columns", !columns().isEmpty());
        addIf(set, "rows", rows != null);
        addIf(set, "sort", sort != null);
        addIf(set, "new-types", !newTypes().isEmpty());
        return set;
    }

    private static void addIf(List<String> keys, String key, boolean isSet) {
        if (isSet) {
            keys.add(key);
        }
    }

    /** How far apart rows of a log are put in order of time; null for the order of the log. */
    public @Nullable Duration sorted() {
        return sortWithin(sort);
    }

    /** By how much rows of a log may be out of order before times that go back mean a repeated hour. */
    Duration disorder() {
        Duration sorted = sorted();
        return sorted == null ? SORTED : sorted;
    }

    /** What stands between the cells of a log, or null where its format says so. */
    public @Nullable Character separatorSign() {
        return separator == null ? null : separatorOf(separator).charAt(0);
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

    @Override
    @JsonProperty("null")
    @SuppressWarnings("NullAway") // the constructor leaves none null
    public List<String> nulls() {
        return nulls;
    }

    @Override
    @SuppressWarnings("NullAway") // the constructor leaves none null
    public List<String> columns() {
        return columns;
    }

    @Override
    @SuppressWarnings("NullAway") // the constructor leaves none null
    public List<String> newTypes() {
        return newTypes;
    }
}
