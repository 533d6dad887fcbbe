package io.livepredict.streams.mapping;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the type of an event, as a mapping says. Immutable. */
final class EventType {
    private final @Nullable Column column;
    private final @Nullable String always;
    private final @Nullable Map<String, String> map;

    EventType(MappingSettings.Type settings) {
        column = settings.column() == null ? null : Column.of(settings.column());
        always = settings.always();
        map = settings.map();
    }

    /**
     * The type; null if the mapping does not name what the column holds.
     *
     * @throws RefusedRecordException if it is missing
     */
    @Nullable
    String of(Fields fields) throws RefusedRecordException {
        if (column == null) {
            return always;
        }
        String value = Texts.required(column, fields.get(column));
        if (column.root() == Column.Root.SCHEMA) {
            String simple = value.substring(value.lastIndexOf('.') + 1);
            if (map == null) {
                return simple;
            }
            String byFullName = map.get(value);
            return byFullName == null ? map.get(simple) : byFullName;
        }
        return map == null ? value : map.get(value);
    }
}
