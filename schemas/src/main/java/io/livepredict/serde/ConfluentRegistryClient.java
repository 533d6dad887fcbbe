package io.livepredict.serde;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.livepredict.settings.Durations;
import io.livepredict.settings.RegistrySettings;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;

/**
 * A client of the Confluent Schema Registry's REST API, which Apicurio ({@code /apis/ccompat/v7}), Karapace and Redpanda
 * speak too: {@code POST /subjects/SUBJECT/versions}, {@code GET /schemas/ids/ID} and, for schemas that refer to others,
 * {@code GET /subjects/SUBJECT/versions/VERSION}.
 *
 * <p>Schemas and ids never change once given, so they are cached for ever; that an id is unknown is remembered for
 * {@value #UNKNOWN_FOR_SECONDS} seconds, so that a flood of records with a bad id does not become a flood of requests.
 * A connection that fails, 429 and 5xx are tried again, waiting 0.1 s, 0.2 s, … 2 s each times a random factor of a half
 * to one, until {@link RegistrySettings#retryFor} has passed. The thread that asks is the thread that waits.
 */
public final class ConfluentRegistryClient implements SchemaRegistry {
    private static final String MEDIA_TYPE = "application/vnd.schemaregistry.v1+json";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(3);
    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(10);
    private static final int FIRST_WAIT_MILLIS = 100;
    private static final int LONGEST_WAIT_MILLIS = 2_000;
    private static final int UNKNOWN_FOR_SECONDS = 30;
    private static final int UNKNOWN_IDS_KEPT = 10_000;
    private static final int REFERENCE_DEPTH = 16;

    private final RegistrySettings settings;
    private final HttpClient http;
    private final @Nullable String authorization;
    private final LongSupplier nanoClock;
    private final RandomGenerator random;

    private final Map<Integer, Schema> schemas = new ConcurrentHashMap<>();
    private final Map<Registration, Integer> ids = new ConcurrentHashMap<>();
    private final Map<Integer, Long> unknownSince = new LinkedHashMap<>();

    private record Registration(String subject, Schema schema) {}

    public ConfluentRegistryClient(RegistrySettings settings) {
        this(settings, System::nanoTime, () -> ThreadLocalRandom.current().nextLong());
    }

