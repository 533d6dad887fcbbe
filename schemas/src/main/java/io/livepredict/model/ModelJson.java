package io.livepredict.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.livepredict.contract.ModelManifest;
import io.livepredict.contract.ModelPointer;
import java.lang.reflect.RecordComponent;
import java.util.List;
import java.util.Map;

/**
 * Manifests and pointers as JSON. The same record always gives the same text. Fields that this build does not know are
 * ignored, fields that an older one did not write are empty or zero, and a format above {@link ModelManifest#FORMAT} is
 * refused.
 */
public final class ModelJson {
    private static final ObjectMapper JSON = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    private ModelJson() {}

    public static String write(ModelManifest manifest) {
        return json(manifest);
    }

    public static String write(ModelPointer pointer) {
        return json(pointer);
    }

    /**
     * Reads a manifest.
     *
     * @throws RefusedException UNREADABLE or UNKNOWN_FORMAT
     */
    public static ModelManifest readManifest(String json) throws RefusedException {
        ObjectNode node = object(json, "manifest");
        JsonNode format = node.path("format");
        if (!format.isMissingNode() && !format.isInt()) {
            throw new RefusedException(Refusal.UNREADABLE, "the manifest's format is not a number");
        }
        if (format.asInt() > ModelManifest.FORMAT) {
            throw new RefusedException(
                    Refusal.UNKNOWN_FORMAT,
                    "unknown manifest format " + format.asInt() + ", this build reads at most " + ModelManifest.FORMAT
                            + "; upgrade it");
        }
        ModelManifest manifest = value(node, ModelManifest.class, "manifest");
        if (manifest.version() < 1 || manifest.bytes() < 0 || manifest.chunks() < 0) {
            throw new RefusedException(Refusal.UNREADABLE, "the manifest has a version or size below zero");
        }
        return manifest;
    }

    /**
     * Reads a pointer.
     *
     * @throws RefusedException UNREADABLE
     */
    public static ModelPointer readPointer(String json) throws RefusedException {
        return value(object(json, "pointer"), ModelPointer.class, "pointer");
    }

    private static String json(Object value) {
        try {
            return JSON.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a record of plain values can't be written as JSON", e);
        }
    }

    private static ObjectNode object(String json, String what) throws RefusedException {
        try {
            if (JSON.readTree(json) instanceof ObjectNode node) {
                return node;
            }
        } catch (JsonProcessingException e) {
            throw new RefusedException(Refusal.UNREADABLE, "the " + what + " is not JSON", e);
        }
        throw new RefusedException(Refusal.UNREADABLE, "the " + what + " is not a JSON object");
    }

    private static <T extends Record> T value(ObjectNode node, Class<T> type, String what) throws RefusedException {
        fillMissing(node, type);
        try {
            return JSON.treeToValue(node, type);
        } catch (JsonProcessingException | IllegalArgumentException e) {
            throw new RefusedException(
                    Refusal.UNREADABLE,
                    "the " + what + " does not fit: "
                            + String.valueOf(e.getMessage()).lines().findFirst().orElse(""),
                    e);
        }
    }

    /** Gives what is not there an empty value, so that no part of the record is null, those within lists included. */
    private static void fillMissing(ObjectNode node, Class<?> type) {
        for (RecordComponent component : type.getRecordComponents()) {
            String name = component.getName();
            Class<?> part = component.getType();
            if (!node.hasNonNull(name)) {
                if (part == String.class) {
                    node.put(name, "");
                } else if (part == List.class || part.isArray()) {
                    node.putArray(name);
                } else if (part == Map.class) {
                    node.putObject(name);
                }
            } else if (part == List.class
                    && node.get(name) instanceof ArrayNode array
                    && elementOf(component) instanceof Class<?> element
                    && element.isRecord()) {
                array.forEach(each -> {
                    if (each instanceof ObjectNode inner) {
                        fillMissing(inner, element);
                    }
                });
            }
        }
    }

    private static java.lang.reflect.Type elementOf(RecordComponent list) {
        return ((java.lang.reflect.ParameterizedType) list.getGenericType()).getActualTypeArguments()[0];
    }
}
