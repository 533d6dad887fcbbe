package io.livepredict.streams.erasure.flow;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.livepredict.contract.Erasure;
import io.livepredict.contract.Kind;
import io.livepredict.streams.ingest.Ids;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A request to forget somebody as a record's value. It is JSON, so that it can be written with nothing but a console producer:
 * {@code {"kind": "viewer", "entity": "u17"}}.
 */
public final class ErasureJson {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String KIND = "kind";
    private static final String ENTITY = "entity";
    private static final String ID = "id";
    private static final String REQUESTED_AT = "requested-at";

    private ErasureJson() {}

    /**
     * Reads a request.
     *
     * @param json {@code kind} and {@code entity}, and optionally {@code id} and {@code requested-at} (ISO 8601)
     * @param defaultId where it has none
     * @param defaultMillis when it was asked for, where it does not say
     * @throws IllegalArgumentException where it can't be read, in words that hold nothing of it: it may well be an id
     */
    public static Erasure read(byte @Nullable [] json, String defaultId, long defaultMillis) {
        JsonNode node = tree(json);
        String kindId = text(node, KIND)
                .orElseThrow(() -> new IllegalArgumentException("an erasure says its kind, viewer or player"));
        Kind kind = Arrays.stream(Kind.values())
                .filter(each -> each.id().equals(kindId))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("the kind of an erasure is viewer or player"));
        String entity = text(node, ENTITY)
                .filter(id -> !id.isEmpty())
                .orElseThrow(() -> new IllegalArgumentException("an erasure says its entity, the id to forget"));
        String id = text(node, ID).filter(given -> !given.isEmpty()).orElse(defaultId);
        Ids.check("entity of an erasure", entity);
        Ids.check("id of an erasure", id);
        long requestedAt = text(node, REQUESTED_AT).map(ErasureJson::millis).orElse(defaultMillis);
        return new Erasure(kind, entity, id, requestedAt);
    }

    private static JsonNode tree(byte @Nullable [] json) {
        try {
            JsonNode node = json == null ? null : JSON.readTree(json);
            if (node != null && node.isObject()) {
                return node;
            }
        } catch (IOException e) {
            // said below; the parser's message would quote the record
        }
        throw new IllegalArgumentException(
                "an erasure is a JSON object such as {\"kind\": \"viewer\", \"entity\": \"u17\"}");
    }

    private static Optional<String> text(JsonNode node, String field) {
        JsonNode value = node.get(field);
        return value == null || value.isNull() ? Optional.empty() : Optional.of(value.asText());
    }

    private static long millis(String text) {
        try {
            return Instant.parse(text).toEpochMilli();
        } catch (DateTimeException | ArithmeticException e) { // the latter for years that milliseconds do not reach
            throw new IllegalArgumentException("requested-at of an erasure is a time such as 2026-05-01T12:00:00Z");
        }
    }

    /** The request as a record's value. */
    public static byte[] write(Erasure erasure) {
        ObjectNode node = JSON.createObjectNode();
        node.put(KIND, erasure.kind().id());
        node.put(ENTITY, erasure.entityId());
        node.put(ID, erasure.id());
        node.put(REQUESTED_AT, Instant.ofEpochMilli(erasure.requestedAtMillis()).toString());
        try {
            return JSON.writeValueAsBytes(node);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("an object of texts is JSON", e);
        }
    }
}
