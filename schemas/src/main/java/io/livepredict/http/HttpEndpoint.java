package io.livepredict.http;

import io.livepredict.settings.HttpSettings;
import io.livepredict.settings.SettingsException;
import io.livepredict.settings.TlsSettings;
import io.livepredict.tls.TlsContext;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers {@code GET} and {@code HEAD} at a few paths, and lists them at {@code /}; each answer is made when it is asked for.
 *
 * <p>Clients that read or write slowly hold up nobody: no thread waits for a client, a connection carries one request and is
 * closed after {@value #CONNECTION_SECONDS} seconds whatever it does, and the number of connections and the size of a
 * request's head are bounded. A request's body is not read. The threads are for making answers only, and are more than the
 * probes that usually ask at once.
 */
public final class HttpEndpoint implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HttpEndpoint.class);

    /** From the opening of a connection to the last byte of its answer. */
    static final int CONNECTION_SECONDS = 30;

    private static final int IDLE_SECONDS = 10;
    /** An answer that nobody reads is held in memory until its connection is closed, so this bounds memory too. */
    private static final int MOST_CONNECTIONS = 200;

    private static final int MOST_HEAD_BYTES = 8 << 10;
    private static final int MOST_THREADS = 8;
    private static final String TEXT = "text/plain; charset=utf-8";
    private static final String HTML = "text/html; charset=utf-8";

    private final Server server;
    private final ServerConnector connector;
    private final Answering answering;

    private record Served(String words, Supplier<Answer> answer) {}

    private HttpEndpoint(Server server, ServerConnector connector, Answering answering) {
        this.server = server;
        this.connector = connector;
        this.answering = answering;
    }

    /**
     * An answer.
     *
     * @param status 200, or 503 for "not now"
     */
    public record Answer(int status, String contentType, String body) {
        /** Plain text; a line break is added. */
        public static Answer text(int status, String body) {
            return new Answer(status, TEXT, body + '\n');
        }

        /** JSON; a line break is added. */
        public static Answer json(String body) {
            return new Answer(200, "application/json", body + '\n');
        }

        /** What a Prometheus server scrapes, in its text format. */
        public static Answer metrics(String body) {
            return new Answer(200, "text/plain; version=0.0.4; charset=utf-8", body);
        }
    }

    /**
     * Listens at that address. Until {@link #serve} is called, {@code /} lists nothing.
     *
     * @param program what the list of paths is headed with
     * @throws SettingsException in one line, if the port is taken, the host is not this machine's or a certificate can't be read
     */
    public static HttpEndpoint open(String program, HttpSettings.Address address) {
        String host = address.host();
        int port = address.port();
        if (port < 0 || port > 0xffff) {
            throw new SettingsException("http.port: " + port + ": a port is between 0 (any free one) and 65535");
        }
        QueuedThreadPool threads = new QueuedThreadPool(MOST_THREADS, 1);
        threads.setName("livepredict-http");
        threads.setDaemon(true);
        // No buffer is used twice: with Jetty's pool a hostile request's bytes came back in the answer to another one.
        Server server = new Server(threads, null, ByteBufferPool.NON_POOLING);
        HttpConfiguration http = new HttpConfiguration();
        http.setRequestHeaderSize(MOST_HEAD_BYTES);
        http.setSendServerVersion(false);
        http.setSendXPoweredBy(false);
        http.setPersistentConnectionsEnabled(false);
        // Ids may have a slash or a percent sign in them; the API takes paths apart before it decodes them.
        http.setUriCompliance(UriCompliance.DEFAULT.with(
                "ids",
                UriCompliance.Violation.AMBIGUOUS_PATH_SEPARATOR,
                UriCompliance.Violation.AMBIGUOUS_PATH_ENCODING));
        ServerConnector connector = new ServerConnector(server, 1, 1, protocols(http, address.tls()));
        connector.setHost(host);
        connector.setPort(port);
        connector.setIdleTimeout(TimeUnit.SECONDS.toMillis(IDLE_SECONDS));
        connector.addBean(new LongestConnection(connector));
        server.addConnector(connector);
        server.addBean(new NetworkConnectionLimit(MOST_CONNECTIONS, connector));
        Answering answering = new Answering(program);
        server.setHandler(answering);
        server.setErrorHandler(HttpEndpoint::refuse);
        try {
            server.start();
        } catch (Exception e) {
            stop(server);
            throw new SettingsException(
                    "http.port: " + port + ": can't listen at " + new InetSocketAddress(host, port).getHostString()
                            + ":" + port + " (" + reason(e) + "); choose another port, or 0 for any free one",
                    e);
        }
        return new HttpEndpoint(server, connector, answering);
    }

    /**
     * Answers at that path, and at no path below it.
     *
     * @param words what is found there, for people
     */
    public void serve(String path, String words, Supplier<Answer> answer) {
        answering.paths.put(path, new Served(words, answer));
    }

    /** Serves the API too; it is closed with this. */
    public void serve(Api api) {
        answering.api = api;
    }

    /** The port that is listened at. */
    public int port() {
        return connector.getLocalPort();
    }

    @Override
    public void close() {
        stop(server);
        Api api = answering.api;
        if (api != null) {
            api.close();
        }
    }

    private static ConnectionFactory[] protocols(HttpConfiguration http, @Nullable TlsSettings tls) {
        HttpConnectionFactory plain = new HttpConnectionFactory(http);
        if (tls == null) {
            return new ConnectionFactory[] {plain};
        }
        SecureRequestCustomizer certificates = new SecureRequestCustomizer();
        certificates.setSniHostCheck(false); // probes ask for an address
        http.addCustomizer(certificates);
        SslContextFactory.Server context = new SslContextFactory.Server();
        context.setSslContext(context(tls));
        context.setWantClientAuth(tls.trustStore() != null); // the API asks for it, probes have none
        return new ConnectionFactory[] {new SslConnectionFactory(context, plain.getProtocol()), plain};
    }

    /** Own certificate, and the authorities that others' must be signed by; also for asking other instances. */
    public static SSLContext context(TlsSettings tls) {
        return TlsContext.of(new TlsContext.Stores(
                "http.tls", tls.keyStore(), tls.keyStorePassword(), tls.trustStore(), tls.trustStorePassword()));
    }

    /** What Jetty itself refuses, such as a head that is too long, before any of this is asked. */
    private static boolean refuse(Request request, Response response, Callback callback) {
        Problem problem = Problem.refused(response.getStatus());
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/problem+json");
        response.write(true, ByteBuffer.wrap(Api.document(problem)), callback);
        return true;
    }

    private static void stop(Server server) {
        try {
            server.stop();
        } catch (Exception e) {
            LOG.warn("http: the endpoint did not end in order: {}", e.toString());
        }
    }

    private static String reason(Throwable e) {
        Throwable deepest = e;
        while (deepest.getCause() != null) {
            deepest = deepest.getCause();
        }
        String message = deepest.getMessage();
        return message == null ? deepest.getClass().getSimpleName() : message;
    }

    /** Makes the answers. */
    private static final class Answering extends Handler.Abstract {
        private final String program;
        final Map<String, Served> paths = new ConcurrentSkipListMap<>();
        volatile @Nullable Api api;

        Answering(String program) {
            this.program = program;
        }

        @Override
        public boolean handle(Request request, Response response, Callback callback) {
            Api operations = api;
            if (operations != null && Api.concerns(Request.getPathInContext(request))) {
                operations.handle(request, response, callback);
                return true;
            }
            boolean head = request.getMethod().equals("HEAD");
            Answer answer = head || request.getMethod().equals("GET")
                    ? made(Request.getPathInContext(request), isBrowser(request))
                    : Answer.text(405, "GET and HEAD are answered");
            byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
            response.setStatus(answer.status());
            response.getHeaders().put(new HttpField(HttpHeader.CONTENT_TYPE, answer.contentType()));
            response.getHeaders().put(HttpHeader.CONTENT_LENGTH, body.length);
            response.getHeaders().put("X-Content-Type-Options", "nosniff");
            response.getHeaders().put("Content-Security-Policy", IndexPage.POLICY);
            if (head) {
                callback.succeeded();
            } else {
                response.write(true, BufferUtil.toBuffer(body), callback); // does not wait for the client
            }
            return true;
        }

        private Answer made(String path, boolean browser) {
            if (path.equals("/")) {
                return index(browser);
            }
            Served served = paths.get(path);
            if (served == null) {
                return Answer.text(404, "not found; / lists what there is");
            }
            try {
                return served.answer().get();
            } catch (RuntimeException e) {
                LOG.warn("http {}: {}", path, e.toString());
                return Answer.text(500, "failed: " + e.getClass().getSimpleName() + "; the log says more");
            }
        }

        private static boolean isBrowser(Request request) {
            String accept = request.getHeaders().get(HttpHeader.ACCEPT);
            return accept != null && accept.contains("text/html");
        }

        private Answer index(boolean browser) {
            Map<String, String> words = new TreeMap<>();
            paths.forEach((path, served) -> words.put(path, served.words()));
            IndexPage page = new IndexPage(program, words, api);
            return browser ? new Answer(200, HTML, page.html()) : new Answer(200, TEXT, page.text());
        }
    }

    /** Closes each connection some time after it was opened, however busy it looks. */
    private static final class LongestConnection implements Connection.Listener {
        private final ServerConnector connector;
        private final Map<Connection, Scheduler.Task> ends = new ConcurrentHashMap<>();

        LongestConnection(ServerConnector connector) {
            this.connector = connector;
        }

        @Override
        public void onOpened(Connection connection) {
            ends.put(
                    connection,
                    connector
                            .getScheduler()
                            .schedule(() -> connection.getEndPoint().close(), CONNECTION_SECONDS, TimeUnit.SECONDS));
        }

        @Override
        public void onClosed(Connection connection) {
            Scheduler.Task end = ends.remove(connection);
            if (end != null) {
                end.cancel();
            }
        }
    }
}
