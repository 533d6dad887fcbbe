package io.livepredict.deploy.containers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import io.kubernetes.client.openapi.JSON;
import io.kubernetes.client.openapi.models.V1Deployment;
import io.kubernetes.client.openapi.models.V1Job;
import io.kubernetes.client.openapi.models.V1PodDisruptionBudget;
import io.kubernetes.client.openapi.models.V1Service;
import io.kubernetes.client.openapi.models.V1StatefulSet;
import io.livepredict.contract.Target;
import io.livepredict.streams.config.StreamsAppSettings;
import io.livepredict.streams.config.StreamsProperties;
import io.livepredict.trainer.config.TrainerSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * deploy/kubernetes against Kubernetes' own API model, which is generated from its OpenAPI description: no field that it does
 * not know, none missing that it requires, every value of its type. And what no schema tells: that the manifests agree with
 * each other and with the programs.
 */
class KubernetesManifestsTest {
    private static final Path KUBERNETES =
            Path.of("../kubernetes").toAbsolutePath().normalize();
    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());
    private static final Map<String, Schema> SCHEMAS = Map.of(
            "v1 Service", new Schema(V1Service.class, V1Service::validateJsonElement),
            "apps/v1 StatefulSet", new Schema(V1StatefulSet.class, V1StatefulSet::validateJsonElement),
            "apps/v1 Deployment", new Schema(V1Deployment.class, V1Deployment::validateJsonElement),
            "batch/v1 Job", new Schema(V1Job.class, V1Job::validateJsonElement),
            "policy/v1 PodDisruptionBudget",
                    new Schema(V1PodDisruptionBudget.class, V1PodDisruptionBudget::validateJsonElement));

    private static List<JsonNode> manifests = List.of();

    private interface Validation {
        void validate(JsonElement manifest) throws IOException;
    }

    private record Schema(Class<?> type, Validation validation) {
        void validate(JsonNode manifest) throws IOException {
            String json = manifest.toString();
            validation.validate(JsonParser.parseString(json));
            JSON.deserialize(json, type); // a number where a text must be, a date that is none
        }
    }

    @BeforeAll
    static void read() throws IOException {
        List<JsonNode> all = new ArrayList<>();
        for (JsonNode file :
                YAML.readTree(KUBERNETES.resolve("kustomization.yaml").toFile()).path("resources")) {
            Path path = KUBERNETES.resolve(file.asText());
            try (MappingIterator<JsonNode> documents =
                    YAML.readerFor(JsonNode.class).readValues(path.toFile())) {
                documents.forEachRemaining(all::add);
            }
        }
        manifests = List.copyOf(all);
    }

    @Test
    void shouldBeWhatKubernetesTakes() throws IOException {
        assertThat(manifests).hasSizeGreaterThanOrEqualTo(6);
        for (JsonNode manifest : manifests) {
            schema(manifest).validate(manifest);
        }
    }

    /** A check that cannot fail is none. */
    @Test
    void shouldRefuseAFieldThatIsMisspeltMissingOrOfAnotherType() {
        ObjectNode misspelt = manifest("StatefulSet", "streams-app").deepCopy();
        ((ObjectNode) container(misspelt).path("readinessProbe")).put("periodSecond", 5);
        assertThatThrownBy(() -> schema(misspelt).validate(misspelt)).hasMessageContaining("periodSecond");

        ObjectNode missing = manifest("Deployment", "trainer").deepCopy();
        ((ObjectNode) missing.path("spec")).remove("selector");
        assertThatThrownBy(() -> schema(missing).validate(missing)).hasMessageContaining("selector");

        ObjectNode typed = manifest("Deployment", "trainer").deepCopy();
        ((ObjectNode) container(typed).path("livenessProbe")).put("periodSeconds", "often");
        assertThatThrownBy(() -> schema(typed).validate(typed)).hasMessageContaining("often");
    }

    @Test
    void shouldSelectThePodsThatItMakes() {
        for (JsonNode manifest : manifests) {
            JsonNode selector = manifest.at("/spec/selector");
            JsonNode wanted = selector.has("matchLabels") ? selector.path("matchLabels") : selector;
            JsonNode own = manifest.at("/spec/template/metadata/labels");
            if (!own.isMissingNode() && !wanted.isMissingNode()) {
                assertThat(own).as(name(manifest)).isEqualTo(wanted);
            } else if (!wanted.isMissingNode()) {
                assertThat(manifests.stream().map(each -> each.at("/spec/template/metadata/labels")))
                        .as(name(manifest))
                        .contains(wanted);
            }
        }
    }

    @Test
    void shouldMountVolumesThatExistAndReadFilesThatAreMounted() {
        for (JsonNode manifest : workloads()) {
            JsonNode pod = manifest.at("/spec/template/spec");
            Set<String> volumes = new TreeSet<>(texts(pod.path("volumes"), "/name"));
            volumes.addAll(texts(manifest.at("/spec/volumeClaimTemplates"), "/metadata/name"));
            assertThat(texts(container(manifest).path("volumeMounts"), "/name"))
                    .as(name(manifest))
                    .containsExactlyInAnyOrderElementsOf(volumes);
            List<String> mounted = texts(container(manifest).path("volumeMounts"), "/mountPath");
            texts(container(manifest).path("args"), "").stream()
                    .filter(argument -> argument.startsWith("/"))
                    .forEach(path -> assertThat(mounted).as(path).anyMatch(path::startsWith));
        }
        StreamsAppSettings streams = streams();
        List<String> mounted =
                texts(container(manifest("StatefulSet", "streams-app")).path("volumeMounts"), "/mountPath");
        streams.trustedKeys().forEach(key -> assertThat(mounted).anyMatch(key.toString()::startsWith));
    }

    @Test
    void shouldRunWithoutPrivilegesOnAFileSystemThatCanNotBeWritten() {
        for (JsonNode manifest : workloads()) {
            String name = name(manifest);
            JsonNode pod = manifest.at("/spec/template/spec");
            assertThat(pod.at("/securityContext/runAsNonRoot").asBoolean())
                    .as(name)
                    .isTrue();
            assertThat(pod.path("automountServiceAccountToken").asBoolean(true))
                    .as(name)
                    .isFalse();
            JsonNode context = container(manifest).path("securityContext");
            assertThat(context.path("readOnlyRootFilesystem").asBoolean())
                    .as(name)
                    .isTrue();
            assertThat(context.path("allowPrivilegeEscalation").asBoolean(true))
                    .as(name)
                    .isFalse();
            assertThat(context.at("/capabilities/drop/0").asText()).as(name).isEqualTo("ALL");
            assertThat(container(manifest).at("/resources/limits/memory").asText())
                    .as(name)
                    .isNotEmpty();
            assertThat(container(manifest).at("/resources/requests/memory").asText())
                    .as(name)
                    .isNotEmpty();
        }
    }

    @Test
    void shouldProbeThePathsThatTheProgramsServe() {
        for (JsonNode manifest : workloads()) {
            if (manifest.path("kind").asText().equals("Job")) {
                continue;
            }
            JsonNode container = container(manifest);
            assertThat(container.at("/startupProbe/httpGet/path").asText()).isEqualTo("/health");
            assertThat(container.at("/livenessProbe/httpGet/path").asText()).isEqualTo("/health");
            assertThat(container.at("/readinessProbe/httpGet/path").asText()).isEqualTo("/ready");
            assertThat(container.at("/ports/0/containerPort").asInt())
                    .isEqualTo(streams().http().port());
            assertThat(container.at("/readinessProbe/httpGet/port").asText())
                    .isEqualTo(container.at("/ports/0/name").asText());
        }
    }

    @Test
    void shouldKeepAWarmStandbyForARollingRestartAndOneTrainerOnly() {
        JsonNode streams = manifest("StatefulSet", "streams-app");
        assertThat(streams.at("/spec/replicas").asInt()).isGreaterThan(1);
        assertThat(streams.at("/spec/updateStrategy/type").asText()).isEqualTo("RollingUpdate");
        assertThat(StreamsProperties.of(streams()).get("num.standby.replicas")).hasToString("1");
        assertThat(streams().partitions())
                .isGreaterThanOrEqualTo(streams.at("/spec/replicas").asInt());
        assertThat(manifest("PodDisruptionBudget", "streams-app")
                        .at("/spec/maxUnavailable")
                        .asInt())
                .isEqualTo(1);

        JsonNode trainer = manifest("Deployment", "trainer");
        assertThat(trainer.at("/spec/replicas").asInt()).isEqualTo(1);
        assertThat(trainer.at("/spec/strategy/type").asText()).isEqualTo("Recreate");
    }

    @Test
    void shouldPredictAndLearnTheSameTargets() {
        StreamsAppSettings streams = streams();
        TrainerSettings trainer = TrainerSettings.read(KUBERNETES.resolve("config/trainer.yaml"), Map.of());

        assertThat(trainer.kinds().targets().stream().map(Target::name))
                .isNotEmpty()
                .containsExactlyElementsOf(
                        streams.kinds().targets().stream().map(Target::name).toList());
        assertThat(trainer.kinds().targets()).isEqualTo(streams.kinds().targets());
        assertThat(trainer.kafka()).isEqualTo(streams.kafka());
        assertThat(trainer.registry()).isEqualTo(streams.registry());
    }

    /** Who follows the README makes everything that the manifests name and do not make themselves. */
    @Test
    void shouldTellOfEverySecretAndConfigMapThatAPersonMustMake() throws IOException {
        String readme = Files.readString(KUBERNETES.resolve("README.md"));
        Set<String> generated = StreamSupport.stream(
                        YAML.readTree(KUBERNETES.resolve("kustomization.yaml").toFile())
                                .path("configMapGenerator")
                                .spliterator(),
                        false)
                .map(each -> each.path("name").asText())
                .collect(Collectors.toSet());
        assertThat(manifests.stream()
                        .flatMap(manifest -> Stream.concat(
                                manifest.findValuesAsText("secretName").stream(),
                                Stream.concat(
                                                manifest.findValues("configMap").stream(),
                                                manifest.findValues("secretRef").stream())
                                        .map(each -> each.path("name").asText())))
                        .filter(name -> !generated.contains(name))
                        .collect(Collectors.toSet()))
                .hasSizeGreaterThanOrEqualTo(3)
                .allSatisfy(name -> assertThat(readme).contains(" " + name + " --from"));
    }

    private static StreamsAppSettings streams() {
        return StreamsAppSettings.read(KUBERNETES.resolve("config/streams-app.yaml"), Map.of());
    }

    private static Schema schema(JsonNode manifest) {
        String type = manifest.path("apiVersion").asText()
                + ' '
                + manifest.path("kind").asText();
        return Objects.requireNonNull(SCHEMAS.get(type), () -> "no schema of " + type + " in " + name(manifest));
    }

    private static List<JsonNode> workloads() {
        return manifests.stream()
                .filter(each -> each.at("/spec/template").isObject())
                .toList();
    }

    private static JsonNode manifest(String kind, String name) {
        return manifests.stream()
                .filter(each -> each.path("kind").asText().equals(kind)
                        && each.at("/metadata/name").asText().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static JsonNode container(JsonNode manifest) {
        return manifest.at("/spec/template/spec/containers/0");
    }

    private static String name(JsonNode manifest) {
        return manifest.path("kind").asText()
                + ' '
                + manifest.at("/metadata/name").asText();
    }

    private static List<String> texts(JsonNode list, String pointer) {
        return StreamSupport.stream(list.spliterator(), false)
                .map(each -> each.at(pointer).asText())
                .toList();
    }
}
