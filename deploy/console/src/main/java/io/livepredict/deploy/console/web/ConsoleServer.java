package io.livepredict.deploy.console.web;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.Javalin;
import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import io.javalin.http.staticfiles.Location;
import io.livepredict.contract.Kind;
import io.livepredict.deploy.console.live.Board;
import io.livepredict.deploy.console.series.SeriesTable;
import io.livepredict.deploy.console.source.Programs;
import io.livepredict.settings.HttpSettings;
import io.livepredict.settings.SettingsException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.function.Supplier;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.ServerConnector;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The console's HTTP: pages, their data, the stream of what changes, and operations on models. */
public final class ConsoleServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ConsoleServer.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int MOST_CONNECTIONS = 256;
    private static final long MOST_BODY_BYTES = 4_096;
    private static final int LONGEST_ID = 1_024;
    private static final String UPLOT = "META-INF/maven/org.webjars.npm/uplot/pom.properties";

    private final Board board;
    private final Programs programs;
    private final Around around;
    private final Gatekeeper gate;
    private final LiveStream stream;
    private final Javalin javalin;

    /**
     * What is around the console.
     *
     * @param apps the streams app's instances
     * @param trainer whose API rolls models back and promotes them; null where that is not offered here
     * @param state how the console and the programs are, for the pages
     */
    public record Around(List<URI> apps, @Nullable URI trainer, Supplier<ObjectNode> state) {}

    private ConsoleServer(
            Board board, Programs programs, Around around, HttpSettings.Address address, Collection<String> hosts) {
        this.board = board;
        this.programs = programs;
        this.around = around;
        gate = new Gatekeeper(hosts);
        stream = new LiveStream(board, this::state);
        javalin = Javalin.create(config -> configure(config, address));
    }

    /**
     * Listens.
     *
     * @param hosts the names under which browsers reach it, beside those of the loopback
     * @throws SettingsException in one line, if it can't
     */
    public static ConsoleServer start(
            Board board, Programs programs, Around around, HttpSettings.Address address, Collection<String> hosts) {
        ConsoleServer server = new ConsoleServer(board, programs, around, address, hosts);
        try {
            server.javalin.start();
        } catch (RuntimeException e) {
            server.close();
            throw new SettingsException(
                    "http.port: " + address.port() + ": can't listen at " + address.host() + ":" + address.port() + " ("
                            + e.getMessage() + "); choose another port, or 0 for any free one",
                    e);
        }
        return server;
    }

    /** How many pages are open. */
    int openPages() {
        return stream.open();
    }

    /** The port that is listened at. */
    public int port() {
        return javalin.port();
    }

    private void configure(JavalinConfig config, HttpSettings.Address address) {
        config.startup.showJavalinBanner = false;
        config.startup.showOldJavalinVersionWarning = false;
        config.concurrency.useVirtualThreads = true;
        config.http.maxRequestSize = MOST_BODY_BYTES;
        config.http.prefer405over404 = true;
        config.jetty.modifyServer(server -> server.addBean(new NetworkConnectionLimit(MOST_CONNECTIONS, server)));
        config.jetty.addConnector((server, http) -> {
            http.setSendServerVersion(false);
            http.setSendXPoweredBy(false);
            // As in HttpEndpoint: no buffer is used twice.
            ServerConnector connector = new ServerConnector(
                    server, null, null, ByteBufferPool.NON_POOLING, 1, 1, new HttpConnectionFactory(http));
            connector.setHost(address.host());
            connector.setPort(address.port());
            return connector;
        });
        config.staticFiles.add(files -> {
            files.hostedPath = "/";
            files.directory = "/console";
            files.location = Location.CLASSPATH;
            files.headers = Map.of("Cache-Control", "no-cache");
        });
        config.routes.before(this::admit);
        config.routes.get("/lib/uPlot.js", context -> library(context, "uPlot.esm.js", "text/javascript"));
        config.routes.get("/lib/uPlot.css", context -> library(context, "uPlot.min.css", "text/css"));
        config.routes.get("/health", context -> context.result("up\n"));
        config.routes.get("/api/state", this::tellState);
        config.routes.get("/api/series", this::tellSeries);
        config.routes.get("/api/search", this::search);
        config.routes.get("/api/ask", this::ask);
        config.routes.get("/api/model", this::tellModel);
        config.routes.post("/api/models/{kind}/rollback", context -> operate(context, "rollback"));
        config.routes.post("/api/models/{kind}/promote", context -> operate(context, "promote"));
        config.routes.sse("/api/stream", stream::open);
        config.routes.exception(Exception.class, ConsoleServer::failed);
        config.routes.error(404, context -> {
            if (context.attribute(Json.PROBLEM) == null) {
                Json.problem(context, 404, "There is nothing here", "the console is at /");
            }
        });
    }

    /**
     * Never throws: Javalin hands what an exception handler throws to that handler again, for ever, and a request that has ended
     * meanwhile throws at every touch.
     */
    private static void failed(Exception e, Context context) {
        try {
            LOG.warn("console {}: {}", context.path(), e.toString(), e);
            Json.problem(context, 500, "The console failed", "its log says how");
        } catch (RuntimeException gone) {
            LOG.debug("a request of the console failed after it had ended", e);
        }
    }

    private void admit(Context context) {
        Gatekeeper.protect(context::header);
        if (!gate.isForUs(context.header("Host"))) {
            Json.problem(
                    context, 421, "Not a name of this console", "name the host in the console's configuration: hosts");
            context.skipRemainingHandlers();
        }
    }

    private ObjectNode state() {
        ObjectNode state = around.state().get();
        state.set("kinds", board.kinds());
        state.put("operate", around.trainer() != null);
        state.put("fineSeconds", SeriesTable.FINE_SECONDS).put("coarseSeconds", SeriesTable.COARSE_SECONDS);
        state.put("coarseStep", SeriesTable.COARSE_STEP);
        return state;
    }

    private void tellState(Context context) {
        ObjectNode state = state();
        if (around.trainer() != null) {
            state.put("token", gate.token());
        }
        Json.answer(context, state);
    }

    private void tellSeries(Context context) {
        long seconds = Math.clamp(Parameters.number(context, "seconds"), 1, SeriesTable.COARSE_SECONDS);
        Json.answer(context, Json.rows(board.last(seconds, Parameters.prefixes(context))));
    }

    private void search(Context context) {
        Optional<Kind> kind = Parameters.kind(context, "kind");
        String text = Parameters.text(context, "text");
        if (kind.isEmpty() || text.length() > LONGEST_ID) {
            Json.problem(context, 400, "What is searched?", "kind must be viewer or player, text a part of an id");
            return;
        }
        Json.answer(context, board.search(kind.get(), text));
    }

    /** Asks the streams app's API for what it knows of an entity. */
    private void ask(Context context) {
        Optional<Kind> kind = Parameters.kind(context, "kind");
        String id = Parameters.text(context, "id");
        if (kind.isEmpty() || id.isEmpty() || id.length() > LONGEST_ID) {
            Json.problem(context, 400, "Who is asked for?", "kind must be viewer or player, id one of theirs");
            return;
        }
        if (around.apps().isEmpty()) {
            Json.problem(context, 503, "No streams app is configured", "name it in the console's streams-apps");
            return;
        }
        String path = "/v1/kinds/" + kind.get().id() + "/entities/"
                + URLEncoder.encode(id, StandardCharsets.UTF_8).replace("+", "%20");
        pass(context, programs.get(around.apps().getFirst(), path));
    }

    private void tellModel(Context context) {
        Optional<ObjectNode> model = Parameters.kind(context, "kind")
                .flatMap(kind -> board.model(kind, Parameters.number(context, "version")));
        if (model.isEmpty()) {
            Json.problem(context, 404, "There is no such version", "it was retired, or no trusted key has signed it");
            return;
        }
        Json.answer(context, model.get());
    }

    private void operate(Context context, String operation) {
        Optional<Kind> kind = Parameters.kind(context.pathParam("kind"));
        URI trainer = around.trainer();
        if (trainer == null) {
            Json.problem(
                    context,
                    403,
                    "Models can't be operated here",
                    "the console's configuration needs a trainer, and operate: true");
        } else if (!gate.isOurPage(context)) {
            Json.problem(context, 403, "This does not come from the console's page", "load the page again");
        } else if (kind.isEmpty()) {
            Json.problem(context, 404, "There is no such kind", "it is viewer or player");
        } else {
            Optional<String> body = body(context, operation);
            if (body.isEmpty()) {
                Json.problem(context, 400, "Which version?", "the body must be JSON: {} or {\"version\": 7}");
                return;
            }
            Programs.Answer answer =
                    programs.post(trainer, "/v1/models/" + kind.get().id() + "/" + operation, body.get());
            LOG.info("{} of {} by the console's page: {}", operation, kind.get().id(), answer.status());
            pass(context, answer);
        }
    }

    /** Nothing but a version is passed on. */
    private static Optional<String> body(Context context, String operation) {
        try {
            JsonNode given = JSON.readTree(context.body().isEmpty() ? "{}" : context.body());
            JsonNode version = given.path("version");
            boolean number = version.canConvertToLong() && version.asLong() > 0;
            if (!given.isObject() || !(version.isMissingNode() || number)) {
                return Optional.empty();
            }
            boolean named = operation.equals("rollback") && !version.isMissingNode();
            return Optional.of(named ? "{\"version\":" + version.asLong() + "}" : "{}");
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
    }

    private static void pass(Context context, Programs.Answer answer) {
        boolean json = answer.contentType().contains("json");
        if (!json) {
            boolean missing = answer.status() == 404;
            Json.problem(
                    context,
                    answer.status() == 200 ? 502 : answer.status(),
                    missing ? "The program does not offer this" : "The program did not answer",
                    missing
                            ? "it is of an older build, or it does not know whom you ask for"
                            : answer.body().strip());
            return;
        }
        context.attribute(Json.PROBLEM, "passed on");
        context.status(answer.status())
                .contentType(answer.status() < 400 ? "application/json" : "application/problem+json")
                .header("Cache-Control", "no-store")
                .result(answer.body());
    }

    /** A file of the WebJar that is on the class path, whichever version that is. */
    private static void library(Context context, String file, String type) throws IOException {
        Properties properties = new Properties();
        try (InputStream in = resource(UPLOT)) {
            properties.load(in);
        }
        String folder = "META-INF/resources/webjars/uplot/" + properties.getProperty("version") + "/dist/";
        try (InputStream in = resource(folder + file)) {
            context.contentType(type + "; charset=utf-8")
                    .header("Cache-Control", "no-cache")
                    .result(in.readAllBytes());
        }
    }

    private static InputStream resource(String name) {
        InputStream in = ConsoleServer.class.getClassLoader().getResourceAsStream(name);
        if (in == null) {
            throw new UncheckedIOException(new IOException(name + " is not on the class path"));
        }
        return in;
    }

    @Override
    public void close() {
        stream.close();
        javalin.stop();
    }
}
