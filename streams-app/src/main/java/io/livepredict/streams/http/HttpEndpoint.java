package io.livepredict.streams.http;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers {@code GET} and {@code HEAD} at a few paths; each answer is made when it is asked for. */
public final class HttpEndpoint implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HttpEndpoint.class);

    private final HttpServer server;
    private final ExecutorService threads;

    private HttpEndpoint(HttpServer server, ExecutorService threads) {
        this.server = server;
        this.threads = threads;
    }

    /**
     * An answer.
     *
     * @param status 200, or 503 for "not now"
     */
    public record Answer(int status, String contentType, String body) {
        /** Plain text. */
        public static Answer text(int status, String body) {
            return new Answer(status, "text/plain; charset=utf-8", body + '\n');
        }

        /** JSON. */
        public static Answer json(String body) {
            return new Answer(200, "application/json", body + '\n');
        }
    }

    /**
     * Listens at that address. Nothing is answered before {@link #serve}.
     *
     * @param port 0 for any free one
     * @throws IllegalArgumentException in one line, if the port is taken or the host is not this machine's
     */
    public static HttpEndpoint open(String host, int port) {
        try {
            HttpServer server = HttpServer.create(new InetSocketAddress(host, port), 16);
            ExecutorService threads = Executors.newFixedThreadPool(2, task -> {
                Thread thread = new Thread(task, "livepredict-http");
                thread.setDaemon(true);
                return thread;
            });
            server.setExecutor(threads);
            server.start();
            return new HttpEndpoint(server, threads);
        } catch (BindException e) {
            throw new IllegalArgumentException(
                    "http: port " + port + " of " + host + " can't be listened at: " + e.getMessage()
                            + "; choose another with http.port, or 0 for any free one",
                    e);
        } catch (IOException e) {
            throw new UncheckedIOException("http: " + host + ':' + port + ": " + e.getMessage(), e);
        }
    }

    /** Answers at that path, and at no path below it. */
    public void serve(String path, Supplier<Answer> answer) {
        server.createContext(path, exchange -> {
            try (exchange) {
                send(
                        exchange,
                        exchange.getRequestURI().getPath().equals(path) ? answer.get() : Answer.text(404, "not found"));
            } catch (RuntimeException e) {
                LOG.warn("http {}: {}", path, e.toString());
            }
        });
    }

    private static void send(HttpExchange exchange, Answer answer) throws IOException {
        String method = exchange.getRequestMethod();
        boolean head = method.equals("HEAD");
        Answer sent = head || method.equals("GET") ? answer : Answer.text(405, "GET and HEAD are answered");
        byte[] body = sent.body().getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", sent.contentType());
        exchange.sendResponseHeaders(sent.status(), head ? -1 : body.length);
        if (!head) {
            exchange.getResponseBody().write(body);
        }
    }

    /** The port that is listened at. */
    public int port() {
        return server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
