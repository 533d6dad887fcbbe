package io.livepredict.deploy.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import ai.onnx.proto.OnnxMl.ModelProto;
import io.livepredict.avro.LabelledExample;
import io.livepredict.avro.TargetLabel;
import io.livepredict.contract.DenseFeature;
import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.FeatureVector;
import io.livepredict.contract.Kind;
import io.livepredict.contract.Topic;
import io.livepredict.deploy.local.Ports;
import io.livepredict.serde.RegistryUnavailableException;
import io.livepredict.streams.wiring.StreamsApp;
import io.livepredict.topics.TopicReader;
import io.livepredict.trainer.cli.Main;
import io.livepredict.trainer.publish.ModelOperator;
import io.livepredict.trainer.wiring.OperatorTools;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file that this project did not make is imported, promoted and served, with the commands a user has. */
class ImportedModelIT {
    /** PyTorch's: ten inputs, eight outputs; see README.md beside it. */
    private static final Path MODEL =
            Path.of("../../trainer/src/test/resources/io/livepredict/trainer/imports/linear-no-bias.onnx");

    private static final int INPUTS = 10;
    private static final int COLUMN = 5;

    @TempDir
    Path directory;

    @Test
    void shouldServeAModelThatSomeoneElseMade() throws Exception {
        try (Installation installation =
                        new Installation(directory, "imported", Installation.AS_RECORDED, SimulatedMeaning.yaml());
                StreamsApp app = StreamsApp.start(installation.streams())) {
            long start = System.currentTimeMillis() - 400_000;
            send(installation, start, 90);
            await().atMost(Installation.PATIENCE)
                    .until(() -> examples(installation).size() > 100);

            FeatureSchema schema = installation.streams().schema(Kind.VIEWER);
            List<String> features = schema.dense().stream()
                    .map(DenseFeature::name)
                    .limit(INPUTS)
                    .toList();
            Path list = Files.write(directory.resolve("features.txt"), features);
            String target = installation.streams().kinds().targets().stream()
                    .filter(t -> t.kind() == Kind.VIEWER && t.isBinary())
                    .findFirst()
                    .orElseThrow()
                    .name();
            String config = installation.trainerConfig().toString();
            assertExamplesCanBeTakenOutAndStudied(config, features, target);
            // Not a report in which every record is unreadable, after as many times as it is tried.
            assertThatThrownBy(installation::reportWithoutRegistry)
                    .isInstanceOf(RegistryUnavailableException.class)
                    .hasMessageContaining("does not answer");
            assertThat(Main.run(
                            "models",
                            "import",
                            "viewer",
                            MODEL.toString(),
                            "--input",
                            "0=@" + list,
                            "--output",
                            target + "=3:" + COLUMN,
                            "--logits",
                            "--config",
                            config))
                    .isZero();

            ModelOperator.Listed imported = listed(installation);
            assertThat(imported.manifest().orElseThrow().family()).isEqualTo("imported");
            assertThat(imported.served()).as("served before it is promoted").isFalse();
            long version = imported.version();
            assertThat(Main.run("models", "promote", "viewer", Long.toString(version), "--config", config))
                    .isZero();
            await().atMost(Installation.PATIENCE)
                    .until(() -> app.activeVersions().getOrDefault(Kind.VIEWER, 0L) == version);

            send(installation, start + 90_000, 90);
            List<LabelledExample> scored = new ArrayList<>();
            await().atMost(Installation.PATIENCE).until(() -> {
                scored.clear();
                examples(installation).stream()
                        .filter(example -> example.getModelVersion() == version)
                        .forEach(scored::add);
                return scored.stream().anyMatch(example -> label(example, target) != null);
            });
            assertScoredByTheLayer(scored, schema, target);
        }
    }

