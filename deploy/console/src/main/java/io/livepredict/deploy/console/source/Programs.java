package io.livepredict.deploy.console.source;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Asks the streams app's instances and the trainer over HTTP: their metrics, and their API. Safe for use from any thread. */
public final class Programs implements AutoCloseable {
    private static final Duration CONNECT = Duration.ofSeconds(1);
    private static final Duration PATIENCE = Duration.ofSeconds(2);
    /** A roll-back waits until the pointer stays where it was put. */
    private static final Duration LONGEST_OPERATION = Duration.ofSeconds(60);

    private static final int MOST_BYTES = 8 << 20;

    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(CONNECT).build();
    private final @Nullable String token;

    /** @param token that both programs are asked with; null for none */
    public Programs(@Nullable String token) {
        this.token = token;
    }

    /**
     * An answer.
     *
     * @param status the HTTP status; 502 where nobody answered
     * @param body as it came
     */
    public record Answer(int status, String contentType, String body) {
        static Answer nobody(URI address, String why) {
            return new Answer(502, "text/plain", address.getAuthority() + " does not answer: " + why);
        }
    }

    /** The metrics of each address, in order; nothing for one that does not answer. */
    public List<Optional<List<Sample>>> metrics(List<URI> addresses) {
        List<CompletableFuture<Optional<List<Sample>>>> asked = new ArrayList<>();
        for (URI address : addresses) {
            HttpRequest request = request(address, "/metrics", PATIENCE).GET().build();
            asked.add(http.sendAsync(request, BodyHandlers.ofInputStream())
                    .thenApply(Programs::text)
                    .thenApply(answer -> answer.status() == 200
                            ? Optional.of(PrometheusText.read(answer.body()))
                            : Optional.<List<Sample>>empty())
                    .completeOnTimeout(Optional.empty(), PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                    .exceptionally(e -> Optional.empty()));
        }
        return asked.stream().map(CompletableFuture::join).toList();
    }

    /** {@code GET}s a path of the API. */
    public Answer get(URI address, String path) {
        return send(address, request(address, path, PATIENCE).GET().build());
    }

    /** {@code POST}s JSON to a path of the API. */
    public Answer post(URI address, String path, String json) {
        return send(
                address,
                request(address, path, LONGEST_OPERATION)
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(json))
                        .build());
    }

    private Answer send(URI address, HttpRequest request) {
        try {
            return text(http.send(request, BodyHandlers.ofInputStream()));
        } catch (IOException e) {
            return Answer.nobody(address, e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Answer.nobody(address, "interrupted");
        }
    }

    private HttpRequest.Builder request(URI address, String path, Duration patience) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(address.resolve(path)).timeout(patience);
        return token == null ? request : request.header("Authorization", "Bearer " + token);
    }

    private static Answer text(HttpResponse<InputStream> response) {
        try (var body = response.body()) {
            return new Answer(
                    response.statusCode(),
                    response.headers().firstValue("Content-Type").orElse("text/plain"),
                    new String(body.readNBytes(MOST_BYTES), StandardCharsets.UTF_8));
        } catch (IOException e) {
            return Answer.nobody(response.uri(), String.valueOf(e.getMessage()));
        }
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
