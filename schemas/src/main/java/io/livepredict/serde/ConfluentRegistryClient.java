package io.livepredict.serde;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.livepredict.settings.RegistrySettings;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.NameValidator;
import org.apache.avro.Schema;

/**
 * A client of the Confluent Schema Registry's REST API, which Apicurio ({@code /apis/ccompat/v7}), Karapace and Redpanda
 * speak too: {@code POST /subjects/SUBJECT/versions}, {@code GET /schemas/ids/ID} and, for schemas that refer to others,
 * {@code GET /subjects/SUBJECT/versions/VERSION}.
 *
 * <p>Schemas and ids never change once given, so they are cached for ever; that an id is unknown is remembered for a
 * while ({@link UnknownIds}). How long a call may take is bounded ({@link RegistryHttp}).
 */
public final class ConfluentRegistryClient implements SchemaRegistry {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int REFERENCE_DEPTH = 16;

    private final RegistrySettings settings;
    private final RegistryHttp http;
    private final UnknownIds unknown;
    private final Map<Integer, Schema> schemas = new ConcurrentHashMap<>();
    private final Map<Registration, Integer> ids = new ConcurrentHashMap<>();

    private record Registration(String subject, Schema schema) {}

    public ConfluentRegistryClient(RegistrySettings settings) {
        this(
                settings,
                RegistryHttp.REQUEST_PATIENCE,
                System::nanoTime,
                () -> ThreadLocalRandom.current().nextLong());
    }

    /**
     * @param requestPatience for one request
     * @param nanoClock what {@link System#nanoTime} gives
     * @param random spreads the retries of many clients
     */
    ConfluentRegistryClient(
            RegistrySettings settings, Duration requestPatience, LongSupplier nanoClock, RandomGenerator random) {
        this.settings = settings;
        http = new RegistryHttp(settings, requestPatience, nanoClock, random);
        unknown = new UnknownIds(http, nanoClock);
    }

    @Override
    public int register(String subject, Schema schema) {
        Registration registration = new Registration(subject, schema);
        Integer known = ids.get(registration);
        if (known != null) {
            return known;
        }
        String body = JSON.createObjectNode().put("schema", schema.toString()).toString();
        RegistryAnswer answer = http.post("/subjects/" + encoded(subject) + "/versions", body);
        int id = switch (answer.status()) {
            case 200 -> answer.integer("id");
            case 409, 422 ->
                throw new IncompatibleSchemaException("the registry at " + settings.url() + " refuses "
                        + schema.getFullName() + " for subject " + subject + ": " + answer.message()
                        + "; register a compatible schema, or use another namespace");
            default -> throw refused(answer);
        };
        ids.put(registration, id);
        schemas.putIfAbsent(id, schema);
        return id;
    }

    @Override
    public Schema byId(int id) {
        Schema known = schemas.get(id);
        if (known != null) {
            return known;
        }
        if (id < 0 || unknown.contains(id, schemas.keySet())) {
            throw new UnknownSchemaIdException(id, settings.url());
        }
        RegistryAnswer answer = http.get("/schemas/ids/" + id);
        if (answer.status() == 404 && answer.isAboutTheSchema()) {
            unknown.add(id);
            throw new UnknownSchemaIdException(id, settings.url());
        }
        if (answer.status() != 200) {
            throw refused(answer);
        }
        Schema schema = parse(answer, "schema id " + id);
        schemas.put(id, schema);
        return schema;
    }

    @Override
    public void close() {
        http.close();
    }

    private Schema parse(RegistryAnswer answer, String what) {
        JsonNode json = answer.json();
        String type = json.path("schemaType").asText("AVRO");
        if (!type.equals("AVRO")) {
            throw new IncompatibleSchemaException(what + " is of type " + type + ", and only Avro is read here");
        }
        try {
            // A reader needs no defaults, and names only to tell types apart: what other clients have registered with a
            // default of another type or a hyphen in a name is read all the same.
            Schema.Parser parser = new Schema.Parser(NameValidator.NO_VALIDATION).setValidateDefaults(false);
            addReferences(parser, json, 0);
            return parser.parse(json.path("schema").asText());
        } catch (AvroRuntimeException e) {
            throw new IncompatibleSchemaException(
                    what + " is not a schema that Avro can parse: " + RegistryAnswer.oneLine(e.getMessage()), e);
        }
    }

    /** Parses the schemas that one refers to before it, deepest first, so that their names are known. */
    private void addReferences(Schema.Parser parser, JsonNode json, int depth) {
        for (JsonNode reference : json.path("references")) {
            String subject = reference.path("subject").asText();
            String version = reference.path("version").asText();
            if (parser.getTypes().containsKey(reference.path("name").asText())) {
                continue;
            }
            if (depth >= REFERENCE_DEPTH) {
                throw new IncompatibleSchemaException(
                        "schemas refer to one another more than " + REFERENCE_DEPTH + " deep, at subject " + subject);
            }
            String path = "/subjects/" + encoded(subject) + "/versions/" + encoded(version);
            RegistryAnswer answer = http.get(path);
            if (answer.status() == 404) { // deleted for writers; readers of old records still need it
                answer = http.get(path + "?deleted=true");
            }
            if (answer.status() == 404) {
                throw new IncompatibleSchemaException(
                        "a schema refers to subject " + subject + " version " + version + ", which is not there");
            }
            if (answer.status() != 200) {
                throw refused(answer);
            }
            addReferences(parser, answer.json(), depth + 1);
            parser.parse(answer.json().path("schema").asText());
        }
    }

    private RegistryUnavailableException refused(RegistryAnswer answer) {
        String remedy = switch (answer.status()) {
            case 401, 403 -> "check registry.username and registry.password and what that user may do";
            case 404 ->
                "check registry.url: it must be the root of a Confluent-compatible API, for Apicurio …/apis/ccompat/v7";
            default -> "check registry.url";
        };
        return new RegistryUnavailableException(
                "the schema registry at " + settings.url() + " answered " + answer.words() + ": " + remedy);
    }

    private static String encoded(String segment) {
        return URLEncoder.encode(segment, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
