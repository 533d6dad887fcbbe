package io.livepredict.deploy.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.onnx.proto.OnnxMl;
import com.fasterxml.jackson.databind.JsonNode;
import io.livepredict.contract.CanonicalEventBuilder;
import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.Kind;
import io.livepredict.contract.ModelManifest;
import io.livepredict.contract.ModelManifestBuilder;
import io.livepredict.contract.ModelPointer;
import io.livepredict.contract.OnnxContract;
import io.livepredict.contract.Target;
import io.livepredict.model.ModelPacker;
import io.livepredict.streams.metrics.Metric;
import io.livepredict.streams.wiring.StreamsApp;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model that fails on one row of a batch: that row goes to the dead letters, and nobody else notices. */
class FailingRowIT {
    private static final String MEANING = """
            kinds: {viewer: {numbers: {gift_value: [last]}}}
            targets: [{name: leave-30s, kind: viewer, any-of: [LEAVE], within: 30s}]
            """;

    /** The model looks a gift's value up in a table of so many places; ONNX Runtime fails beyond its end. */
    private static final int PLACES = 100;

    private static final int VIEWERS = 40;

    @TempDir
    Path directory;

    @Test
    void shouldDeadLetterTheOneRowThatFailsScoreTheOthersAndGoOnWithTheSameThread() throws Exception {
        try (Installation installation = new Installation(directory, "failing-row", Installation.AS_RECORDED, MEANING);
                DistinctModels.Publisher publisher = new DistinctModels.Publisher(installation)) {
            publisher.publish(model(installation));
            // What was there before the app comes in large batches.
            send(installation, "first", 1e6);
            try (StreamsApp app = StreamsApp.start(installation.streams())) {
                assertThat(app.activeVersions()).containsEntry(Kind.VIEWER, 1L);
                await().atMost(Installation.PATIENCE).until(installation::isAllScored);
                send(installation, "second", 7);
                await().atMost(Installation.PATIENCE).until(installation::isAllScored);

                JsonNode report = installation.report(app);
                assertThat(report.at("/events/dead_lettered/SCORING_FAILED").asInt())
                        .isEqualTo(1);
                assertThat(report.at("/events/dead_lettered")).hasSize(1);
                assertThat(report.at("/predictions").asInt()).isEqualTo(2 * VIEWERS - 1);
                WholeLoopIT.assertExact(report);
                assertThat(app.metrics().sum(Metric.BATCH_ROWS)).as("batches").isLessThan(2 * VIEWERS);
                assertThat(app.metrics().sum(Metric.THREADS_REPLACED)).isZero();
                assertThat(app.isReady()).isTrue();
            }
        }
    }

    /** A gift from each viewer; that of one has the given value. */
    private static void send(Installation installation, String what, double oneValue) {
        long now = System.currentTimeMillis();
        for (int i = 0; i < VIEWERS; i++) {
            String viewer = "viewer-" + i;
            double value = i == VIEWERS / 2 ? oneValue : i;
            installation.send(
                    installation.topics().events(Kind.VIEWER),
                    viewer,
                    CanonicalEventBuilder.builder()
                            .eventId(what + i)
                            .entityId(viewer)
                            .contextId("room")
                            .timeMillis(now)
                            .type("GIFT")
                            .numbers(Map.of("gift_value", value))
                            .attributes(Map.of())
                            .build());
        }
        installation.flush();
    }

