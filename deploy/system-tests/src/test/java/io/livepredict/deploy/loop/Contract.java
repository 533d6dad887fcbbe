package io.livepredict.deploy.loop;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A program's API, asked over HTTP: every answer must be one that its OpenAPI document foresees. */
final class Contract implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final JsonSchemaFactory SCHEMAS = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012);

    private final String root;
    private final HttpClient http = HttpClient.newHttpClient();
    private final JsonNode document;

    Contract(int port) throws IOException, InterruptedException {
        root = "http://127.0.0.1:" + port;
        document = JSON.readTree(http.send(
                        HttpRequest.newBuilder(URI.create(root + "/openapi.json"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body());
    }

    /** An answer: its status and its body. */
    record Answer(int status, JsonNode body) {}

    Answer get(String path) throws IOException, InterruptedException {
        return send("get", path, null);
    }

    Answer post(String path, Object body) throws IOException, InterruptedException {
        return send("post", path, JSON.writeValueAsString(body));
    }

    private Answer send(String method, String path, @Nullable String body) throws IOException, InterruptedException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(root + path)).timeout(Duration.ofSeconds(60));
        if (body != null) {
            request.header("Content-Type", "application/json").POST(HttpRequest.BodyPublishers.ofString(body));
        }
        HttpResponse<String> response = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
        JsonNode answer = JSON.readTree(response.body());
        check(method, path.replaceFirst("\\?.*", ""), response, answer);
        return new Answer(response.statusCode(), answer);
    }

    private void check(String method, String path, HttpResponse<String> response, JsonNode answer) {
        JsonNode foreseen =
                operation(path).path(method).path("responses").path(Integer.toString(response.statusCode()));
        assertThat(foreseen.isMissingNode())
                .as("%s %s answers %d, which its contract does not have", method, path, response.statusCode())
                .isFalse();
        if (foreseen.has("$ref")) {
            foreseen = document.at(foreseen.get("$ref").asText().substring(1));
        }
        String type = response.headers().firstValue("Content-Type").orElse("");
        JsonNode schema = foreseen.path("content").path(type).path("schema");
        assertThat(schema.isMissingNode()).as("%s %s: %s", method, path, type).isFalse();
        assertThat(schema(schema).validate(answer))
                .as("%s %s: %s", method, path, answer)
                .isEmpty();
    }

    /** Objects are closed, so that a field which the contract forgets is found. */
    private JsonSchema schema(JsonNode of) {
        ObjectNode whole = (ObjectNode) of.deepCopy();
        ObjectNode components = document.path("components").deepCopy();
        for (JsonNode each : components.findParents("properties")) {
            if (each.path("type").toString().contains("object")) {
                ((ObjectNode) each).put("additionalProperties", false);
            }
        }
        whole.set("components", components);
        return SCHEMAS.getSchema(whole);
    }

    private JsonNode operation(String path) {
        Map<Integer, JsonNode> matches = new TreeMap<>();
        for (Map.Entry<String, JsonNode> each : document.path("paths").properties()) {
            if (path.matches(each.getKey().replaceAll("\\{\\w+}", "[^/]+"))) {
                matches.put(each.getKey().length(), each.getValue());
            }
        }
        return matches.isEmpty()
                ? JSON.createObjectNode()
                : matches.values().iterator().next();
    }

    @Override
    public void close() {
        http.close();
    }
}
