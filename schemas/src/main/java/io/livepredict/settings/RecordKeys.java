package io.livepredict.settings;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import java.lang.reflect.Constructor;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;

/** The keys under which a record's components stand in a file. */
final class RecordKeys {
    private RecordKeys() {}

    /** Whether a type is a record that is written as a group of its components, and not as one value or a free map. */
    static boolean has(Class<?> type) {
        if (!type.isRecord()) {
            return false;
        }
        for (Constructor<?> constructor : type.getDeclaredConstructors()) {
            JsonCreator creator = constructor.getAnnotation(JsonCreator.class);
            if (creator != null && creator.mode() == JsonCreator.Mode.DELEGATING) {
                return false;
            }
        }
        return true;
    }

    static List<String> all(Class<?> record) {
        return Arrays.stream(record.getRecordComponents()).map(RecordKeys::of).toList();
    }

    static String of(RecordComponent component) {
        JsonProperty named = component.getAccessor().getAnnotation(JsonProperty.class);
        return named != null && !named.value().isEmpty()
                ? named.value()
                : PropertyNamingStrategies.KebabCaseStrategy.INSTANCE.translate(component.getName());
    }
}
