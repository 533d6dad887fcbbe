package io.livepredict.trainer.http;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.livepredict.settings.SettingsException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/** {@code /health}, {@code /ready} and {@code /metrics}. */
public final class TrainerEndpoint implements AutoCloseable {
    private static final int STOP_SECONDS = 0;

    private final HttpServer server;
    private final ExecutorService executor;

    /**
     * What a probe is told.
     *
     * @param up 200 or 503
     * @param text lines for a person
     */
    public record Answer(boolean up, String text) {}

    /**
     * Listens at once.
     *
     * @param port 0 for any free one
     * @throws SettingsException if the port is taken
     */
    public TrainerEndpoint(
            String host, int port, Supplier<Answer> health, Supplier<Answer> ready, Supplier<String> metrics) {
        try {
            server = HttpServer.create(new InetSocketAddress(host, port), 0);
        } catch (IOException e) {
            throw new SettingsException(
                    "http.port: " + port + ": can't listen at " + host + ":" + port + " (" + e.getMessage()
                            + "); choose another port, or 0 for any free one",
                    e);
        }
        executor = Executors.newFixedThreadPool(2, task -> {
            Thread thread = new Thread(task, "trainer-http");
            thread.setDaemon(true);
            return thread;
        });
        server.setExecutor(executor);
        server.createContext("/health", exchange -> answer(exchange, "/health", health.get()));
        server.createContext("/ready", exchange -> answer(exchange, "/ready", ready.get()));
        server.createContext(
                "/metrics", exchange -> send(exchange, 200, "text/plain; version=0.0.4; charset=utf-8", metrics.get()));
        server.start();
    }

    /** The port it listens at. */
    public int port() {
        return server.getAddress().getPort();
    }

    private static void answer(HttpExchange exchange, String path, Answer answer) throws IOException {
        if (!exchange.getRequestURI().getPath().equals(path)) {
            send(exchange, 404, "text/plain; charset=utf-8", "there is /health, /ready and /metrics\n");
            return;
        }
        send(exchange, answer.up() ? 200 : 503, "text/plain; charset=utf-8", answer.text() + "\n");
    }

    private static void send(HttpExchange exchange, int code, String type, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        try (exchange) {
            exchange.getResponseHeaders().set("Content-Type", type);
            exchange.sendResponseHeaders(code, bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    @Override
    public void close() {
        server.stop(STOP_SECONDS);
        executor.shutdownNow();
    }
}
