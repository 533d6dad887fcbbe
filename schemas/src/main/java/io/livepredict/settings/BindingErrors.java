package io.livepredict.settings;

import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.exc.InvalidNullException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Says in the user's words why a configuration does not fit its record. */
final class BindingErrors {
    private BindingErrors() {}

    static SettingsException explain(JsonMappingException error, ConfigurationTree tree) {
        List<Object> path = path(error);
        if (error instanceof UnrecognizedPropertyException unknown) {
            Collection<Object> ids = unknown.getKnownPropertyIds();
            List<String> known =
                    ids == null ? List.of() : ids.stream().map(String::valueOf).toList();
            return new SettingsException(unknownKey(unknown.getPropertyName(), known, path, tree), error);
        }
        if (error instanceof ValueInstantiationException refused) {
            return new SettingsException(refusal(refused, path, tree), error);
        }
        if (error instanceof InvalidNullException) {
            return new SettingsException(line(tree, path, null, "has no value; give it one or leave it out"), error);
        }
        for (Throwable cause = error.getCause(); cause != null; cause = cause.getCause()) {
            if (cause instanceof IllegalArgumentException || cause instanceof SettingsException) {
                return new SettingsException(line(tree, path, null, String.valueOf(cause.getMessage())), error);
            }
        }
        String reason = error instanceof YamlFile.BadValueException
                ? error.getOriginalMessage()
                : error instanceof MismatchedInputException mismatched
                        ? wanted(mismatched.getTargetType())
                        : error.getOriginalMessage();
        return new SettingsException(line(tree, path, tree.at(path), reason), error);
    }

    /** Says where in the configuration a refusal belongs that was made after binding; one without a path says so itself. */
    static SettingsException locate(SettingsException refusal, ConfigurationTree tree) {
        List<Object> path = refusal.path();
        if (path.isEmpty()) {
            return refusal;
        }
        while (!path.isEmpty() && tree.at(path) == null) { // a key that was left out: the group it would be in
            path = path.subList(0, path.size() - 1);
        }
        return new SettingsException(tree.place(path) + ": " + refusal.getMessage(), refusal);
    }

    /** The path as a user writes it: {@code targets[0].within}. */
    static String dotted(List<Object> path) {
        StringBuilder text = new StringBuilder();
        for (Object step : path) {
            if (step instanceof Integer index) {
                text.append('[').append(index).append(']');
            } else {
                text.append(text.isEmpty() ? "" : ".").append(step);
            }
        }
        return text.toString();
    }

    private static String unknownKey(String key, List<String> known, List<Object> path, ConfigurationTree tree) {
        String near = Settings.didYouMean(key, known);
        String rest = near.isEmpty() && !known.isEmpty()
                ? "; the keys here are " + known.stream().sorted().collect(Collectors.joining(", "))
                : near;
        return line(tree, path, null, "there is no such key" + rest);
    }

    /** Why a record refuses its values: a key it does not know first, since another is then likely missing. */
    private static String refusal(ValueInstantiationException error, List<Object> path, ConfigurationTree tree) {
        Class<?> type = error.getType().getRawClass();
        JsonNode node = tree.at(path);
        if (RecordKeys.has(type) && node instanceof ObjectNode object) {
            List<String> known = RecordKeys.all(type);
            for (Map.Entry<String, JsonNode> field : object.properties()) {
                if (!known.contains(field.getKey())) {
                    List<Object> inner = new ArrayList<>(path);
                    inner.add(field.getKey());
                    return unknownKey(field.getKey(), known, inner, tree);
                }
            }
        }
        Throwable cause = error.getCause() == null ? error : error.getCause();
        if (cause instanceof NullPointerException) {
            List<String> missing = missing(type, node);
            return line(tree, path, null, missing.isEmpty() ? "a key is missing here" : isMissing(missing));
        }
        return line(tree, path, null, String.valueOf(cause.getMessage()));
    }

    private static String isMissing(List<String> keys) {
        return String.join(", ", keys) + (keys.size() == 1 ? " is missing" : " are missing");
    }

    /** The components without a value that are not marked as nullable. */
    private static List<String> missing(Class<?> type, @Nullable JsonNode node) {
        List<String> missing = new ArrayList<>();
        if (type.isRecord()) {
            for (RecordComponent component : type.getRecordComponents()) {
                String key = RecordKeys.of(component);
                boolean present = node instanceof ObjectNode object && object.hasNonNull(key);
                if (!present
                        && !component.getType().isPrimitive()
                        && !component.getAnnotatedType().isAnnotationPresent(Nullable.class)) {
                    missing.add(key);
                }
            }
        }
        return missing;
    }

    private static String wanted(@Nullable Class<?> type) {
        if (type == null) {
            return "can't be used here";
        }
        if (type == int.class || type == Integer.class || type == long.class || type == Long.class) {
            return "must be a whole number";
        }
        if (type == double.class || type == Double.class || type == float.class || type == Float.class) {
            return "must be a number";
        }
        if (type == boolean.class || type == Boolean.class) {
            return "must be true or false";
        }
        if (type == Instant.class) {
            return "must be a moment in ISO 8601 with its zone, such as 2026-11-27T06:00:00Z";
        }
        if (type == String.class || type == Path.class) {
            return "must be a single value";
        }
        if (Collection.class.isAssignableFrom(type)) {
            return "must be a list, such as [A, B]";
        }
        if (Map.class.isAssignableFrom(type) || type.isRecord()) {
            return "must be a group of keys with values";
        }
        return "can't be used here";
    }

    private static String line(ConfigurationTree tree, List<Object> path, @Nullable JsonNode value, String reason) {
        StringBuilder text = new StringBuilder(tree.place(path)).append(": ");
        if (!path.isEmpty()) {
            text.append(dotted(path)).append(": ");
        }
        if (value != null && value.isValueNode()) {
            text.append('\'').append(shown(path, value.asText())).append("': ");
        }
        return text.append(reason.replaceAll("\\s+", " ").strip()).toString();
    }

    private static String shown(List<Object> path, String value) {
        String key = String.valueOf(path.getLast()).toLowerCase(Locale.ROOT);
        if (key.contains("password") || key.contains("secret")) {
            return "***";
        }
        return value.length() <= 80 ? value : value.substring(0, 80) + "…";
    }

    private static List<Object> path(JsonMappingException error) {
        List<Object> path = new ArrayList<>();
        for (JsonMappingException.Reference step : error.getPath()) {
            if (step.getFieldName() != null) {
                path.add(step.getFieldName());
            } else if (step.getIndex() >= 0) {
                path.add(step.getIndex());
            }
        }
        return path;
    }
}