    private static List<ModelPacker.Entry> model(Installation installation) {
        FeatureSchema schema = installation.streams().schema(Kind.VIEWER);
        Target target = installation.streams().kinds().targets().get(0);
        int gift = IntStream.range(0, schema.dense().size())
                .filter(i -> schema.dense().get(i).name().contains("gift_value"))
                .findFirst()
                .orElseThrow();
        int inputs = schema.dense().size();
        ModelManifest manifest = ModelManifestBuilder.builder()
                .format(ModelManifest.FORMAT)
                .name("viewer")
                .version(1)
                .parentVersion(0)
                .createdAt("2026-01-01T00:00:00Z")
                .family("lookup")
                .dense(schema.dense().stream()
                        .map(f -> new ModelManifest.Feature(f.name(), f.definition()))
                        .toList())
                .eventTypes(List.of())
                .sequenceLength(0)
                .sequenceDefinition("")
                .ids(List.of())
                .targets(List.of(new ModelManifest.Head(target.name(), target.definition())))
                .bytes(0)
                .chunks(0)
                .sha256("")
                .trainingOffsets(Map.of())
                .examples(0)
                .lastExampleEmittedAt(0)
                .metrics(Map.of())
                .gitCommit("test")
                .configurationHash("test")
                .golden(List.of(new ModelManifest.GoldenRow(
                        new float[inputs], new int[0], new float[0], new int[0], new float[] {0.25f})))
                .build();
        List<ModelPacker.Entry> entries =
                new ArrayList<>(ModelPacker.pack(manifest, onnx(inputs, gift), installation.signer()));
        entries.add(ModelPacker.pointer(
                new ModelPointer("viewer", 1, false, ModelPacker.manifestSha256(entries), "2026-01-01T00:00:00Z"),
                installation.signer()));
        return entries;
    }

    /** scores = table[int(dense[:, gift])]. */
    private static byte[] onnx(int inputs, int gift) {
        return OnnxMl.ModelProto.newBuilder()
                .setIrVersion(OnnxContract.IR_VERSION)
                .addOpsetImport(OnnxMl.OperatorSetIdProto.newBuilder().setVersion(OnnxContract.OPSET))
                .setGraph(OnnxMl.GraphProto.newBuilder()
                        .setName("lookup")
                        .addInput(tensor(OnnxContract.DENSE, inputs))
                        .addOutput(tensor(OnnxContract.SCORES, 1))
                        .addInitializer(OnnxMl.TensorProto.newBuilder()
                                .setName("column")
                                .setDataType(OnnxMl.TensorProto.DataType.INT64.getNumber())
                                .addDims(1)
                                .addInt64Data(gift))
                        .addInitializer(OnnxMl.TensorProto.newBuilder()
                                .setName("table")
                                .setDataType(OnnxMl.TensorProto.DataType.FLOAT.getNumber())
                                .addDims(PLACES)
                                .addAllFloatData(Collections.nCopies(PLACES, 0.25f)))
                        .addNode(node("Gather", "value", OnnxContract.DENSE, "column")
                                .addAttribute(number("axis", 1)))
                        .addNode(node("Cast", "place", "value")
                                .addAttribute(number("to", OnnxMl.TensorProto.DataType.INT64.getNumber())))
                        .addNode(node("Gather", OnnxContract.SCORES, "table", "place")))
                .build()
                .toByteArray();
    }

    private static OnnxMl.NodeProto.Builder node(String operator, String output, String... inputs) {
        return OnnxMl.NodeProto.newBuilder()
                .setOpType(operator)
                .addOutput(output)
                .addAllInput(List.of(inputs));
    }

    private static OnnxMl.AttributeProto.Builder number(String name, long value) {
        return OnnxMl.AttributeProto.newBuilder()
                .setName(name)
                .setType(OnnxMl.AttributeProto.AttributeType.INT)
                .setI(value);
    }

    private static OnnxMl.ValueInfoProto tensor(String name, int columns) {
        return OnnxMl.ValueInfoProto.newBuilder()
                .setName(name)
                .setType(OnnxMl.TypeProto.newBuilder()
                        .setTensorType(OnnxMl.TypeProto.Tensor.newBuilder()
                                .setElemType(OnnxMl.TensorProto.DataType.FLOAT.getNumber())
                                .setShape(OnnxMl.TensorShapeProto.newBuilder()
                                        .addDim(OnnxMl.TensorShapeProto.Dimension.newBuilder()
                                                .setDimParam("N"))
                                        .addDim(OnnxMl.TensorShapeProto.Dimension.newBuilder()
                                                .setDimValue(columns)))))
                .build();
    }
}
