package io.livepredict.deploy.containers;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.livepredict.avro.Alert;
import io.livepredict.avro.Outlook;
import io.livepredict.avro.Prediction;
import io.livepredict.contract.Target;
import io.livepredict.deploy.connect.TaskSupervisor;
import io.livepredict.streams.config.StreamsAppSettings;
import io.livepredict.trainer.config.TrainerSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.stream.Stream;
import org.apache.kafka.connect.rest.ConnectRestExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What can be told of deploy/compose and deploy/connect without starting anything. */
class ComposeFilesTest {
    private static final Path DEPLOY = Path.of("..").toAbsolutePath().normalize();
    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

    @Test
    void shouldPredictAndLearnTheSameTargets() {
        StreamsAppSettings streams =
                StreamsAppSettings.read(DEPLOY.resolve("compose/config/streams-app.yaml"), Map.of());
        TrainerSettings trainer = TrainerSettings.read(DEPLOY.resolve("compose/config/trainer.yaml"), Map.of());

        assertThat(streams.kinds().targets()).isNotEmpty();
        assertThat(trainer.kinds().targets().stream().map(Target::name))
                .containsExactlyElementsOf(
                        streams.kinds().targets().stream().map(Target::name).toList());
        assertThat(trainer.kinds().targets()).isEqualTo(streams.kinds().targets());
        assertThat(trainer.kafka()).isEqualTo(streams.kafka());
        assertThat(trainer.registry()).isEqualTo(streams.registry());
    }

    @Test
    void shouldReadCommittedRecordsOnlyAndKeepBadOnesInEveryConnector() throws IOException {
        try (Stream<Path> files = Files.list(DEPLOY.resolve("connect/connectors"))) {
            List<Path> connectors = files.toList();
            assertThat(connectors).hasSizeGreaterThanOrEqualTo(3);
            for (Path connector : connectors) {
                JsonNode settings = new ObjectMapper().readTree(connector.toFile());
                assertThat(settings.path("consumer.override.isolation.level").asText())
                        .as(connector.toString())
                        .isEqualTo("read_committed");
                assertThat(settings.path("errors.deadletterqueue.topic.name").asText())
                        .as(connector.toString())
                        .endsWith("-dead-letters");
                // Without it a registry that is away would send good records to the dead letters.
                assertThat(settings.path("errors.retry.timeout").asText())
                        .as(connector.toString())
                        .isEqualTo("-1");
                // Without it a record of another schema would stop the sink for good.
                assertThat(List.of(
                                settings.path("value.converter.record").asText(),
                                settings.path("value.converter.named").asText()))
                        .as(connector.toString())
                        .containsAnyOf(
                                Prediction.class.getName(),
                                Alert.class.getName(),
                                Outlook.class.getName(),
                                "io.livepredict.avro.PredictionRow");
            }
        }
    }

    /** The plugins are found by name at run time, so nothing else notices when a name changes. */
    @Test
    void shouldStartConnectWithTheSupervisorAndScrapeIt() throws IOException {
        assertThat(Files.readString(DEPLOY.resolve("connect/run")))
                .contains("rest.extension.classes=" + TaskSupervisor.class.getName() + "\n");
        assertThat(ServiceLoader.load(ConnectRestExtension.class).stream().map(ServiceLoader.Provider::type))
                .contains(TaskSupervisor.class);
        assertThat(Files.readString(DEPLOY.resolve("prometheus/prometheus.yml")))
                .contains("connect:8083");
    }

