package io.livepredict.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.livepredict.http.Access.Caller;
import io.livepredict.http.Access.Credentials;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Fields;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The operations under {@code /v1}, and the OpenAPI document that describes them. Every request is checked in this order: path and
 * method, caller, role, rate, type and size of the body. Then its answer is made on one of a few threads of the API's own, so
 * that answers which wait, for another instance say, hold up neither probes nor scrapes. Everything that is not an answer is
 * a {@link Problem}.
 */
public final class Api implements AutoCloseable {
    /** Where the OpenAPI document is. */
    public static final String DOCUMENT = "/openapi.json";

    /** A thousand ids of a hundred characters, with some room. */
    static final int MOST_BODY_BYTES = 256 << 10;

    /** So much of a body that is not wanted is read before the answer. */
    private static final long MOST_PASSED_OVER_BYTES = 4 << 20;

    private static final Logger LOG = LoggerFactory.getLogger(Api.class);
    private static final int THREADS = 8;
    private static final int WAITING = 128;
    /** Answers that nobody reads yet are held in memory until their connections are closed. */
    private static final int MOST_ANSWER_BYTES = 32 << 20;

    private static final ObjectMapper JSON = JsonMapper.builder()
            .addModule(new JavaTimeModule())
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .build();

    private final byte[] document;
    private final List<Route> routes;
    private final Access access;
    private final Limiter limiter;
    private final Requests requests;
    private final ThreadPoolExecutor threads;
    private final Semaphore answerBytes = new Semaphore(MOST_ANSWER_BYTES);

    /** Is told of every request to an operation that was answered. */
    @FunctionalInterface
    public interface Requests {
        /**
         * A request was answered.
         *
         * @param operation its name; {@code none} where there is no such operation
         * @param nanos from its head to its answer
         */
        void answered(String operation, int status, long nanos);
    }

