package io.livepredict.deploy.bench;

import io.livepredict.cli.CommandFrame;
import io.livepredict.contract.Kind;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code deploy/bench api}: asks a streams app that runs, such as that of {@code deploy/local}, for scores of now at a steady rate;
 * stretches with and without questions take turns, so that what asking costs the stream is a ratio within one run.
 */
@Command(
        name = "api",
        header = "Time of one score of now, and what asking costs the stream.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description =
                "Asks a streams app that runs and has api configured, such as that of deploy/local with a --rate beyond"
                        + " what it can take. Stretches with and without questions take turns.")
final class ApiBench implements Callable<Integer> {
    private static final Duration ANSWER_WITHIN = Duration.ofSeconds(10);

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Option(
            names = "--url",
            defaultValue = "http://127.0.0.1:8080",
            description = "The app; default: ${DEFAULT-VALUE}.")
    private String url = "";

    @Option(names = "--token", description = "A token of the file api.tokens; default: none.")
    private @Nullable String token;

    @Option(names = "--kind", defaultValue = "viewer", description = "viewer or player; default: ${DEFAULT-VALUE}.")
    private Kind kind = Kind.VIEWER;

    @Option(
            names = "--entities",
            defaultValue = "500",
            description =
                    "How many are asked for in turn, KIND-0 and so on, as the simulated platform calls them; default:"
                            + " ${DEFAULT-VALUE}.")
    private int entities = 1;

    @Option(names = "--rate", defaultValue = "200", description = "Questions per second; default: ${DEFAULT-VALUE}.")
    private int rate = 1;

    @Option(
            names = "--stretch",
            defaultValue = "20s",
            paramLabel = "TIME",
            description = "How long one stretch is; default: ${DEFAULT-VALUE}.")
    private Duration stretch = Duration.ZERO;

    @Option(names = "--pairs", defaultValue = "3", description = "Stretches of each sort; default: ${DEFAULT-VALUE}.")
    private int pairs = 1;

    private final List<Double> millis = Collections.synchronizedList(new ArrayList<>());

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (rate < 1 || pairs < 1 || entities < 1 || stretch.isZero()) {
            throw CommandFrame.wrongUsage(spec, "--rate, --pairs, --entities and --stretch must be above 0");
        }
        Conditions.of(spec);
        double without = 0;
        double with = 0;
        int failed = 0;
        try (HttpClient client = HttpClient.newHttpClient()) {
            for (int pair = 0; pair < pairs; pair++) {
                double before = events(client);
                Thread.sleep(stretch);
                double between = events(client);
                failed += ask(client, new Random(pair));
                without += between - before;
                with += events(client) - between;
            }
        }
        if (millis.isEmpty()) {
            throw new IllegalStateException(
                    "no question was answered with a score; are there entities of these names?");
        }
        Collections.sort(millis);
        System.out.printf(
                "scores of now: %d answered, %d not; p50 %.1f ms, p99 %.1f ms%n",
                millis.size(), failed, at(0.5), at(0.99));
        double seconds = pairs * stretch.toSeconds();
        System.out.printf(
                "events: %.0f a second without questions, %.0f with %d a second: ratio %.3f%n",
                without / seconds, with / seconds, rate, with / without);
        return 0;
    }

    private double at(double share) {
        return millis.get((int) (share * (millis.size() - 1)));
    }

    /** Asks at a steady rate, whether or not answers come; how many were not answered with a score. */
    private int ask(HttpClient client, Random random) {
        long start = System.nanoTime();
        long questions = rate * stretch.toSeconds();
        List<CompletableFuture<Boolean>> answers = new ArrayList<>();
        for (int i = 0; i < questions; i++) {
            long due = start + i * 1_000_000_000L / rate;
            while (System.nanoTime() < due) {
                LockSupport.parkNanos(due - System.nanoTime());
            }
            String path = "/v1/kinds/" + kind.id() + "/entities/" + kind.id() + '-' + random.nextInt(entities)
                    + "/score?as-of=now";
            answers.add(client.sendAsync(request(path), HttpResponse.BodyHandlers.discarding())
                    .handle((response, failure) -> {
                        boolean scored = failure == null && response.statusCode() == 200;
                        if (scored) {
                            millis.add((System.nanoTime() - due) / 1e6);
                        }
                        return scored;
                    }));
        }
        return (int) answers.stream().filter(answer -> !answer.join()).count();
    }

    private HttpRequest request(String path) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(url + path)).timeout(ANSWER_WITHIN);
        if (token != null) {
            request.header("Authorization", "Bearer " + token);
        }
        return request.build();
    }

    /** Valid events of the kind's stream so far, as the app counts them. */
    private double events(HttpClient client) throws IOException, InterruptedException {
        return client.send(request("/metrics"), HttpResponse.BodyHandlers.ofString())
                .body()
                .lines()
                .filter(line -> line.startsWith("livepredict_events_total{") && line.contains("outcome=\"valid\""))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }
}
