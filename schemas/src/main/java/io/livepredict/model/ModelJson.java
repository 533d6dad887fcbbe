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
import io.livepredict.contract.Namespace;
import java.lang.reflect.RecordComponent;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * Manifests and pointers as JSON. The same record always gives the same text. Fields that this build does not know are
 * ignored, fields that are not there are empty or zero, and another format than {@link ModelManifest#FORMAT} is refused.
 * What is signed says besides which sort of record it is ({@code record}: manifest or pointer), in which {@code format}, and
 * of which {@code namespace}.
 */
public final class ModelJson {
    private static final String MANIFEST = "manifest";
    private static final String POINTER = "pointer";
    private static final ObjectMapper JSON = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    private ModelJson() {}

    /** A manifest for people and tools; {@link ModelSigner} makes what is signed of it. */
    public static String write(ModelManifest manifest) {
        return json(manifest);
    }

    /** What is signed of a manifest. */
    static String writeSigned(ModelManifest manifest, Namespace namespace) {
        return signed(MANIFEST, manifest, namespace);
    }

    /** What is signed of a pointer. */
    static String writeSigned(ModelPointer pointer, Namespace namespace) {
        return signed(POINTER, pointer, namespace);
    }

    private static String signed(String sort, Record value, Namespace namespace) {
        ObjectNode node = JSON.createObjectNode();
        node.put("record", sort);
        node.put("format", ModelManifest.FORMAT);
        node.put("namespace", namespace.value());
        node.setAll((ObjectNode) JSON.valueToTree(value));
        return json(node);
    }

    /**
     * Reads a manifest of whatever format and namespace, as far as this build knows its fields.
     *
     * @throws RefusedException UNREADABLE
     */
    public static ModelManifest readManifest(String json) throws RefusedException {
        return manifest(object(json, MANIFEST));
    }

    /**
     * Reads a pointer of whatever format and namespace.
     *
     * @throws RefusedException UNREADABLE
     */
    public static ModelPointer readPointer(String json) throws RefusedException {
        return pointer(object(json, POINTER));
    }

    /**
     * Reads what was signed of a manifest.
     *
     * @throws RefusedException UNREADABLE, UNKNOWN_FORMAT, or MISPLACED if it is not a manifest or belongs to another namespace
     */
    static ModelManifest readSignedManifest(String json, Namespace namespace) throws RefusedException {
        ObjectNode node = object(json, MANIFEST);
        check(node, MANIFEST, namespace);
        return manifest(node);
    }

    /**
     * Reads what was signed of a pointer.
     *
     * @throws RefusedException as {@link #readSignedManifest}
     */
    static ModelPointer readSignedPointer(String json, Namespace namespace) throws RefusedException {
        ObjectNode node = object(json, POINTER);
        check(node, POINTER, namespace);
        return pointer(node);
    }

    private static ModelManifest manifest(ObjectNode node) throws RefusedException {
        ModelManifest manifest = value(node, ModelManifest.class, MANIFEST);
        if (manifest.version() < 1 || manifest.bytes() < 0 || manifest.chunks() < 0) {
            throw new RefusedException(Refusal.UNREADABLE, "the manifest has a version or size below zero");
        }
        if (manifest.chunks() != ModelPacker.chunks(manifest.bytes())) {
            throw new RefusedException(
                    Refusal.UNREADABLE,
                    "the manifest has " + manifest.bytes() + " bytes in " + manifest.chunks() + " chunks");
        }
        try {
            Instant.parse(manifest.createdAt());
        } catch (DateTimeException e) {
            throw new RefusedException(Refusal.UNREADABLE, "the manifest does not say when it was made", e);
        }
        return manifest;
    }

    private static ModelPointer pointer(ObjectNode node) throws RefusedException {
        ModelPointer pointer = value(node, ModelPointer.class, POINTER);
        if (pointer.version() < 1) {
            throw new RefusedException(Refusal.UNREADABLE, "the pointer is to version " + pointer.version());
        }
        try {
            Instant.parse(pointer.issuedAt());
        } catch (DateTimeException e) {
            throw new RefusedException(Refusal.UNREADABLE, "the pointer does not say when it was issued", e);
        }
        return pointer;
    }

    private static void check(ObjectNode node, String sort, Namespace namespace) throws RefusedException {
        JsonNode format = node.path("format");
        if (!format.isMissingNode() && !format.isInt()) {
            throw new RefusedException(Refusal.UNREADABLE, "the " + sort + "'s format is not a number");
        }
        if (format.asInt() > ModelManifest.FORMAT) {
            throw new RefusedException(
                    Refusal.UNKNOWN_FORMAT,
                    "unknown " + sort + " format " + format.asInt() + ", this build reads " + ModelManifest.FORMAT
                            + "; upgrade it");
        }
        if (format.asInt() < ModelManifest.FORMAT) {
            throw new RefusedException(
                    Refusal.UNKNOWN_FORMAT,
                    "a build before this one signed it (" + sort + " format " + format.asInt() + ", this build reads "
                            + ModelManifest.FORMAT + "); upgrade the trainer, whose next version will be read");
        }
        if (!node.path("record").asText().equals(sort)) {
            throw new RefusedException(Refusal.MISPLACED, "what was signed is not a " + sort);
        }
        String of = node.path("namespace").asText();
        if (!of.equals(namespace.value())) {
            throw new RefusedException(
                    Refusal.MISPLACED,
                    "it was signed for namespace '" + of + "', this one is '" + namespace.value()
                            + "'; give each installation a key of its own");
        }
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
