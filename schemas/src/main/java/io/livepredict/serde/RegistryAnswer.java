package io.livepredict.serde;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/** What a registry said: a status and a body that is JSON if all is well. */
record RegistryAnswer(URI uri, int status, String body) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int LONGEST_MESSAGE = 300;

    JsonNode json() {
        JsonNode json = parsed();
        if (json != null && json.isObject()) {
            return json;
        }
        throw new RegistryUnavailableException(
                uri + " answered something that is not a schema registry's JSON: check registry.url");
    }

    /** The body as JSON of any shape; null if it is not JSON. */
    @Nullable
    JsonNode parsed() {
        try {
            return JSON.readTree(body);
        } catch (JsonProcessingException e) {
            return null;
        }
    }

    int integer(String field) {
        JsonNode value = json().path(field);
        if (!value.isInt()) {
            throw new RegistryUnavailableException(uri + " answered without " + field + ": check registry.url");
        }
        return value.intValue();
    }

    /** Whether a 404 says that the schema is not there (40403 and its neighbours), not that the path is not. */
    boolean isAboutTheSchema() {
        JsonNode json = parsed();
        return json != null && json.path("error_code").asInt() / 100 == 404;
    }

    String message() {
        JsonNode json = parsed();
        String message = json == null ? "" : json.path("message").asText();
        return oneLine(message.isBlank() ? body : message);
    }

    String words() {
        return body.isBlank() ? Integer.toString(status) : status + ", " + message();
    }

    static String oneLine(@Nullable String text) {
        String line = text == null ? "" : text.replaceAll("\\s+", " ").strip();
        return line.length() <= LONGEST_MESSAGE ? line : line.substring(0, LONGEST_MESSAGE) + "…";
    }
}
