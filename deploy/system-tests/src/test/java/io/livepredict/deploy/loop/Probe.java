package io.livepredict.deploy.loop;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** Asks a program's HTTP endpoint as whoever watches it does. */
final class Probe {
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    /** Without an answer a test fails, and does not hang. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private Probe() {}

    static HttpResponse<String> get(int port, String path) throws IOException, InterruptedException {
        return HTTP.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                        .timeout(PATIENCE)
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    /** Why a program is not ready, in its words; empty when it is. */
    static String trouble(int port) throws IOException, InterruptedException {
        HttpResponse<String> answer = get(port, "/ready");
        return answer.statusCode() == 200 ? "" : answer.body();
    }
}