    /**
     * @param nanoClock what {@link System#nanoTime} gives
     * @param random spreads the retries of many clients
     */
    ConfluentRegistryClient(RegistrySettings settings, LongSupplier nanoClock, RandomGenerator random) {
        this.settings = settings;
        this.nanoClock = nanoClock;
        this.random = random;
        this.authorization = settings.username() == null
                ? null
                : "Basic "
                        + Base64.getEncoder()
                                .encodeToString((settings.username() + ':' + settings.password())
                                        .getBytes(StandardCharsets.UTF_8));
        HttpClient.Builder builder = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NORMAL)
                .connectTimeout(CONNECT_TIMEOUT);
        if (settings.trustStore() != null || settings.keyStore() != null) {
            builder.sslContext(TlsContext.of(settings));
        }
        this.http = builder.build();
    }

    @Override
    public int register(String subject, Schema schema) {
        Registration registration = new Registration(subject, schema);
        Integer known = ids.get(registration);
        if (known != null) {
            return known;
        }
        String body = JSON.createObjectNode().put("schema", schema.toString()).toString();
        Answer answer = ask(post("/subjects/" + encoded(subject) + "/versions", body));
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
        if (id < 0 || isKnownToBeUnknown(id)) {
            throw new UnknownSchemaIdException(id, settings.url());
        }
        Answer answer = ask(get("/schemas/ids/" + id));
        if (answer.status() == 404 && answer.isAboutTheSchema()) {
            rememberUnknown(id);
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
        http.shutdownNow();
        http.close();
    }

    private Schema parse(Answer answer, String what) {
        JsonNode json = answer.json();
        String type = json.path("schemaType").asText("AVRO");
        if (!type.equals("AVRO")) {
            throw new IncompatibleSchemaException(what + " is of type " + type + ", and only Avro is read here");
        }
        try {
            Schema.Parser parser = new Schema.Parser();
            addReferences(parser, json, 0);
            return parser.parse(json.path("schema").asText());
        } catch (AvroRuntimeException e) {
            throw new IncompatibleSchemaException(
                    what + " is not a schema that Avro can parse: " + Answer.oneLine(e.getMessage()), e);
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
            Answer answer = ask(get("/subjects/" + encoded(subject) + "/versions/" + encoded(version)));
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

    private boolean isKnownToBeUnknown(int id) {
        synchronized (unknownSince) {
            Long since = unknownSince.get(id);
            if (since == null) {
                return false;
            }
            if (nanoClock.getAsLong() - since
                    < Duration.ofSeconds(UNKNOWN_FOR_SECONDS).toNanos()) {
                return true;
            }
            unknownSince.remove(id);
            return false;
        }
    }

    private void rememberUnknown(int id) {
        synchronized (unknownSince) {
            unknownSince.put(id, nanoClock.getAsLong());
            if (unknownSince.size() > UNKNOWN_IDS_KEPT) {
                unknownSince.remove(unknownSince.keySet().iterator().next());
            }
        }
    }

    /** Asks until there is an answer that will not change by asking again, or the time for retries has passed. */
    private Answer ask(HttpRequest request) {
        long begin = nanoClock.getAsLong();
        int wait = FIRST_WAIT_MILLIS;
        while (true) {
            String failure;
            @Nullable Exception cause = null;
            try {
                HttpResponse<String> response =
                        http.send(request, HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
                if (response.statusCode() < 500 && response.statusCode() != 429) {
                    return new Answer(request.uri(), response.statusCode(), response.body());
                }
                failure = "answered " + new Answer(request.uri(), response.statusCode(), response.body()).words();
            } catch (javax.net.ssl.SSLHandshakeException e) {
                throw new RegistryUnavailableException(
                        "the schema registry at " + settings.url() + " can't be trusted: " + words(e)
                                + "; check trust-store and key-store",
                        e);
            } catch (IOException e) {
                failure = words(e);
                cause = e;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new RegistryUnavailableException(
                        "interrupted while asking the schema registry at " + settings.url(), e);
            }
            long waited = Duration.ofNanos(nanoClock.getAsLong() - begin).toMillis();
            long pause = wait / 2 + random.nextInt(wait / 2 + 1);
            if (waited + pause > settings.retryFor().toMillis()) {
                throw new RegistryUnavailableException(
                        "the schema registry at " + settings.url() + " does not answer (" + failure + "), tried for "
                                + Durations.format(settings.retryFor())
                                + ": start it, or correct registry.url",
                        cause);
            }
            pause(pause);
            wait = Math.min(2 * wait, LONGEST_WAIT_MILLIS);
        }
    }

    private void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RegistryUnavailableException(
                    "interrupted while waiting for the schema registry at " + settings.url(), e);
        }
    }

    private RegistryUnavailableException refused(Answer answer) {
        String remedy = switch (answer.status()) {
            case 401, 403 -> "check registry.username and registry.password and what that user may do";
            case 404 ->
                "check registry.url: it must be the root of a Confluent-compatible API, for Apicurio …/apis/ccompat/v7";
            default -> "check registry.url";
        };
        return new RegistryUnavailableException(
                "the schema registry at " + settings.url() + " answered " + answer.words() + ": " + remedy);
    }

    private static String words(IOException e) {
        String message = e.getMessage();
        return message != null && !message.isBlank()
                ? Answer.oneLine(message)
                : e instanceof java.net.ConnectException
                        ? "connection refused"
                        : e.getClass().getSimpleName();
    }

    private HttpRequest get(String path) {
        return request(path).GET().build();
    }

    private HttpRequest post(String path, String body) {
        return request(path)
                .header("Content-Type", MEDIA_TYPE)
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
    }

    private HttpRequest.Builder request(String path) {
        HttpRequest.Builder builder = HttpRequest.newBuilder(URI.create(settings.url() + path))
                .timeout(REQUEST_TIMEOUT)
                .header("Accept", MEDIA_TYPE + ", application/json");
        if (authorization != null) {
            builder.header("Authorization", authorization);
        }
        return builder;
    }

    private static String encoded(String segment) {
        return URLEncoder.encode(segment, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /** What the registry said. */
    private record Answer(URI uri, int status, String body) {
        private static final int LONGEST_MESSAGE = 300;

        JsonNode json() {
            try {
                JsonNode json = JSON.readTree(body);
                if (json != null && json.isObject()) {
                    return json;
                }
            } catch (JsonProcessingException e) {
                // said below
            }
            throw new RegistryUnavailableException(
                    uri + " answered something that is not a schema registry's JSON: check registry.url");
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
            return errorCode() / 100 == 404;
        }

        String message() {
            try {
                String message = JSON.readTree(body).path("message").asText();
                return message.isBlank() ? oneLine(body) : oneLine(message);
            } catch (JsonProcessingException e) {
                return oneLine(body);
            }
        }

        String words() {
            return body.isBlank() ? Integer.toString(status) : status + ", " + message();
        }

        private int errorCode() {
            try {
                return JSON.readTree(body).path("error_code").asInt();
            } catch (JsonProcessingException e) {
                return 0;
            }
        }

        static String oneLine(@Nullable String text) {
            String line = text == null ? "" : text.replaceAll("\\s+", " ").strip();
            return line.length() <= LONGEST_MESSAGE ? line : line.substring(0, LONGEST_MESSAGE) + "…";
        }
    }
}
