package io.livepredict.trainer.imports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.onnx.proto.OnnxMl;
import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import io.livepredict.contract.DenseFeature;
import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.Kind;
import io.livepredict.contract.KindDefinition;
import io.livepredict.contract.ModelManifest;
import io.livepredict.contract.Namespace;
import io.livepredict.contract.Scale;
import io.livepredict.contract.Target;
import io.livepredict.contract.TargetBuilder;
import io.livepredict.model.ModelPacker;
import io.livepredict.model.ModelSigner;
import io.livepredict.model.ModelVerifier;
import io.livepredict.model.SigningKey;
import io.livepredict.model.TrustedKeys;
import io.livepredict.settings.TargetSettings;
import io.livepredict.trainer.family.ExampleBatch;
import io.livepredict.trainer.imports.ModelImport.Checked;
import io.livepredict.trainer.ort.OrtRuntime;
import io.livepredict.trainer.publish.ModelOperator.RefusedOperationException;
import io.livepredict.trainer.publish.ModelsView;
import io.livepredict.trainer.publish.Published;
import io.livepredict.trainer.publish.RetentionPolicy;
import io.livepredict.trainer.publish.RuntimeModelRunner;
import io.livepredict.trainer.publish.VersionLedger;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A linear layer of ten inputs and eight outputs, written by PyTorch's exporter for four rows, see README.md beside it. */
class ModelImportTest {
    private static final int COLUMNS = 10;
    private static final Target SPENT = target("spent", Target.Outcome.SUM_OF);
    private static final Target LEAVES = target("leaves", Target.Outcome.ANY_OF);
    private static final ImportMapping SPENT_FROM_2 = new ImportMapping(Map.of(), Map.of("spent", "3:2"), false);

    private final ModelImport imports = new ModelImport(new RuntimeModelRunner(new OrtRuntime()), 4);

    private static Target target(String name, Target.Outcome outcome) {
        Target any = TargetSettings.builder(name, Kind.VIEWER, Duration.ofSeconds(30))
                .anyOf(List.of("GIFT"))
                .build()
                .target(KindDefinition.defaults(Kind.VIEWER));
        return outcome == Target.Outcome.ANY_OF
                ? any
                : TargetBuilder.builder(any).outcome(outcome).number("value").build();
    }