    @Test
    void shouldNameOneVersionOfKafkaAndOfTheSinkEverywhere() throws IOException {
        String root = Files.readString(DEPLOY.resolveSibling("pom.xml"));
        String version = root.replaceAll("(?s).*<kafka.version>(.*?)</kafka.version>.*", "$1");

        assertThat(Files.readString(DEPLOY.resolve("connect/image/pom.xml")))
                .contains("<kafka.version>" + version + "</kafka.version>");
        assertThat(Files.readString(DEPLOY.resolve("compose/docker-compose.yml")))
                .contains("apache/kafka:" + version);
        String deploy = Files.readString(DEPLOY.resolve("system-tests/pom.xml"));
        for (String property : List.of("debezium.version", "postgresql.version")) {
            String element = deploy.replaceAll("(?s).*(<" + property + ">.*?</" + property + ">).*", "$1");
            assertThat(Files.readString(DEPLOY.resolve("connect/image/pom.xml")))
                    .contains(element);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"docker-compose.yml", "docker-compose.test.yml"})
    void shouldListenOnlyOnThisMachineBoundMemoryAndCheckEveryServicesHealth(String file) throws IOException {
        assertThat(YAML.readTree(DEPLOY.resolve("compose/" + file).toFile())
                        .path("version")
                        .asText())
                .isEqualTo("3.8");
        services(file).forEach((name, service) -> {
            service.path("ports")
                    .forEach(port -> assertThat(port.asText()).as(name).startsWith("127.0.0.1:"));
            assertThat(service.has("healthcheck"))
                    .as(name + " has a health check")
                    .isTrue();
            boolean runsOn = !service.at("/healthcheck/disable").asBoolean();
            assertThat(service.has("mem_limit") || !runsOn)
                    .as(name + " has a memory limit")
                    .isTrue();
        });
    }

    /** Compose gives up on the whole stack when a service it waits for to be healthy restarts, or one that must end fails. */
    @ParameterizedTest
    @ValueSource(strings = {"docker-compose.yml", "docker-compose.test.yml"})
    void shouldWaitOnlyForWhatStandsStillAndTryAgainWhatEnds(String file) throws IOException {
        Map<String, JsonNode> services = services(file);

        services.forEach((name, service) -> service.path("depends_on")
                .properties()
                .forEach(needed -> {
                    String as = name + " needs " + needed.getKey();
                    switch (needed.getValue().path("condition").asText()) {
                        case "service_healthy" ->
                            assertThat(needed.getKey()).as(as).isIn("broker", "registry", "postgres");
                        case "service_completed_successfully" ->
                            assertThat(String.valueOf(services.get(needed.getKey())))
                                    .as(as)
                                    .containsPattern("\"restart\":\"on-failure\"|\"<<\":\"app\"");
                        default -> {}
                    }
                }));
    }

    /** The services of a file, those that extend one of docker-compose.yml with what they have from it. */
    private static Map<String, JsonNode> services(String file) throws IOException {
        JsonNode whole = YAML.readTree(
                        DEPLOY.resolve("compose/docker-compose.yml").toFile())
                .path("services");
        Map<String, JsonNode> services = new LinkedHashMap<>();
        YAML.readTree(DEPLOY.resolve("compose/" + file).toFile())
                .path("services")
                .properties()
                .forEach(each -> {
                    ObjectNode service = each.getValue().deepCopy();
                    if (service.has("extends")) {
                        ObjectNode from = whole.path(
                                        service.at("/extends/service").asText())
                                .deepCopy();
                        service = from.setAll(service);
                    }
                    services.put(each.getKey(), service);
                });
        return services;
    }

    @Test
    void shouldRunOursWithoutPrivilegesOnAFileSystemThatCanNotBeWritten() throws IOException {
        JsonNode compose =
                YAML.readTree(DEPLOY.resolve("compose/docker-compose.yml").toFile());
        JsonNode all = compose.path("x-app");
        assertThat(all.path("read_only").asBoolean()).isTrue();
        assertThat(all.at("/cap_drop/0").asText()).isEqualTo("ALL");
        assertThat(all.at("/security_opt/0").asText()).isEqualTo("no-new-privileges:true");
        JsonNode services = compose.path("services");
        for (String ours :
                List.of("streams-app", "trainer", "simulator", "connect", "connect-setup", "topics", "keys")) {
            JsonNode service = services.path(ours);
            // Jackson keeps the anchor's name and leaves the merging to Compose.
            assertThat(service.path("<<").asText()).as(ours).isEqualTo("app");
            assertThat(service.has("read_only") || service.has("cap_drop") || service.has("security_opt"))
                    .as(ours + " loosens what all of ours have")
                    .isFalse();
        }
    }
}
