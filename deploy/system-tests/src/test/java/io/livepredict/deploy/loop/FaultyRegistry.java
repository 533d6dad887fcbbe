package io.livepredict.deploy.loop;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.livepredict.deploy.access.Certificates;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * Stands, behind TLS, between programs and the real registry, and passes requests on, or does what registries do that are not
 * well.
 */
final class FaultyRegistry implements AutoCloseable {
    /** How it behaves. */
    enum Mode {
        WELL,
        UNAVAILABLE,
        TOO_MANY_REQUESTS,
        UNAUTHORIZED,
        HTML,
        /** A page of a proxy that knows nothing of a registry. */
        NOT_FOUND,
        /** The connection ends without an answer. */
        CUT_OFF,
        /** Headers, and then nothing. */
        STALLS,
        /** Headers, and then now and then a byte. */
        DRIPS,
        /** An answer without an end. */
        ENDLESS,
        /** No certificate that anybody could trust. */
        TLS_FAILS
    }

    /** What a body has whose end never comes. */
    private static final int LENGTH = 1_000_000;

    private HttpsServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final HttpClient client = HttpClient.newHttpClient();
    private final String real;
    private final SSLContext trusted;
    private final SSLContext nobody;
    private final Path trustStore;
    private volatile Mode mode = Mode.WELL;
    private volatile CountDownLatch changed = new CountDownLatch(1);

    /** @param directory where its certificate is put */
    FaultyRegistry(String real, Path directory) throws IOException, InterruptedException, GeneralSecurityException {
        this.real = real;
        Certificates certificates = new Certificates(directory);
        Path keyStore = certificates.keyStore("registry", "localhost");
        trustStore = certificates.trustStore("registry-trust", keyStore);
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        char[] password = Certificates.PASSWORD.toCharArray();
        keys.init(KeyStore.getInstance(keyStore.toFile(), password), password);
        trusted = context(keys.getKeyManagers());
        nobody = context(new KeyManager[0]);
        server = started(trusted, 0);
    }

    private HttpsServer started(SSLContext context, int port) throws IOException {
        HttpsServer created = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        created.setHttpsConfigurator(new HttpsConfigurator(context));
        created.createContext("/", this::answer);
        created.setExecutor(threads);
        created.start();
        return created;
    }

    private static SSLContext context(KeyManager[] keys) throws GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys, null, null);
        return context;
    }

    String url() {
        return "https://localhost:" + server.getAddress().getPort();
    }

    /** Variables that lead a program here. */
    Map<String, String> environment() {
        return Map.of(
                "LIVEPREDICT_REGISTRY__URL",
                url(),
                "LIVEPREDICT_REGISTRY__RETRY_FOR",
                "300ms",
                "LIVEPREDICT_REGISTRY__TRUST_STORE",
                trustStore.toString(),
                "LIVEPREDICT_REGISTRY__TRUST_STORE_PASSWORD",
                Certificates.PASSWORD);
    }

    void is(Mode now) throws IOException {
        boolean otherTls = (now == Mode.TLS_FAILS) != (mode == Mode.TLS_FAILS);
        mode = now;
        changed.countDown();
        changed = new CountDownLatch(1);
        if (otherTls) {
            int port = server.getAddress().getPort();
            server.stop(0);
            server = started(now == Mode.TLS_FAILS ? nobody : trusted, port);
        }
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            // The next request goes through whatever is in its way by then.
            exchange.getResponseHeaders().set("Connection", "close");
            switch (mode) {
                case WELL -> passOn(exchange, body);
                case UNAVAILABLE -> send(exchange, 503, "text/plain", "try later");
                case TOO_MANY_REQUESTS ->
                    send(exchange, 429, "application/json", "{\"error_code\": 42901, \"message\": \"slow down\"}");
                case UNAUTHORIZED -> send(exchange, 401, "text/plain", "who are you");
                case HTML -> send(exchange, 200, "text/html", "<html>hello</html>");
                case NOT_FOUND -> send(exchange, 404, "text/html", "<html>no such page</html>");
                case CUT_OFF, TLS_FAILS -> {}
                case STALLS, DRIPS, ENDLESS -> neverEnd(exchange, mode);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Until it behaves in another way. */
    private void neverEnd(HttpExchange exchange, Mode how) throws IOException, InterruptedException {
        CountDownLatch over = changed;
        exchange.sendResponseHeaders(200, how == Mode.ENDLESS ? 0 : LENGTH);
        OutputStream out = exchange.getResponseBody();
        out.flush();
        while (mode == how && !over.await(how == Mode.ENDLESS ? 0 : 1_000, TimeUnit.MILLISECONDS)) {
            switch (how) {
                case DRIPS -> {
                    out.write(' ');
                    out.flush();
                }
                case ENDLESS -> out.write(new byte[1 << 16]);
                default -> {}
            }
        }
    }

    private void passOn(HttpExchange exchange, byte[] body) throws IOException, InterruptedException {
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
        HttpResponse<String> response = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        send(exchange, response.statusCode(), "application/json", response.body());
    }

    private static void send(HttpExchange exchange, int status, String type, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
    }

    @Override
    public void close() {
        mode = Mode.CUT_OFF;
        changed.countDown();
        server.stop(0);
        threads.shutdownNow();
        client.close();
    }
}
