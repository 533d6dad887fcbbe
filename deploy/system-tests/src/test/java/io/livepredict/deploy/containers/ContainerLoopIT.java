package io.livepredict.deploy.containers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.testcontainers.containers.BindMode;
import org.testcontainers.containers.Container.ExecResult;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.kafka.KafkaContainer;
import org.testcontainers.utility.DockerImageName;

/**
 * The loop in containers: events from the simulator, predictions in PostgreSQL, and a model that the trainer taught
 * itself swapped in. The names within the network are those of deploy/compose, whose configuration files it uses. The
 * same loop without Docker is tested on the embedded broker.
 *
 * <p>It takes some minutes, so it runs under {@code -Psoak}. On a machine without a container registry:
 * TESTCONTAINERS_RYUK_DISABLED=true and TESTCONTAINERS_CHECKS_DISABLE=true, or Testcontainers waits for images of its own.
 *
 * <p>Images: {@code -Dimage.broker=…}, {@code image.registry}, {@code image.postgres}, {@code image.streams-app}, {@code
 * image.trainer}, {@code image.simulator}, {@code image.connect}.
 */
@Tag("soak")
class ContainerLoopIT {
    private static final String BROKER = Docker.image("broker", "apache/kafka:4.3.1");
    private static final String REGISTRY = Docker.image("registry", "apicurio/apicurio-registry:3.3.3");
    private static final String POSTGRES = Docker.image("postgres", "postgres:17");
    private static final String STREAMS_APP = Docker.image("streams-app", "livepredict/streams-app:latest");
    private static final String TRAINER = Docker.image("trainer", "livepredict/trainer:latest");
    private static final String SIMULATOR = Docker.image("simulator", "livepredict/simulator:latest");
    private static final String CONNECT = Docker.image("connect", "livepredict/connect:latest");
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final Path CONFIG =
            Path.of("../compose/config").toAbsolutePath().normalize();

    private static final List<AutoCloseable> OPEN = new ArrayList<>();
    private static GenericContainer<?> postgres;
    private static GenericContainer<?> streams;
    private static GenericContainer<?> connect;

    @BeforeAll
    static void start() throws Exception {
        assumeTrue(Docker.has(BROKER, REGISTRY, POSTGRES, STREAMS_APP, TRAINER, SIMULATOR, CONNECT));
        Network network = opened(Network.newNetwork());
        GenericContainer<?> broker =
                opened(new KafkaContainer(DockerImageName.parse(BROKER).asCompatibleSubstituteFor("apache/kafka"))
                        .withListener("broker:19092")
                        .withNetwork(network)
                        .withEnv("KAFKA_AUTO_CREATE_TOPICS_ENABLE", "false"));
        broker.start();
        postgres = opened(container(POSTGRES, "postgres", network))
                .withEnv(Map.of(
                        "POSTGRES_USER",
                        "livepredict",
                        "POSTGRES_PASSWORD",
                        "livepredict",
                        "POSTGRES_DB",
                        "livepredict"))
                .withExposedPorts(5432);
        GenericContainer<?> registry = opened(container(REGISTRY, "registry", network))
                .withEnv(Map.of(
                        "APICURIO_STORAGE_KIND", "kafkasql",
                        "APICURIO_KAFKASQL_BOOTSTRAP_SERVERS", "broker:19092"))
                .withExposedPorts(8080)
                .waitingFor(Wait.forHttp("/apis/ccompat/v7/subjects").withStartupTimeout(PATIENCE));
        postgres.start();
        registry.start();

        Path keys = java.nio.file.Files.createTempDirectory("livepredict-keys");
        io.livepredict.model.SigningKey.generate()
                .write(keys.resolve("model-signing-key.pem"), keys.resolve("model.pem"));
        // The trainer's user in its container is another than this one.
        keys.resolve("model-signing-key.pem").toFile().setReadable(true, false);
        keys.toFile().setExecutable(true, false);
        keys.toFile().setReadable(true, false);

        try (GenericContainer<?> topics = program(STREAMS_APP, "topics", network)
                .withCommand("topics", "--config", "/etc/livepredict/streams-app.yaml", "--create")
                .waitingFor(
                        Wait.forLogMessage(".*topics are as they must be.*", 1).withStartupTimeout(PATIENCE))) {
            topics.start();
        }
        streams = opened(program(STREAMS_APP, "streams-app", network))
                .withFileSystemBind(keys.toString(), "/trusted-keys", BindMode.READ_ONLY)
                .withCommand("run", "--config", "/etc/livepredict/streams-app.yaml")
                .withExposedPorts(8080)
                .waitingFor(Wait.forHttp("/ready").forPort(8080).withStartupTimeout(PATIENCE));
        GenericContainer<?> trainer = opened(program(TRAINER, "trainer", network))
                .withFileSystemBind(keys.toString(), "/signing-key", BindMode.READ_ONLY)
                .withCommand("run", "--config", "/etc/livepredict/trainer.yaml")
                .withExposedPorts(8080)
                .waitingFor(Wait.forHttp("/ready").forPort(8080).withStartupTimeout(PATIENCE));
        connect = opened(container(CONNECT, "connect", network))
                .withEnv(Map.ofEntries(
                        Map.entry("CONNECT_BOOTSTRAP_SERVERS", "broker:19092"),
                        Map.entry("CONNECT_GROUP_ID", "livepredict.connect"),
                        Map.entry("CONNECT_CONFIG_STORAGE_TOPIC", "livepredict.connect-configs"),
                        Map.entry("CONNECT_OFFSET_STORAGE_TOPIC", "livepredict.connect-offsets"),
                        Map.entry("CONNECT_STATUS_STORAGE_TOPIC", "livepredict.connect-status"),
                        Map.entry("CONNECT_CONFIG_STORAGE_REPLICATION_FACTOR", "1"),
                        Map.entry("CONNECT_OFFSET_STORAGE_REPLICATION_FACTOR", "1"),
                        Map.entry("CONNECT_STATUS_STORAGE_REPLICATION_FACTOR", "1"),
                        Map.entry("LIVEPREDICT_NAMESPACE", "livepredict"),
                        Map.entry("LIVEPREDICT_REPLICATION_FACTOR", "1"),
                        Map.entry("REGISTRY_URL", "http://registry:8080/apis/ccompat/v7"),
                        Map.entry("POSTGRES_JDBC_URL", "jdbc:postgresql://postgres:5432/livepredict"),
                        Map.entry("POSTGRES_USER", "livepredict"),
                        Map.entry("POSTGRES_PASSWORD", "livepredict")))
                .withExposedPorts(8083)
                .waitingFor(Wait.forHttp("/connectors").forPort(8083).withStartupTimeout(PATIENCE));
        GenericContainer<?> simulator = opened(program(SIMULATOR, "simulator", network))
                .withCommand("simulate", "--config", "/etc/livepredict/streams-app.yaml", "--rate", "100");
        streams.start();
        trainer.start();
        simulator.start();
        connect.start();
        ExecResult registered = connect.execInContainer(
                "bash", "-c", "/opt/connect/bin/register http://localhost:8083 /etc/livepredict/connectors/*.json");
        assertThat(registered.getExitCode()).as(registered.toString()).isZero();
    }

