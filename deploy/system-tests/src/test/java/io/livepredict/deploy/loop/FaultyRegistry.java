package io.livepredict.deploy.loop;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Stands between an app and the real registry, and passes requests on, or does what registries do that are not well. */
final class FaultyRegistry implements AutoCloseable {
    /** How it behaves. */
    enum Mode {
        WELL,
        UNAVAILABLE,
        UNAUTHORIZED,
        HTML,
        /** A page of a proxy that knows nothing of a registry. */
        NOT_FOUND,
        /** The connection ends without an answer. */
        CUT_OFF
    }

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final HttpClient client = HttpClient.newHttpClient();
    private final String real;
    private volatile Mode mode = Mode.WELL;

    FaultyRegistry(String real) throws IOException {
        this.real = real;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.setExecutor(threads);
        server.start();
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    void is(Mode now) {
        mode = now;
    }

    private void answer(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        switch (mode) {
            case WELL -> passOn(exchange, body);
            case UNAVAILABLE -> send(exchange, 503, "text/plain", "try later".getBytes(StandardCharsets.UTF_8));
            case UNAUTHORIZED -> send(exchange, 401, "text/plain", "who are you".getBytes(StandardCharsets.UTF_8));
            case HTML -> send(exchange, 200, "text/html", "<html>hello</html>".getBytes(StandardCharsets.UTF_8));
            case NOT_FOUND ->
                send(exchange, 404, "text/html", "<html>no such page</html>".getBytes(StandardCharsets.UTF_8));
            case CUT_OFF -> exchange.close();
        }
    }

    private void passOn(HttpExchange exchange, byte[] body) throws IOException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(real + exchange.getRequestURI()))
                .method(
                        exchange.getRequestMethod(),
                        body.length == 0
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofByteArray(body));
        String type = exchange.getRequestHeaders().getFirst("Content-Type");
        if (type != null) {
            request.header("Content-Type", type);
        }
        try {
            HttpResponse<byte[]> response = client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
            send(exchange, response.statusCode(), "application/json", response.body());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            exchange.close();
        }
    }

    private static void send(HttpExchange exchange, int status, String type, byte[] body) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
        client.close();
    }
}
