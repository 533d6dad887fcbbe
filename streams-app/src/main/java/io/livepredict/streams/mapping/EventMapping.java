package io.livepredict.streams.mapping;

import io.livepredict.contract.CanonicalEvent;
import io.livepredict.contract.DeadLetterReason;
import io.livepredict.contract.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Turns a user's record, a row of a log or a record of a topic, into a canonical event, as {@link MappingSettings} say.
 * The same mapping serves JSON, foreign Avro, CSV and JSON Lines: it sees {@link Fields} only. Not safe for use from several
 * threads.
 */
public final class EventMapping {
    /** Joins the columns of an id of several columns. */
    public static final char JOIN = '/';

    private final Kind kind;
    private final FieldFaults faults;
    private final EventTime time;
    private final List<Column> id;
    private final @Nullable Column context;
    private final EventType type;
    private final Map<String, Column> numbers = new LinkedHashMap<>();
    private final NumberText numberText;
    private final Map<String, Column> attributes = new LinkedHashMap<>();
    private final @Nullable Column text;
    private final List<Column> eventId;
    private final List<Map<Column, String>> skip = new ArrayList<>();
    private final Set<String> nulls;
    private final @Nullable String tombstones;

    /** A mapping that tells nobody of values that it leaves out. */
    public EventMapping(MappingSettings settings) {
        this(settings, (column, why) -> {});
    }

    /** @param faults hears of optional values that are left out because they can't be used */
    public EventMapping(MappingSettings settings, FieldFaults faults) {
        this.kind = settings.kind();
        this.faults = faults;
        this.time = new EventTime(settings.time(), settings.disorder());
        this.id = settings.id().stream().map(Column::of).toList();
        this.context = settings.context() == null ? null : Column.of(settings.context());
        this.type = new EventType(settings.type());
        settings.numbers().forEach((name, column) -> numbers.put(name, Column.of(column)));
        this.numberText = settings.decimal() == null ? NumberText.PLAIN : new NumberText(settings.decimal());
        settings.attributes().forEach((name, column) -> attributes.put(name, Column.of(column)));
        this.text = settings.text() == null ? null : Column.of(settings.text());
        this.eventId = settings.eventId().stream().map(Column::of).toList();
        for (Map<String, String> rule : settings.skip()) {
            Map<Column, String> columns = new LinkedHashMap<>();
            rule.forEach((column, value) -> columns.put(Column.of(column), value));
            skip.add(columns);
        }
        this.nulls = Set.copyOf(settings.nulls());
        this.tombstones = settings.tombstones();
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
    public Mapped map(Fields record) throws RefusedRecordException {
        Fields fields = nulls.isEmpty() ? record : new WithoutNulls(record, nulls);
        for (Map<Column, String> rule : skip) {
            if (matches(rule, fields)) {
                return new LeftOut(Skip.SKIP_RULE);
            }
        }
        String eventType = type.of(fields);
        if (eventType == null) {
            return new LeftOut(Skip.UNDECLARED_TYPE);
        }
        String contextId = context == null ? null : optional(context, fields);
        String entityId = joined(id, fields);
        String ownId = eventId.isEmpty() ? null : joined(eventId, fields);
        long timeMillis = time.millis(fields);
        return new Made(new CanonicalEvent(
                ownId,
                entityId,
                contextId == null ? "" : contextId,
                timeMillis,
                eventType,
                numbers(fields),
                attributes(fields),
                text == null ? null : kept(text, fields)));
    }

    /**
     * Maps a record whose value is null.
     *
     * @param record of which only the key and the timestamp are known
     * @throws RefusedRecordException if the mapping does not say what such a record means, or its key or timestamp can't be used
     */
    public Mapped mapTombstone(Fields record) throws RefusedRecordException {
        if (tombstones == null) {
            throw new RefusedRecordException(
                    DeadLetterReason.NULL_VALUE,
                    "the value is null; if that is a tombstone, say tombstones: skip in the mapping");
        }
        if (tombstones.equals(MappingSettings.SKIP)) {
            return new LeftOut(Skip.TOMBSTONE);
        }
        OptionalLong stamp = record.stampMillis();
        if (stamp.isEmpty()) {
            throw new RefusedRecordException(DeadLetterReason.MISSING_FIELD, "a tombstone has no time of its own");
        }
        String contextId = context == null || context.root() != Column.Root.KEY
                ? null
                : Texts.optional(context, record.get(context));
        return new Made(new CanonicalEvent(
                null,
                joined(id, record),
                contextId == null ? "" : contextId,
                stamp.getAsLong(),
                tombstones,
                Map.of(),
                Map.of(),
                null));
    }

    /** Reads texts that stand for nothing as nothing. */
    private record WithoutNulls(Fields fields, Set<String> nulls) implements Fields {
        @Override
        public @Nullable Object get(Column column) {
            Object value = fields.get(column);
            return value instanceof CharSequence text
                            && nulls.contains(text.toString().strip())
                    ? null
                    : value;
        }

        @Override
        public OptionalLong stampMillis() {
            return fields.stampMillis();
        }
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
            return Texts.required(columns.get(0), fields.get(columns.get(0)));
        }
        StringBuilder joined = new StringBuilder();
        for (Column column : columns) {
            if (!joined.isEmpty()) {
                joined.append(JOIN);
            }
            joined.append(Texts.required(column, fields.get(column)));
        }
        return joined.toString();
    }

    private static @Nullable String optional(Column column, Fields fields) throws RefusedRecordException {
        return Texts.optional(column, fields.get(column));
    }

    /** The text of an optional value; null, and said, where it can't be used. */
    private @Nullable String kept(Column column, Fields fields) {
        try {
            return optional(column, fields);
        } catch (RefusedRecordException e) {
            faults.leftOut(column.path(), e.words());
            return null;
        }
    }

    private Map<String, Double> numbers(Fields fields) {
        Map<String, Double> values = Map.of();
        for (Map.Entry<String, Column> number : numbers.entrySet()) {
            Double value = number(number.getValue(), fields);
            if (value != null) {
                values = values.isEmpty() ? new LinkedHashMap<>() : values;
                values.put(number.getKey(), value);
            }
        }
        return values;
    }

    private @Nullable Double number(Column column, Fields fields) {
        Object value = fields.get(column);
        if (value instanceof Boolean b) {
            return b ? 1.0 : 0.0;
        }
        String written;
        if (value instanceof Number n) {
            double number = n.doubleValue();
            if (Double.isFinite(number)) {
                return number;
            }
            written = n.toString();
        } else {
            written = kept(column, fields);
            if (written == null || written.isBlank()) {
                return null;
            }
            Double number = numberText.read(written);
            if (number != null) {
                return number;
            }
        }
        faults.leftOut(
                column.path(),
                "column " + column.path() + " is not a number: " + RefusedRecordException.shorten(written)
                        + (written.indexOf(',') >= 0 ? "; decimal in the mapping says what a comma is" : ""));
        return null;
    }

    private Map<String, String> attributes(Fields fields) {
        Map<String, String> values = Map.of();
        for (Map.Entry<String, Column> attribute : attributes.entrySet()) {
            String value = kept(attribute.getValue(), fields);
            if (value != null) {
                values = values.isEmpty() ? new LinkedHashMap<>() : values;
                values.put(attribute.getKey(), value);
            }
        }
        return values;
    }
}
