package io.livepredict.serde;

import io.livepredict.contract.DurationFormat;
import io.livepredict.settings.RegistrySettings;
import io.livepredict.tls.TlsContext;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;

/**
 * Requests to one registry. Each has a time-out for all of it (connection, headers and the whole body) and a limit on the
 * body's size, so that a registry that stalls, drips or never ends holds no caller longer than that. A request that fails,
 * 429 and 5xx are tried again, waiting 0.1 s, 0.2 s, … 2 s each times a random factor of a half to one, until
 * {@link RegistrySettings#retryFor} has passed. The thread that asks is the thread that waits.
 */
final class RegistryHttp implements AutoCloseable {
    /** For one request from its connection to the last byte of its body. */
    static final Duration REQUEST_PATIENCE = Duration.ofSeconds(10);

    static final int MOST_BYTES = 8 << 20;
    private static final String MEDIA_TYPE = "application/vnd.schemaregistry.v1+json";
    private static final Duration CONNECT_PATIENCE = Duration.ofSeconds(3);
    private static final int FIRST_WAIT_MILLIS = 100;
    private static final int LONGEST_WAIT_MILLIS = 2_000;

    private final RegistrySettings settings;
    private final HttpClient http;
    private final @Nullable String authorization;
    private final Duration requestPatience;
    private final LongSupplier nanoClock;
    private final RandomGenerator random;

    /**
     * @param requestPatience for one request; {@link #REQUEST_PATIENCE} but in tests
     * @param nanoClock what {@link System#nanoTime} gives
     * @param random spreads the retries of many clients
     */
    RegistryHttp(RegistrySettings settings, Duration requestPatience, LongSupplier nanoClock, RandomGenerator random) {
        this.settings = settings;
        this.requestPatience = requestPatience;
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
                .connectTimeout(CONNECT_PATIENCE);
        if (settings.trustStore() != null || settings.keyStore() != null) {
            builder.sslContext(TlsContext.of(new TlsContext.Stores(
                    "registry",
                    settings.keyStore(),
                    settings.keyStorePassword(),
                    settings.trustStore(),
                    settings.trustStorePassword())));
        }
        this.http = builder.build();
    }

    /** Gets until there is an answer that will not change by asking again, or the time for retries has passed. */
    RegistryAnswer get(String path) {
        return ask(request(path).GET().build(), settings.retryFor());
    }

    /** Gets once. */
    RegistryAnswer getOnce(String path) {
        return ask(request(path).GET().build(), Duration.ZERO);
    }

    /** Posts JSON until there is an answer that will not change by asking again, or the time for retries has passed. */
    RegistryAnswer post(String path, String body) {
        return ask(
                request(path)
                        .header("Content-Type", MEDIA_TYPE)
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                settings.retryFor());
    }

    @Override
    public void close() {
        http.shutdownNow();
        http.close();
    }

    private RegistryAnswer ask(HttpRequest request, Duration retryFor) {
        long begin = nanoClock.getAsLong();
        int wait = FIRST_WAIT_MILLIS;
        while (true) {
            String failure;
            String remedy = "start it, or correct registry.url";
            @Nullable Exception cause = null;
            try {
                RegistryAnswer answer = send(request);
                if (answer.status() < 500 && answer.status() != 429) {
                    return answer;
                }
                failure = "answered " + answer.words();
                if (answer.status() == 429) {
                    remedy = "it asks for fewer requests, so raise its limit";
                }
            } catch (SSLHandshakeException e) {
                throw new RegistryUnavailableException(
                        "the schema registry at " + settings.url() + " can't be trusted: " + words(e)
                                + "; check trust-store and key-store",
                        e);
            } catch (IOException e) {
                failure = words(e);
                cause = e;
            }
            long waited = Duration.ofNanos(nanoClock.getAsLong() - begin).toMillis();
            long pause = wait / 2 + random.nextInt(wait / 2 + 1);
            if (waited + pause > retryFor.toMillis()) {
                throw new RegistryUnavailableException(
                        "the schema registry at " + settings.url() + " does not answer (" + failure + "), tried for "
                                + DurationFormat.format(retryFor) + ": " + remedy,
                        cause);
            }
            pause(pause);
            wait = Math.min(2 * wait, LONGEST_WAIT_MILLIS);
        }
    }

    private RegistryAnswer send(HttpRequest request) throws IOException {
        CompletableFuture<HttpResponse<byte[]>> exchange = http.sendAsync(request, LimitedBody.ofAtMost(MOST_BYTES));
        try {
            HttpResponse<byte[]> response = exchange.get(requestPatience.toNanos(), TimeUnit.NANOSECONDS);
            return new RegistryAnswer(
                    request.uri(), response.statusCode(), new String(response.body(), StandardCharsets.UTF_8));
        } catch (TimeoutException e) {
            throw new IOException("no whole answer within " + DurationFormat.format(requestPatience), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RegistryUnavailableException(
                    "interrupted while asking the schema registry at " + settings.url(), e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException failed) {
                throw failed;
            }
            throw new IOException(String.valueOf(e.getCause()), e.getCause());
        } finally {
            exchange.cancel(true); // closes the connection of an exchange that has not ended
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

    private static String words(IOException e) {
        String message = e.getMessage();
        return message != null && !message.isBlank()
                ? RegistryAnswer.oneLine(message)
                : e instanceof ConnectException
                        ? "connection refused"
                        : e.getClass().getSimpleName();
    }

    private HttpRequest.Builder request(String path) {
        HttpRequest.Builder builder = HttpRequest.newBuilder(URI.create(settings.url() + path))
                .header("Accept", MEDIA_TYPE + ", application/json");
        if (authorization != null) {
            builder.header("Authorization", authorization);
        }
        return builder;
    }
}