    /** What was labelled so far, as a file and straight from the topic. */
    private void assertExamplesCanBeTakenOutAndStudied(String config, List<String> features, String target)
            throws Exception {
        Path csv = directory.resolve("examples.csv");
        assertThat(Main.run("examples", "export", csv.toString(), "--kind", "viewer", "--config", config))
                .isZero();
        List<String> lines = Files.readAllLines(csv);
        assertThat(lines).hasSizeGreaterThan(100);
        assertThat(lines.get(0).split(","))
                .startsWith("entity_id", "context_id", "event_id", "as_of", "horizon_ms")
                .containsAll(features)
                .contains("label." + target, "served." + target)
                .endsWith("model_version");
        assertThatWithoutARegistryAnExportEnds(config);
        Path plot = directory.resolve("study.svg");
        assertThat(Main.run(
                        "evaluate",
                        "--kind",
                        "viewer",
                        "--config",
                        config,
                        "--label",
                        target,
                        "--families",
                        "logistic",
                        "--plot",
                        plot.toString()))
                .isZero();
        assertThat(plot).content().startsWith("<svg").contains("<polyline", "topic, prequential");
    }

    private void assertThatWithoutARegistryAnExportEnds(String config) throws Exception {
        Path without = directory.resolve("no-registry.yaml");
        String asked = Files.readString(Path.of(config));
        Files.writeString(
                without,
                asked.replace(Servers.shared().registry(), "http://127.0.0.1:" + Ports.free() + "\", retry-for: \"1s"));
        assertThat(Files.readString(without)).isNotEqualTo(asked);
        Process export = Programs.trainer(
                        "examples",
                        "export",
                        directory.resolve("none.csv").toString(),
                        "--kind",
                        "viewer",
                        "--config",
                        without.toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(export.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(export.waitFor()).as(said).isEqualTo(1);
        assertThat(said.lines().filter(line -> line.startsWith("trainer: ")))
                .as(said)
                .singleElement()
                .asString()
                .contains("does not answer", "registry.url");
    }

    private static void send(Installation installation, long start, int seconds) {
        SimulatedMeaning.events(
                        6, start, seconds, 200, installation.streams().kinds().targets())
                .forEach(installation::send);
        installation.flush();
    }

    private static List<LabelledExample> examples(Installation installation) {
        List<LabelledExample> examples = new ArrayList<>();
        Topic<String, LabelledExample> topic = installation.topics().labelledExamples(Kind.VIEWER);
        TopicReader.readToEnd(installation.client(), topic, (key, example) -> {
            if (example != null) {
                examples.add(example);
            }
        });
        return examples;
    }

    private static ModelOperator.Listed listed(Installation installation) {
        try (OperatorTools tools = OperatorTools.open(installation.trainer())) {
            List<ModelOperator.Listed> all = tools.models().list("viewer");
            assertThat(all).hasSize(1);
            return all.get(0);
        }
    }

    private static @Nullable TargetLabel label(LabelledExample example, String target) {
        return example.getLabels().stream()
                .filter(label -> label.getTarget().equals(target))
                .findFirst()
                .orElse(null);
    }

    /** The weights are read from the file and multiplied here, without any runtime. */
    private static void assertScoredByTheLayer(List<LabelledExample> scored, FeatureSchema schema, String target)
            throws Exception {
        FloatBuffer weights = ModelProto.parseFrom(Files.readAllBytes(MODEL))
                .getGraph()
                .getInitializer(0)
                .getRawData()
                .asReadOnlyByteBuffer()
                .order(ByteOrder.LITTLE_ENDIAN)
                .asFloatBuffer();
        FeatureVector vector = new FeatureVector(schema);
        int different = 0;
        for (LabelledExample example : scored) {
            FeatureVector.read(example.getDense(), vector.dense);
            double logit = 0;
            for (int i = 0; i < INPUTS; i++) {
                logit += weights.get(COLUMN * INPUTS + i) * vector.dense[i];
            }
            for (TargetLabel label : example.getLabels()) {
                if (label.getTarget().equals(target)) {
                    assertThat(label.getServedScore()).isCloseTo(1 / (1 + Math.exp(-logit)), within(1e-4));
                    different += logit == 0 ? 0 : 1;
                }
            }
        }
        assertThat(different).isPositive();
    }
}
