package io.livepredict.settings;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Lays environment variables over a configuration, see {@link YamlFile}. */
final class EnvironmentOverrides {
    /** How the place of a value from the environment begins in messages. */
    static final String PLACE = "environment variable ";

    private static final String PREFIX = "LIVEPREDICT_";
    private static final Pattern NOT_OURS =
            Pattern.compile(".*(_SERVICE_HOST|_SERVICE_PORT(_.*)?|_PORT(_\\d+_.*)?|_HOME|_OPTS)");
    private static final Pattern INDEX = Pattern.compile("\\d{1,4}");

    private EnvironmentOverrides() {}

    static void apply(ConfigurationTree tree, Class<?> type, Map<String, String> env) {
        // Sorted, so that a whole group comes before a key in it, and the result depends on nothing else.
        for (Map.Entry<String, String> variable : new TreeMap<>(env).entrySet()) {
            String name = variable.getKey();
            if (name.startsWith(PREFIX) && !isSetByOthers(name, type)) {
                set(tree, type, name, variable.getValue());
            }
        }
    }

    /** A variable that looks like one of Kubernetes' or a launcher's and does not begin with a key of ours. */
    private static boolean isSetByOthers(String name, Class<?> type) {
        String first = name.substring(PREFIX.length()).split("__", -1)[0];
        return NOT_OURS.matcher(name).matches() && componentType(type, kebab(first)) == null;
    }

    private static void set(ConfigurationTree tree, Class<?> rootType, String variable, String yaml) {
        String place = PLACE + variable;
        List<Object> path = new ArrayList<>();
        JsonNode node = tree.root();
        Type type = rootType;
        String[] parts = variable.substring(PREFIX.length()).split("__", -1);
        for (int i = 0; i < parts.length; i++) {
            boolean last = i == parts.length - 1;
            switch (node) {
                case ObjectNode object -> {
                    String key = key(object, type, parts[i]);
                    type = componentType(type, key);
                    path.add(key);
                    if (last) {
                        JsonNode value = tree.value(yaml, place, path);
                        if (value == null || value.isNull()) {
                            object.remove(key);
                        } else {
                            object.set(key, value);
                        }
                    } else {
                        node = object.has(key) ? object.get(key) : object.putObject(key);
                    }
                }
                case ArrayNode array -> {
                    int index = index(array, parts[i], place, path);
                    type = elementType(type);
                    path.add(index);
                    if (last) {
                        JsonNode value = tree.value(yaml, place, path);
                        if (value == null || value.isNull()) {
                            throw new SettingsException(place + ": a list entry has no value");
                        }
                        array.set(index, value);
                    } else {
                        node = array.get(index);
                    }
                }
                default ->
                    throw new SettingsException(
                            place + ": " + BindingErrors.dotted(path) + " is a single value and has nothing below it");
            }
        }
    }

    /** The key a part of a variable's name means: one that is there already, or as the type writes its keys. */
    private static String key(ObjectNode object, @Nullable Type type, String part) {
        String folded = part.toLowerCase(Locale.ROOT);
        for (Map.Entry<String, JsonNode> field : object.properties()) {
            if (field.getKey()
                    .toLowerCase(Locale.ROOT)
                    .replace('-', '_')
                    .replace('.', '_')
                    .equals(folded)) {
                return field.getKey();
            }
        }
        return type instanceof Class<?> c && RecordKeys.has(c) ? kebab(part) : folded.replace('_', '.');
    }

    private static int index(ArrayNode array, String part, String place, List<Object> path) {
        int index = INDEX.matcher(part).matches() ? Integer.parseInt(part) : -1;
        if (index < 0 || index >= array.size()) {
            throw new SettingsException(place + ": " + BindingErrors.dotted(path) + " is a list of " + array.size()
                    + "; " + part + " is not a place in it (the first is 0)");
        }
        return index;
    }

    private static String kebab(String part) {
        return part.toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static @Nullable Type componentType(@Nullable Type type, String key) {
        if (type instanceof Class<?> c && c.isRecord()) {
            for (RecordComponent component : c.getRecordComponents()) {
                if (RecordKeys.of(component).equals(key)) {
                    return component.getGenericType();
                }
            }
            return null;
        }
        return elementType(type);
    }

    /** The type of a list's elements or a map's values. */
    private static @Nullable Type elementType(@Nullable Type type) {
        if (type instanceof ParameterizedType parameterized
                && parameterized.getRawType() instanceof Class<?> raw
                && (Collection.class.isAssignableFrom(raw) || Map.class.isAssignableFrom(raw))) {
            Type[] arguments = parameterized.getActualTypeArguments();
            return arguments[arguments.length - 1];
        }
        return null;
    }
}
