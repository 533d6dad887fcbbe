package io.livepredict.deploy.containers;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import org.testcontainers.containers.Container.ExecResult;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.images.builder.Transferable;
import org.testcontainers.kafka.KafkaContainer;
import org.testcontainers.lifecycle.Startable;
import org.testcontainers.utility.DockerImageName;
import org.testcontainers.utility.MountableFile;

/**
 * LivePredict small, for integration tests by Testcontainers: a broker, a schema registry, the streams app and the trainer, with
 * the API on; and the simulated platform where it is asked for. About 2 GB of memory. Needs nothing but Testcontainers
 * ({@code testcontainers} and {@code testcontainers-kafka}) and the images that {@code deploy/docker/build} makes, so it can be
 * copied into another project as it is.
 *
 * <pre>{@code
 * try (var livepredict = new LivePredictContainers(Path.of("deploy/compose/config")).withSimulator(50, 1)) {
 *     livepredict.start();
 *     livepredict.awaitLearnedModel(Duration.ofMinutes(5));
 *     // livepredict.bootstrapServers(), livepredict.registry(), livepredict.ask("/v1/models")
 * }
 * }</pre>
 */
public final class LivePredictContainers implements Startable {
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final Pattern LEARNED =
            Pattern.compile("^livepredict_model_active_version\\{.*} [1-9]", Pattern.MULTILINE);
    private static final String STREAMS = "/etc/livepredict/streams-app.yaml";
    private static final String TRAINER = "/etc/livepredict/trainer.yaml";
    private static final String TOKENS = "/etc/livepredict/api-tokens";
    private static final String PRIVATE_KEY = "/signing-key/model-signing-key.pem";
    private static final String PUBLIC_KEY = "/trusted-keys/model.pem";

    private final Path config;
    private final Map<String, String> images;
    private final String token = UUID.randomUUID().toString();
    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private final List<String> sourceTopics = new ArrayList<>();
    private final List<String> simulator = new ArrayList<>();
    private final KafkaContainer broker;
    private final GenericContainer<?> registry;
    private final GenericContainer<?> streams;
    private final GenericContainer<?> trainer;
    private final Network network;

    /** @param config the folder with streams-app.yaml and trainer.yaml; brokers are broker:19092, the registry is registry:8080 */
    public LivePredictContainers(Path config) {
        this(config, Map.of());
    }

    /**
     * The same, from other images.
     *
     * @param images by name: broker, registry, streams-app, trainer, simulator
     */
    public LivePredictContainers(Path config, Map<String, String> images) {
        this.config = config;
        this.images = Map.copyOf(images);
        network = opened(Network.newNetwork());
        broker = opened(
                new KafkaContainer(DockerImageName.parse(image("broker")).asCompatibleSubstituteFor("apache/kafka"))
                        .withListener("broker:19092")
                        .withNetwork(network)
                        .withEnv("KAFKA_AUTO_CREATE_TOPICS_ENABLE", "false"));
        registry = opened(container("registry", "registry")
                .withEnv("JAVA_TOOL_OPTIONS", "-Xmx192m")
                .withExposedPorts(8080)
                .waitingFor(Wait.forHttp("/apis/ccompat/v7/subjects").withStartupTimeout(PATIENCE)));
        streams = opened(program("streams-app", "streams-app").withCommand("run", "--config", STREAMS));
        trainer = opened(program("trainer", "trainer").withCommand("run", "--config", TRAINER));
    }

    /** The simulated platform sends so many events per second; the same seed gives the same ones. */
    public LivePredictContainers withSimulator(int eventsPerSecond, long seed) {
        simulator.addAll(List.of(
                "simulate",
                "--config",
                STREAMS,
                "--rate",
                Integer.toString(eventsPerSecond),
                "--seed",
                Long.toString(seed)));
        return this;
    }

    /** Topics to create first, such as those of your {@code sources}. */
    public LivePredictContainers withSourceTopics(String... topics) {
        sourceTopics.addAll(List.of(topics));
        return this;
    }

    /** Starts all of it and returns when both programs are ready; they serve the configured priors then. */
    @Override
    public void start() {
        broker.start();
        registry.start();
        for (String topic : sourceTopics) {
            run(
                    broker,
                    "/opt/kafka/bin/kafka-topics.sh --bootstrap-server broker:19092 --create --if-not-exists --partitions 1"
                            + " --topic " + topic);
        }
        try (GenericContainer<?> keys = container("trainer", "keys")
                .withCreateContainerCmdModifier(command -> command.withEntrypoint("sleep", "600"))) {
            keys.start();
            run(
                    keys,
                    "java @/opt/livepredict/java.options keys new --private /tmp/private.pem --public /tmp/public.pem");
            trainer.withCopyToContainer(Transferable.of(run(keys, "cat /tmp/private.pem"), 0644), PRIVATE_KEY);
            streams.withCopyToContainer(Transferable.of(run(keys, "cat /tmp/public.pem"), 0644), PUBLIC_KEY);
        }
        try (GenericContainer<?> topics = program("streams-app", "topics")
                .withCommand("topics", "--config", STREAMS, "--create")
                .waitingFor(
                        Wait.forLogMessage(".*topics are as they must be.*", 1).withStartupTimeout(PATIENCE))) {
            topics.start();
        }
        for (GenericContainer<?> each : List.of(streams, trainer)) {
            each.withExposedPorts(8080)
                    .waitingFor(Wait.forHttp("/ready").forPort(8080).withStartupTimeout(PATIENCE))
                    .start();
        }
        if (!simulator.isEmpty()) {
            opened(program("simulator", "simulator").withCommand(simulator.toArray(String[]::new)))
                    .start();
        }
    }