    private static byte[] resource(String name) {
        try (InputStream in = Objects.requireNonNull(ModelImportTest.class.getResourceAsStream(name), name)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static byte[] model() {
        return resource("linear-no-bias.onnx");
    }

    private static float[] tensor(String name) throws IOException {
        FloatBuffer values = TensorProto.parseFrom(resource(name))
                .getRawData()
                .asReadOnlyByteBuffer()
                .order(ByteOrder.LITTLE_ENDIAN)
                .asFloatBuffer();
        float[] floats = new float[values.remaining()];
        values.get(floats);
        return floats;
    }

    /** f0, f1, … in that order. */
    private static FeatureSchema schema(int dense) {
        return new FeatureSchema(
                Kind.VIEWER,
                IntStream.range(0, dense)
                        .mapToObj(i -> new DenseFeature("f" + i, "words", Scale.PLAIN, "def" + i))
                        .toList(),
                List.of("CHAT", "GIFT"),
                0,
                "",
                List.of());
    }

    /** The rows that come with the model, column c of it in the feature with that place. */
    private static ExampleBatch rows(FeatureSchema schema, int... places) throws IOException {
        float[] input = tensor("linear-no-bias.input.pb");
        ExampleBatch rows = new ExampleBatch(16, schema.dense().size(), 0, 0, 2);
        rows.size = input.length / COLUMNS;
        for (int r = 0; r < rows.size; r++) {
            for (int c = 0; c < COLUMNS; c++) {
                rows.dense[r * rows.denseWidth + places[c]] = input[r * COLUMNS + c];
            }
        }
        return rows;
    }

    private static int[] inOrder() {
        return IntStream.range(0, COLUMNS).toArray();
    }

    private Checked check(byte[] file, ImportMapping mapping) throws IOException {
        return imports.check(
                ModelFile.of(file), mapping, schema(COLUMNS), List.of(SPENT, LEAVES), rows(schema(COLUMNS), inOrder()));
    }

    /** Changes the model's graph. */
    private static byte[] changed(Consumer<GraphProto.Builder> change) throws IOException {
        ModelProto.Builder model = ModelProto.parseFrom(model()).toBuilder();
        change.accept(model.getGraphBuilder());
        return model.build().toByteArray();
    }

    private void refused(byte[] file, ImportMapping mapping, String... words) {
        assertThatThrownBy(() -> check(file, mapping))
                .isInstanceOf(RefusedOperationException.class)
                .satisfies(e -> assertThat(e.getMessage()).contains(words).doesNotContain("\n"));
    }

    private static ImportMapping outputs(Map<String, String> outputs) {
        return new ImportMapping(Map.of(), outputs, false);
    }

    @Test
    void shouldScoreWhatItsMakerSaysItScores() throws IOException {
        float[] output = tensor("linear-no-bias.output.pb");
        Checked checked = check(model(), new ImportMapping(Map.of(), Map.of("spent", "3:2", "leaves", "3:7"), true));
        assertThat(checked.newest().rows().size).isEqualTo(4);
        for (int r = 0; r < 4; r++) {
            assertThat(checked.newest().scores()[r * 2]).isCloseTo(output[r * 8 + 2], within(1e-5f));
            double logit = output[r * 8 + 7];
            assertThat(checked.newest().scores()[r * 2 + 1])
                    .isCloseTo((float) (1 / (1 + Math.exp(-logit))), within(1e-5f));
        }
        ModelManifest manifest =
                checked.version(7, Instant.EPOCH, "commit", "hash").manifest();
        assertThat(manifest.family()).isEqualTo("imported");
        assertThat(manifest.version()).isEqualTo(7);
        assertThat(manifest.dense()).hasSize(COLUMNS);
        assertThat(manifest.targets().stream().map(ModelManifest.Head::name)).containsExactly("spent", "leaves");
        assertThat(manifest.golden()).hasSize(4);
    }

    @Test
    void shouldTakeTheFeaturesItIsGivenByNameWhereverTheyAre() throws IOException {
        FeatureSchema wide = schema(23);
        int[] places = {22, 3, 5, 0, 19, 7, 8, 13, 11, 2};
        List<String> names = IntStream.of(places).mapToObj(p -> "f" + p).toList();
        Checked checked = imports.check(
                ModelFile.of(model()),
                new ImportMapping(Map.of("0", names), Map.of("spent", "3:2"), false),
                wide,
                List.of(SPENT),
                rows(wide, places));
        float[] output = tensor("linear-no-bias.output.pb");
        for (int r = 0; r < 4; r++) {
            assertThat(checked.newest().scores()[r]).isCloseTo(output[r * 8 + 2], within(1e-5f));
        }
        assertThat(checked.schema().dense().stream().map(DenseFeature::name)).isEqualTo(names);
    }

    @Test
    void shouldKeepApartWhatItsNestedGraphsNameAndServeTwoInputs() throws IOException {
        // scores = the layer's output where a constant condition holds, plus a second input's only column.
        byte[] branching = changed(graph -> {
            graph.addInitializer(TensorProto.newBuilder()
                    .setName("dense") // the contract's own name
                    .setDataType(TensorProto.DataType.BOOL.getNumber())
                    .addInt32Data(1));
            ValueInfoProto result =
                    graph.getOutput(0).toBuilder().setName("scores").build();
            GraphProto branch = GraphProto.newBuilder()
                    .setName("branch")
                    .addNode(NodeProto.newBuilder()
                            .setOpType("Identity")
                            .addInput("3")
                            .addOutput("scores"))
                    .addOutput(result)
                    .build();
            NodeProto.Builder either =
                    NodeProto.newBuilder().setOpType("If").addInput("dense").addOutput("either");
            for (String side : List.of("then_branch", "else_branch")) {
                either.addAttribute(AttributeProto.newBuilder()
                        .setName(side)
                        .setType(AttributeProto.AttributeType.GRAPH)
                        .setG(branch));
            }
            ValueInfoProto.Builder second = graph.getInput(0).toBuilder().setName("second");
            second.getTypeBuilder()
                    .getTensorTypeBuilder()
                    .getShapeBuilder()
                    .getDimBuilder(1)
                    .setDimValue(1);
            graph.addInput(second)
                    .addNode(either)
                    .addNode(NodeProto.newBuilder()
                            .setOpType("Sum")
                            .addInput("either")
                            .addInput("second")
                            .addOutput("sum"))
                    .setOutput(0, graph.getOutput(0).toBuilder().setName("sum"));
        });
        byte[] newer = ModelProto.parseFrom(branching).toBuilder()
                .setOpsetImport(0, OnnxMl.OperatorSetIdProto.newBuilder().setVersion(13))
                .build()
                .toByteArray();
        List<String> all =
                schema(COLUMNS).dense().stream().map(DenseFeature::name).toList();
        Checked checked = check(
                newer, new ImportMapping(Map.of("0", all, "second", List.of("f4")), Map.of("spent", "sum:2"), false));
        float[] input = tensor("linear-no-bias.input.pb");
        float[] output = tensor("linear-no-bias.output.pb");
        for (int r = 0; r < 4; r++) {
            assertThat(checked.newest().scores()[r])
                    .isCloseTo(output[r * 8 + 2] + input[r * COLUMNS + 4], within(1e-5f));
        }
    }

    @Test
    void shouldRefuseInOneLineWhatIsNoModelThatCanBeServed() throws IOException {
        refused("no model".getBytes(StandardCharsets.UTF_8), SPENT_FROM_2, "not an ONNX model");
        refused(new byte[0], SPENT_FROM_2, "not an ONNX model", "no graph");
        refused(
                changed(graph -> graph.getInitializerBuilder(0)
                        .setDataLocation(TensorProto.DataLocation.EXTERNAL)
                        .clearRawData()),
                SPENT_FROM_2,
                "EXTERNAL_DATA",
                "another file");
        refused(
                changed(graph -> graph.getNodeBuilder(1).setDomain("com.microsoft")),
                SPENT_FROM_2,
                "NON_STANDARD_OPERATOR",
                "MatMul",
                "com.microsoft");
        refused(resource("linear.onnx"), SPENT_FROM_2, "ONNX Runtime does not run the model", "Gemm");
    }

    @Test
    void shouldRefuseInOneLineWhatDoesNotFitIn() throws IOException {
        refused(
                model(),
                new ImportMapping(Map.of("0", List.of("f1", "f2")), Map.of("spent", "3:2"), false),
                "'0' takes 10 columns",
                "2 features");
        refused(
                model(),
                new ImportMapping(Map.of("0", List.of("f1", "count.SNEEZE")), Map.of("spent", "3:2"), false),
                "no dense feature 'count.SNEEZE'");
        refused(
                model(),
                new ImportMapping(Map.of("x", List.of("f1")), Map.of("spent", "3:2"), false),
                "no input 'x'",
                "'0'");
        refused(model(), outputs(Map.of("sneezes", "3:2")), "no target 'sneezes'", "spent, leaves");
        refused(model(), outputs(Map.of("spent", "y")), "no output 'y'", "'3'");
        refused(model(), outputs(Map.of("spent", "3")), "[4, 8]", "which column");
        refused(model(), outputs(Map.of("spent", "3:8")), "8 columns", "column 8");
        refused(model(), outputs(Map.of()), "which output predicts which target");
    }

    @Test
    void shouldRefuseInOneLineWhatItsGoldenRowsShow() throws IOException {
        refused(model(), outputs(Map.of("leaves", "3:2")), "must be a probability", "--logits");
        refused(
                changed(graph -> graph.getInitializerBuilder(0)
                        .setRawData(ByteString.copyFrom(
                                repeated(graph.getInitializer(0).getRawData().size())))),
                SPENT_FROM_2,
                "4 of 4 rows",
                "f0 = ",
                "finite");
        // Made for four rows and no other number.
        refused(
                changed(graph -> graph.addInitializer(TensorProto.newBuilder()
                                .setName("shape")
                                .setDataType(TensorProto.DataType.INT64.getNumber())
                                .addDims(2)
                                .addInt64Data(4)
                                .addInt64Data(8))
                        .addNode(NodeProto.newBuilder()
                                .setOpType("Reshape")
                                .addInput("3")
                                .addInput("shape")
                                .addOutput("4"))
                        .setOutput(0, graph.getOutput(0).toBuilder().setName("4"))),
                outputs(Map.of("spent", "4:2")),
                "on 1 rows");
        assertThatThrownBy(() -> {
                    ExampleBatch none = rows(schema(COLUMNS), inOrder());
                    none.size = 1;
                    imports.check(ModelFile.of(model()), SPENT_FROM_2, schema(COLUMNS), List.of(SPENT), none);
                })
                .isInstanceOf(RefusedOperationException.class)
                .hasMessageContaining("1 different labelled examples");
    }

    /** 0xff all over: NaN, as float32. */
    private static byte[] repeated(int size) {
        byte[] bytes = new byte[size];
        Arrays.fill(bytes, (byte) 0xff);
        return bytes;
    }

    @Test
    void shouldNotBeDroppedForVersionsThatComeAfterIt() throws IOException {
        SigningKey key = SigningKey.generate();
        ModelVerifier verifier = new ModelVerifier(Namespace.defaults(), TrustedKeys.of(List.of(key.publicKey())));
        ModelsView view = new ModelsView("viewer", verifier, new VersionLedger(), Clock.systemUTC());
        Checked checked = check(model(), SPENT_FROM_2);
        RetentionPolicy two = new RetentionPolicy(2, Duration.ZERO, Duration.ZERO, Duration.ZERO);
        List<String> dropped = new ArrayList<>();
        for (long version = 1; version <= 10; version++) {
            // The first is an import that nobody signed whose word counts here.
            SigningKey signer = version == 1 ? SigningKey.generate() : key;
            Published next = checked.version(version, Instant.EPOCH, "commit", "hash");
            dropped.addAll(view.dropped(two, next.manifest()));
            ModelPacker.pack(next.manifest(), next.onnx(), new ModelSigner(Namespace.defaults(), signer))
                    .forEach(entry -> view.accept(entry.key(), entry.value()));
            dropped.stream().filter(name -> !name.endsWith("/0")).forEach(name -> view.accept(name, null));
        }
        // The newest three stay, beside the newest two.
        assertThat(view.versions()).containsExactly(7L, 8L, 9L, 10L);
        assertThat(dropped).contains("viewer/2", "viewer/2/0", "viewer/6", "viewer/6/0");
        assertThat(view.importedModels())
                .extracting(import_ -> import_.manifest().version())
                .containsExactly(8L, 9L, 10L);
        assertThat(view.importedModels().get(0).onnx()).isEqualTo(checked.onnx());
    }
}
