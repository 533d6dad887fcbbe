package io.livepredict.deploy.connect;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import org.apache.kafka.common.config.ConfigException;

/** The REST interface of the worker that this runs in: the one way to restart a connector. */
final class WorkerRest implements AutoCloseable {
    private static final String LISTENERS = "listeners";
    private static final String DEFAULT_LISTENER = "http://:8083";
    private static final Duration CONNECT_WITHIN = Duration.ofSeconds(5);
    /** A worker answers within 90 s or not at all; nobody waits for this one. */
    private static final Duration ANSWER_WITHIN = Duration.ofSeconds(30);

    private final URI address;
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(CONNECT_WITHIN).build();

    WorkerRest(URI address) {
        this.address = address;
    }

    /**
     * @param worker the worker's properties
     * @return the address at which the worker answers from its own machine
     * @throws ConfigException if it listens on https only
     */
    static URI address(Map<String, ?> worker) {
        Object configured = worker.get(LISTENERS);
        String listeners = configured == null ? DEFAULT_LISTENER : configured.toString();
        return Arrays.stream(listeners.split(","))
                .map(String::strip)
                .filter(listener -> listener.startsWith("http://"))
                .findFirst()
                .map(listener -> URI.create(listener.replaceFirst("^http://(0\\.0\\.0\\.0)?:", "http://localhost:")))
                .orElseThrow(() -> new ConfigException("listeners=" + listeners
                        + ": the supervisor of tasks asks the worker over http; add a listener such as"
                        + " http://127.0.0.1:8084"));
    }

    /**
     * Asks for a restart of a connector's failed parts. It happens later.
     *
     * @throws IOException if the worker does not answer or refuses, as it does during a rebalance (409)
     */
    void restartFailed(String connector) throws IOException, InterruptedException {
        String name = URLEncoder.encode(connector, StandardCharsets.UTF_8).replace("+", "%20");
        HttpRequest request = HttpRequest.newBuilder(
                        address.resolve("/connectors/" + name + "/restart?includeTasks=true&onlyFailed=true"))
                .timeout(ANSWER_WITHIN)
                .POST(HttpRequest.BodyPublishers.noBody())
                .build();
        HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() / 100 != 2) {
            throw new IOException(answer.statusCode() + " " + answer.body());
        }
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