    /** Returns when a model that has learned serves; it needs events and as long as the shortest horizon. */
    public void awaitLearnedModel(Duration atMost) {
        Instant end = Instant.now().plus(atMost);
        while (!LEARNED.matcher(askOrWhyNot("/metrics")).find()) {
            if (Instant.now().isAfter(end)) {
                throw new IllegalStateException("no learned model serves after " + atMost.toSeconds()
                        + " s; the streams app says: " + askOrWhyNot("/ready") + streams.getLogs());
            }
            try {
                Thread.sleep(500);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted", e);
            }
        }
    }

    /** For clients of this machine. */
    public String bootstrapServers() {
        return broker.getBootstrapServers();
    }

    /** The schema registry, for clients of this machine. */
    public String registry() {
        return "http://" + registry.getHost() + ':' + registry.getMappedPort(8080) + "/apis/ccompat/v7";
    }

    /** Where the streams app answers, its API included. */
    public URI streamsApp() {
        return URI.create("http://" + streams.getHost() + ':' + streams.getMappedPort(8080));
    }

    /** Where the trainer answers, its API included. */
    public URI trainer() {
        return URI.create("http://" + trainer.getHost() + ':' + trainer.getMappedPort(8080));
    }

    /** What both APIs let in, with the role operate. */
    public String token() {
        return token;
    }

    /** What the streams app answers to a GET, with the token. */
    public String ask(String path) {
        try {
            return get(path);
        } catch (IOException e) {
            throw new IllegalStateException("the streams app does not answer: " + e.getMessage(), e);
        }
    }

    /** The same while the streams app may not answer yet: then the reason. */
    private String askOrWhyNot(String path) {
        try {
            return get(path);
        } catch (IOException e) {
            return "nothing: " + e.getMessage();
        }
    }

    private String get(String path) throws IOException {
        try (HttpClient http = HttpClient.newHttpClient()) {
            return http.send(
                            HttpRequest.newBuilder(streamsApp().resolve(path))
                                    .header("Authorization", "Bearer " + token)
                                    .timeout(Duration.ofSeconds(30))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /** Ends all of it; nothing is left. */
    @Override
    public void stop() {
        IllegalStateException failed = null;
        while (!open.isEmpty()) {
            try {
                open.pop().close();
            } catch (Exception e) {
                if (failed == null) {
                    failed = new IllegalStateException("a container could not be ended: " + e.getMessage(), e);
                } else {
                    failed.addSuppressed(e);
                }
            }
        }
        if (failed != null) {
            throw failed;
        }
    }

    private String image(String name) {
        return images.getOrDefault(
                name,
                switch (name) {
                    case "broker" -> "apache/kafka:4.3.1";
                    case "registry" -> "apicurio/apicurio-registry:3.3.3";
                    default -> "livepredict/" + name;
                });
    }

    private GenericContainer<?> container(String image, String alias) {
        return new GenericContainer<>(DockerImageName.parse(image(image)))
                .withNetwork(network)
                .withNetworkAliases(alias);
    }

    private GenericContainer<?> program(String image, String alias) {
        GenericContainer<?> program = container(image, alias)
                .withCopyFileToContainer(MountableFile.forHostPath(config.resolve("streams-app.yaml"), 0644), STREAMS)
                .withCopyFileToContainer(MountableFile.forHostPath(config.resolve("trainer.yaml"), 0644), TRAINER)
                .withCopyToContainer(Transferable.of("test operate " + token + "\n", 0644), TOKENS)
                .withTmpFs(Map.of("/data", "rw,uid=10001,gid=10001,size=128m"))
                .withEnv("LIVEPREDICT_API__TOKENS", TOKENS);
        return image.equals("trainer")
                ? program
                : program.withEnv(Map.of(
                        "LIVEPREDICT_PARTITIONS", "1",
                        "LIVEPREDICT_REPLICATION", "1",
                        "LIVEPREDICT_STATE__STORE", "in-memory",
                        "LIVEPREDICT_STATE__RECENT_BYTES", "0"));
    }

    private static String run(GenericContainer<?> in, String command) {
        try {
            ExecResult result = in.execInContainer("bash", "-c", command);
            if (result.getExitCode() != 0) {
                throw new IllegalStateException("failed: " + command + ": " + result);
            }
            return result.getStdout();
        } catch (IOException e) {
            throw new IllegalStateException("failed: " + command, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private <T extends AutoCloseable> T opened(T each) {
        open.push(each);
        return each;
    }
}