    @AfterAll
    static void stop() throws Exception {
        Collections.reverse(OPEN);
        for (AutoCloseable each : OPEN) {
            each.close();
        }
    }

    @Test
    void shouldBringPredictionsOfALearnedModelIntoPostgres() throws Exception {
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofSeconds(1))
                .untilAsserted(
                        () -> assertThat(number("select count(*) from prediction_history where model_version > 1"))
                                .isPositive());

        assertThat(number("select count(*) from prediction_history where score < 0 or score > 1"))
                .isZero();
        assertThat(number("select count(*) from (select kind, entity_id, context_id, target from prediction_latest"
                        + " group by 1, 2, 3, 4 having count(*) > 1) as doubled"))
                .isZero();
    }

    @Test
    void shouldSwapModelsAsSeenFromOutside() throws Exception {
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofSeconds(1))
                .untilAsserted(() -> assertThat(activeVersion()).isPositive());
        long learned = activeVersion();

        await().atMost(PATIENCE)
                .pollInterval(Duration.ofSeconds(1))
                .untilAsserted(() -> assertThat(activeVersion()).isGreaterThan(learned));
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofSeconds(1))
                .untilAsserted(
                        () -> assertThat(number("select count(*) from prediction_history where kind = 'viewer' and"
                                        + " model_version > " + learned))
                                .isPositive());
    }

    @Test
    void shouldRunAsNobodyOnAFileSystemThatCanNotBeWritten() throws Exception {
        assertThat(streams.execInContainer("id", "-u").getStdout().strip()).isEqualTo("10001");
        assertThat(streams.execInContainer("touch", "/opt/livepredict/lib/x").getExitCode())
                .isNotZero();
    }

    private static long activeVersion() throws IOException, InterruptedException {
        String metrics = streams.execInContainer("curl", "-fsS", "http://localhost:8080/metrics")
                .getStdout();
        return metrics.lines()
                .filter(line -> line.startsWith("livepredict_model_active_version{kind=\"viewer\"}"))
                .mapToLong(line -> (long) Double.parseDouble(line.substring(line.indexOf(' ') + 1)))
                .findFirst()
                .orElseThrow();
    }

    private static long number(String sql) throws IOException, InterruptedException {
        ExecResult result = postgres.execInContainer(
                "bash",
                "-c",
                "PGPASSWORD=livepredict psql -h localhost -U livepredict -d livepredict -Atc \"" + sql + "\"");
        assertThat(result.getExitCode()).as(result.getStderr()).isZero();
        return Long.parseLong(result.getStdout().strip());
    }

    private static GenericContainer<?> container(String image, String alias, Network network) {
        return new GenericContainer<>(DockerImageName.parse(image))
                .withNetwork(network)
                .withNetworkAliases(alias);
    }

    private static GenericContainer<?> program(String image, String alias, Network network) {
        GenericContainer<?> program = container(image, alias, network)
                .withCreateContainerCmdModifier(
                        command -> command.getHostConfig().withReadonlyRootfs(true))
                .withTmpFs(Map.of("/tmp", "rw,exec,size=128m", "/data", "rw,uid=10001,gid=10001,size=256m"));
        for (String file : new String[] {"streams-app.yaml", "trainer.yaml"}) {
            program.withFileSystemBind(CONFIG.resolve(file).toString(), "/etc/livepredict/" + file, BindMode.READ_ONLY);
        }
        return program;
    }

    private static <T extends AutoCloseable> T opened(T each) {
        OPEN.add(each);
        return each;
    }
}