    /**
     * @param document the OpenAPI document of these operations
     * @param entitiesPerSecond how many entities each caller may ask for
     */
    public Api(byte[] document, List<Route> routes, Access access, int entitiesPerSecond, Requests requests) {
        this.document = document.clone();
        this.routes = List.copyOf(routes);
        this.access = access;
        this.requests = requests;
        limiter = new Limiter(entitiesPerSecond, System::nanoTime);
        AtomicInteger number = new AtomicInteger();
        threads = new ThreadPoolExecutor(
                THREADS, THREADS, 10, TimeUnit.SECONDS, new ArrayBlockingQueue<>(WAITING), work -> {
                    Thread thread = new Thread(work, "livepredict-api-" + number.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
        threads.allowCoreThreadTimeOut(true);
    }

    /** The operations. */
    public List<Route> routes() {
        return routes;
    }

    /** The OpenAPI document of the operations. */
    byte[] document() {
        return document.clone();
    }

    /** Bytes of answers that are made and not yet taken. */
    int unreadBytes() {
        return MOST_ANSWER_BYTES - answerBytes.availablePermits();
    }

    static boolean concerns(String path) {
        return path.equals(DOCUMENT) || path.equals("/v1") || path.startsWith("/v1/");
    }

    /** JSON as the API writes it: names with underscores, times in ISO 8601. */
    public static JsonNode json(Object value) {
        return JSON.valueToTree(value);
    }

    /** A request on its way to its answer. */
    private final class Exchange {
        final Request request;
        final Response response;
        final Callback callback;
        String operation = "none";

        Exchange(Request request, Response response, Callback callback) {
            this.request = request;
            this.response = response;
            this.callback = callback;
        }

        /** Answers, unless that needs the body or a thread of the API's. */
        void begin() {
            try {
                String path = request.getHttpURI().getPath();
                if (path.equals(DOCUMENT)) {
                    operation = "document";
                    checkMethod(List.of("GET"));
                    send(200, "application/json", document, Map.of());
                    return;
                }
                Matched matched = route(path);
                operation = matched.route.operation();
                Caller caller = access.caller(credentials());
                if (caller.role().compareTo(matched.route.role()) < 0) {
                    throw Problem.forbidden("It takes the role operate.");
                }
                limiter.take(caller.name(), 1);
                Map<String, String> query = query();
                if (matched.route.method().equals("POST")) {
                    checkBody();
                    var unused = Content.Source.asByteBufferAsync(request, MOST_BODY_BYTES)
                            .whenComplete((body, failure) -> {
                                if (failure == null) {
                                    queue(matched, caller, query, BufferUtil.toArray(body));
                                } else {
                                    fail(
                                            isTooLarge(failure)
                                                    ? Problem.tooLarge(MOST_BODY_BYTES)
                                                    : Problem.badRequest("The body did not come."));
                                }
                            });
                } else {
                    queue(matched, caller, query, null);
                }
            } catch (RuntimeException e) {
                passOver(MOST_PASSED_OVER_BYTES, () -> fail(e));
            }
        }

        /**
         * Reads what is left of the body, and answers then: a connection that is closed before its client has sent everything is
         * reset, and the answer is lost on the way.
         */
        private void passOver(long most, Runnable answering) {
            if (request.getHeaders().contains(HttpHeader.EXPECT)) {
                answering.run(); // the body is not sent before we ask for it
                return;
            }
            for (long left = most; left >= 0; ) {
                Content.Chunk chunk = request.read();
                if (chunk == null) {
                    long rest = left;
                    request.demand(() -> passOver(rest, answering));
                    return;
                }
                if (Content.Chunk.isFailure(chunk)) {
                    break;
                }
                left -= chunk.remaining();
                boolean last = chunk.isLast();
                chunk.release();
                if (last) {
                    break;
                }
            }
            answering.run();
        }

        private void checkMethod(List<String> allowed) {
            String method = request.getMethod();
            if (!allowed.contains(method.equals("HEAD") ? "GET" : method)) {
                throw Problem.notAllowed(String.join(", ", new TreeSet<>(allowed)));
            }
        }

        private Matched route(String path) {
            List<String> segments = new ArrayList<>();
            for (String segment : Route.segments(path)) {
                segments.add(decoded(segment));
            }
            List<Matched> found = new ArrayList<>();
            for (Route route : routes) {
                route.match(segments).ifPresent(parameters -> found.add(new Matched(route, parameters)));
            }
            if (found.isEmpty()) {
                throw Problem.notFound(DOCUMENT + " lists what there is.");
            }
            checkMethod(found.stream().map(each -> each.route.method()).toList());
            String method = request.getMethod().equals("HEAD") ? "GET" : request.getMethod();
            return found.stream()
                    .filter(each -> each.route.method().equals(method))
                    .findFirst()
                    .orElseThrow();
        }

        private Credentials credentials() {
            EndPoint.SslSessionData tls =
                    (EndPoint.SslSessionData) request.getAttribute(EndPoint.SslSessionData.ATTRIBUTE);
            X509Certificate[] chain = tls == null ? null : tls.peerCertificates();
            return new Credentials(
                    request.getHeaders().get(HttpHeader.AUTHORIZATION), chain, Request.getServerName(request));
        }

        private Map<String, String> query() {
            Map<String, String> parameters = new TreeMap<>();
            if (request.getHttpURI().getQuery() == null) {
                return parameters;
            }
            Fields fields;
            try {
                fields = Request.extractQueryParameters(request);
            } catch (RuntimeException e) {
                throw Problem.badRequest("The query can't be read.");
            }
            for (Fields.Field field : fields) {
                if (field.getValues().size() > 1) {
                    throw Problem.badRequest("A parameter may be given once.");
                }
                parameters.put(field.getName(), field.getValue());
            }
            return parameters;
        }

        /** A page of somebody else's can make a browser send a form here, but no JSON. */
        private void checkBody() {
            String type = request.getHeaders().get(HttpHeader.CONTENT_TYPE);
            if (type == null || !type.split(";", 2)[0].strip().equalsIgnoreCase("application/json")) {
                throw Problem.notJson();
            }
            if (request.getLength() > MOST_BODY_BYTES) {
                throw Problem.tooLarge(MOST_BODY_BYTES);
            }
        }

        private void queue(Matched matched, Caller caller, Map<String, String> query, byte @Nullable [] body) {
            try {
                threads.execute(() -> answer(matched, caller, query, body));
            } catch (RejectedExecutionException e) {
                fail(Problem.busy("Too many ask at once, or the program ends."));
            }
        }

        private void answer(Matched matched, Caller caller, Map<String, String> query, byte @Nullable [] body) {
            try {
                Call call = new Call(
                        caller.name(),
                        matched.parameters,
                        query,
                        parsed(body),
                        request.getHeaders().get(HttpHeader.AUTHORIZATION),
                        entities -> limiter.take(caller.name(), entities));
                byte[] answer = JSON.writeValueAsBytes(matched.route.work().answer(call));
                send(200, "application/json", answer, Map.of("Cache-Control", "no-store"));
            } catch (RuntimeException | JsonProcessingException e) {
                fail(e);
            }
        }

        private void fail(Throwable failure) {
            Problem problem;
            if (failure instanceof Problem known) {
                problem = known;
            } else {
                LOG.warn("http: operation {} failed: {}", operation, described(failure));
                LOG.debug("what failed", failure);
                problem = Problem.failed();
            }
            byte[] body = document(problem);
            send(problem.status(), "application/problem+json", body, problem.headers());
        }

        private void send(int status, String type, byte[] body, Map<String, String> headers) {
            int bytes = Math.min(body.length, MOST_ANSWER_BYTES);
            if (!answerBytes.tryAcquire(bytes)) {
                if (status != 503) {
                    fail(Problem.busy("Too many answers are waiting to be read."));
                } else {
                    callback.failed(Problem.busy("no memory for the answer"));
                }
                return;
            }
            requests.answered(operation, status, System.nanoTime() - request.getHeadersNanoTime());
            response.setStatus(status);
            headers.forEach((name, value) -> response.getHeaders().put(name, value));
            response.getHeaders().put(HttpHeader.CONTENT_TYPE, type);
            response.getHeaders().put(HttpHeader.CONTENT_LENGTH, body.length);
            response.getHeaders().put("X-Content-Type-Options", "nosniff");
            Callback done = Callback.from(callback, () -> answerBytes.release(bytes));
            if (request.getMethod().equals("HEAD")) {
                done.succeeded();
            } else {
                response.write(true, ByteBuffer.wrap(body), done); // does not wait for the client
            }
        }
    }

    private record Matched(Route route, Map<String, String> parameters) {}

    /** Answers a request, at once or later. */
    void handle(Request request, Response response, Callback callback) {
        new Exchange(request, response, callback).begin();
    }

    /** The body of a problem. */
    static byte[] document(Problem problem) {
        try {
            return JSON.writeValueAsBytes(problem.document());
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a problem is made of texts", e);
        }
    }

    private static boolean isTooLarge(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return cause instanceof IllegalStateException;
    }

    private static String decoded(String segment) {
        try {
            return URLDecoder.decode(segment.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (RuntimeException e) {
            throw Problem.badRequest("The path can't be read.");
        }
    }

    private static JsonNode parsed(byte @Nullable [] body) {
        if (body == null) {
            return JsonNodeFactory.instance.objectNode();
        }
        JsonNode parsed;
        try {
            parsed = JSON.readTree(body);
        } catch (IOException e) {
            throw Problem.badRequest("The body is no JSON.");
        }
        if (!parsed.isObject()) {
            throw Problem.badRequest("The body must be an object.");
        }
        return parsed;
    }

    /** In words, without the message: it may repeat what was sent. */
    private static String described(Throwable failure) {
        StackTraceElement[] trace = failure.getStackTrace();
        return failure.getClass().getName() + (trace.length == 0 ? "" : " at " + trace[0]);
    }

    @Override
    public void close() {
        threads.shutdownNow();
        try {
            if (!threads.awaitTermination(5, TimeUnit.SECONDS)) {
                LOG.warn("http: an answer of the API was still being made at the end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
