package io.livepredict.settings;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/**
 * A parsed configuration that remembers where each of its keys came from. Every scalar is kept as the text that was
 * written, so that a string never becomes a number or a truth value on its way ({@code arg: 06}, {@code reply: no});
 * what it is to be is decided by the record it goes into.
 */
final class ConfigurationTree {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private final String origin;
    private final ObjectNode root;
    private final Map<List<Object>, String> places;

    private ConfigurationTree(String origin, ObjectNode root, Map<List<Object>, String> places) {
        this.origin = origin;
        this.root = root;
        this.places = places;
    }

    /**
     * Parses YAML.
     *
     * @throws SettingsException with the line, if it is none
     */
    static ConfigurationTree of(String yaml, String origin) {
        Map<List<Object>, String> places = new HashMap<>();
        JsonNode root = new Reader(origin, places).read(yaml, List.of());
        if (root == null || root.isNull()) {
            root = NODES.objectNode();
        }
        if (!(root instanceof ObjectNode object)) {
            throw new SettingsException(origin + ": must be keys with values, such as 'kafka: …', and is "
                    + (root.isArray() ? "a list" : "a single value"));
        }
        return new ConfigurationTree(origin, object, places);
    }

    String origin() {
        return origin;
    }

    ObjectNode root() {
        return root;
    }

    /** Where the value at that path was set, {@code FILE:LINE} or the variable; of the nearest group that has a place. */
    String place(List<Object> path) {
        for (int length = path.size(); length > 0; length--) {
            String place = places.get(path.subList(0, length));
            if (place != null) {
                return place;
            }
        }
        return origin;
    }

    /** The value at that path. */
    @Nullable
    JsonNode at(List<Object> path) {
        JsonNode node = root;
        for (Object step : path) {
            node = step instanceof Integer index ? node.get(index) : node.get((String) step);
            if (node == null) {
                return null;
            }
        }
        return node;
    }

    /** A value from elsewhere, as YAML, to be put at that path; its parts get that place. Null when it is empty. */
    @Nullable
    JsonNode value(String yaml, String place, List<Object> path) {
        JsonNode value = new Reader(place, new HashMap<>()).read(yaml, path);
        places.keySet()
                .removeIf(p ->
                        p.size() >= path.size() && p.subList(0, path.size()).equals(path));
        places.put(List.copyOf(path), place);
        return value;
    }

    private record Reader(String origin, Map<List<Object>, String> places) {
        private static final int CODE_POINTS = 16 << 20;
        private static final int DEEPEST = 50;

        @Nullable
        JsonNode read(String yaml, List<Object> path) {
            LoaderOptions options = new LoaderOptions();
            options.setMergeOnCompose(true);
            options.setCodePointLimit(CODE_POINTS);
            try {
                Node node = new Yaml(options).compose(new StringReader(yaml));
                return node == null ? null : convert(node, path);
            } catch (MarkedYAMLException e) {
                Mark mark = e.getProblemMark();
                throw new SettingsException(
                        (mark == null ? origin : place(mark)) + ": is not valid YAML: " + oneLine(e.getProblem()), e);
            } catch (YAMLException e) {
                throw new SettingsException(origin + ": is not valid YAML: " + oneLine(e.getMessage()), e);
            }
        }

        private JsonNode convert(Node node, List<Object> path) {
            if (path.size() > DEEPEST) { // an alias within what it stands for has no end
                throw new SettingsException(place(node.getStartMark()) + ": is nested more than " + DEEPEST + " deep");
            }
            return switch (node) {
                case MappingNode mapping -> object(mapping, path);
                case SequenceNode sequence -> array(sequence, path);
                case ScalarNode scalar -> scalar(scalar);
                default -> throw new SettingsException(place(node.getStartMark()) + ": can't be used here");
            };
        }

        private ObjectNode object(MappingNode mapping, List<Object> path) {
            ObjectNode object = NODES.objectNode();
            for (NodeTuple tuple : mapping.getValue()) {
                Mark mark = tuple.getKeyNode().getStartMark();
                if (!(tuple.getKeyNode() instanceof ScalarNode scalar)) {
                    throw new SettingsException(place(mark) + ": a key must be a single word");
                }
                String key = scalar.getValue();
                List<Object> inner = with(path, key);
                if (places.put(inner, place(mark)) != null) {
                    throw new SettingsException(place(mark) + ": " + key + ": is here twice; keep one");
                }
                object.set(key, convert(tuple.getValueNode(), inner));
            }
            return object;
        }

        private ArrayNode array(SequenceNode sequence, List<Object> path) {
            ArrayNode array = NODES.arrayNode();
            for (Node item : sequence.getValue()) {
                List<Object> inner = with(path, array.size());
                places.put(inner, place(item.getStartMark()));
                JsonNode value = convert(item, inner);
                if (value.isNull()) {
                    throw new SettingsException(place(item.getStartMark()) + ": a list entry has no value");
                }
                array.add(value);
            }
            return array;
        }

        private static JsonNode scalar(ScalarNode scalar) {
            String text = scalar.getValue();
            boolean none = scalar.isPlain() && (text.isEmpty() || text.equals("~") || text.equals("null"));
            return none ? NODES.nullNode() : NODES.textNode(text);
        }

        private String place(Mark mark) {
            return origin.startsWith(EnvironmentOverrides.PLACE) ? origin : origin + ':' + (mark.getLine() + 1);
        }

        private static String oneLine(@Nullable String text) {
            return text == null ? "" : text.replaceAll("\\s+", " ").strip();
        }

        private static List<Object> with(List<Object> path, Object step) {
            List<Object> longer = new ArrayList<>(path);
            longer.add(step);
            return List.copyOf(longer);
        }
    }
}
