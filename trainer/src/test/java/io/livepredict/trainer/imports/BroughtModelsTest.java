package io.livepredict.trainer.imports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.livepredict.contract.DenseFeature;
import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.IdFeature;
import io.livepredict.contract.Target;
import io.livepredict.trainer.family.ExampleBatch;
import io.livepredict.trainer.publish.ModelOperator.RefusedOperationException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Small files of what people bring, each with its own twist, tried in a process of its own as the command does. */
class BroughtModelsTest {
    private static final Target LEAVES = Imports.target("leaves", true);
    private static final FeatureSchema ONE = Imports.schema("a");
    private static final FeatureSchema TWO = Imports.schema("a", "b");

    @SuppressWarnings("NullAway.Init")
    private static ChildModelRunner child;

    @BeforeAll
    static void start() {
        child = Imports.child(Duration.ofSeconds(60), 2_048);
    }

    @AfterAll
    static void stop() {
        child.close();
    }

    private static ModelImport.Checked check(
            ChildModelRunner runner, String name, FeatureSchema schema, ImportMapping mapping) {
        try {
            return new ModelImport(runner, 8)
                    .check(
                            ModelFile.read(Imports.file("cases/" + name)),
                            mapping,
                            schema,
                            List.of(LEAVES),
                            Imports.rows(schema, 1_100));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static void taken(
            String name, FeatureSchema schema, ImportMapping mapping, ToDoubleFunction<float[]> expected) {
        ModelImport.Checked checked = check(child, name, schema, mapping);
        ExampleBatch golden = checked.newest().rows();
        for (int r = 0; r < golden.size; r++) {
            float[] row = Arrays.copyOfRange(golden.dense, r * golden.denseWidth, (r + 1) * golden.denseWidth);
            assertThat((double) checked.newest().scores()[r])
                    .as(name)
                    .isCloseTo(expected.applyAsDouble(row), within(1e-5));
        }
    }

    private static void refused(String name, FeatureSchema schema, ImportMapping mapping, String... words) {
        assertThatThrownBy(() -> check(child, name, schema, mapping))
                .as(name)
                .isInstanceOf(RefusedOperationException.class)
                .satisfies(e -> assertThat(e.getMessage()).contains(words).doesNotContain("\n"));
    }

    private static ImportMapping from(String output) {
        return new ImportMapping(Map.of(), Map.of("leaves", output), false);
    }

    private static double sigmoid(double logit) {
        return 1 / (1 + Math.exp(-logit));
    }

    @Test
    void shouldTakeWhatOtherToolsWriteWithoutAnyOptions() {
        taken("trees-ml-domain-only.onnx", TWO, Imports.NOTHING_SAID, row -> row[0] <= 1.5 ? 0.2 : 0.7);
        taken("logistic-no-zipmap.onnx", TWO, Imports.NOTHING_SAID, row -> sigmoid(0.2 * row[0] - 0.4 * row[1] + 0.6));
        taken("logistic-zipmap.onnx", TWO, Imports.NOTHING_SAID, row -> sigmoid(0.2 * row[0] - 0.4 * row[1] + 0.6));
        taken("external.onnx", TWO, Imports.NOTHING_SAID, row -> sigmoid(0.25 * row[0] + 0.125 * row[1]));
        taken("opset-twice.onnx", ONE, Imports.NOTHING_SAID, row -> sigmoid(row[0]));
        taken("if-branch.onnx", ONE, Imports.NOTHING_SAID, row -> sigmoid(row[0]));
        taken("loop-of-three.onnx", ONE, Imports.NOTHING_SAID, row -> sigmoid(row[0] / 8));
        taken(
                "scan-of-columns.onnx",
                TWO,
                Imports.NOTHING_SAID,
                row -> sigmoid(Math.max(row[0], row[1]) + row[0] + row[1]));
    }

    @Test
    void shouldTakeAColumnByNumberAndByClassAndALabelByItsClass() {
        taken("logistic-zipmap.onnx", TWO, from(":0"), row -> sigmoid(-0.2 * row[0] + 0.4 * row[1] - 0.6));
        taken(
                "logistic-zipmap.onnx",
                TWO,
                from("output_probability:1"),
                row -> sigmoid(0.2 * row[0] - 0.4 * row[1] + 0.6));
        taken("logistic-zipmap.onnx", TWO, from("label:1"), row -> 0.2 * row[0] - 0.4 * row[1] + 0.6 > 0 ? 1 : 0);
        refused("logistic-zipmap.onnx", TWO, from("output_probability:2"), "2 columns", "column 2");
        refused(
                "logistic-zipmap.onnx",
                TWO,
                from("probs"),
                "no output 'probs'",
                "'output_probability' (probabilities",
                "0, 1");
    }

    @Test
    void shouldCastWhatAnInputTakesAndSayWhatThatCosts() {
        taken("int64-input.onnx", TWO, Imports.NOTHING_SAID, row -> sigmoid(0.1 * (long) row[0] - 0.1 * (long) row[1]));
        assertThat(check(child, "int64-input.onnx", TWO, Imports.NOTHING_SAID).notes())
                .anySatisfy(note -> assertThat(note).contains("b has fractions", "whole numbers"))
                .noneSatisfy(note -> assertThat(note).contains("a has fractions"));
    }

    @Test
    void shouldTryMoreRowsThanAFewAndSayWhichOneFails() {
        refused(
                "log-of-a-feature.onnx",
                ONE,
                Imports.NOTHING_SAID,
                "of 1100 rows score what is not finite",
                "NaN",
                "a = 0");
    }

    @Test
    void shouldSeeThatRowsAreNotScoredByThemselvesHoweverTheyAreSquashed() {
        refused("rows-see-each-other.onnx", TWO, from("sim:0"), "each row must be scored by itself");
        refused(
                "five-rows-see-each-other.onnx",
                Imports.schema("a", "b", "c", "d"),
                Imports.NOTHING_SAID,
                "among the 5 rows that the model was exported for",
                "each row must be scored by itself");
        refused("depends-on-batch-size.onnx", TWO, Imports.NOTHING_SAID, "each row must be scored by itself");
        refused("one-scale-a-batch.onnx", TWO, Imports.NOTHING_SAID, "by itself", "quantize_static");
    }

    @Test
    void shouldRefuseRowsThatAreNoRows() {
        refused("rank3-input.onnx", ONE, Imports.NOTHING_SAID, "[N, T, 1]", "[rows, 1]");
    }

    @Test
    void shouldEndWhatNeverEndsAndWhatTakesTooMuchAndGoOnWithTheNext() {
        try (ChildModelRunner limited = Imports.child(Duration.ofSeconds(12), 512)) {
            assertThatThrownBy(() -> check(limited, "loop-without-end.onnx", ONE, Imports.NOTHING_SAID))
                    .isInstanceOf(RefusedOperationException.class)
                    .hasMessageContaining("did not end within 12 s");
            assertThatThrownBy(() -> check(limited, "huge-expand.onnx", ONE, Imports.NOTHING_SAID))
                    .isInstanceOf(RefusedOperationException.class)
                    .hasMessageContaining("ONNX Runtime does not run the model");
            assertThat(check(limited, "opset-twice.onnx", ONE, Imports.NOTHING_SAID)
                            .heads())
                    .containsExactly(LEAVES);
        }
    }

    @Test
    void shouldReadWeightsFromNowhereButTheModelsOwnFolder(@TempDir Path folder) throws IOException {
        Path own = Files.createDirectory(folder.resolve("own"));
        Path model = Files.copy(Imports.file("cases/external.onnx"), own.resolve("external.onnx"));
        assertRefusedFile(model, "external.onnx.data", "beside the model", "external_data=False");
        Path elsewhere = Files.copy(Imports.file("cases/external.onnx.data"), folder.resolve("external.onnx.data"));
        Files.createSymbolicLink(own.resolve("external.onnx.data"), elsewhere);
        assertRefusedFile(model, "not in the model's folder");
        Files.delete(own.resolve("external.onnx.data"));
        Files.write(own.resolve("external.onnx.data"), new byte[7]);
        assertRefusedFile(model, "has 7 bytes");
        Files.write(
                model,
                new String(Files.readAllBytes(model), StandardCharsets.ISO_8859_1)
                        .replace("external.onnx.data", "../ternal.onnx.dat")
                        .getBytes(StandardCharsets.ISO_8859_1));
        assertRefusedFile(model, "not in the model's folder");
    }

    private static void assertRefusedFile(Path model, String... words) {
        assertThatThrownBy(() -> ModelFile.read(model))
                .isInstanceOf(RefusedOperationException.class)
                .satisfies(e ->
                        assertThat(e.getMessage()).contains("EXTERNAL_DATA").contains(words));
    }

    @Test
    void shouldSayAllThatIsInTheWayAtOnce() {
        ImportMapping wrong =
                new ImportMapping(Map.of("x", List.of("a", "sneezes")), Map.of("leaves", "q", "stays", "p"), false);
        refused(
                "int64-input.onnx",
                TWO,
                wrong,
                "3 things are in the way",
                "'sneezes'",
                "no output 'q'",
                "no target 'stays'");
        assertThat(TWO.dense()).extracting(DenseFeature::name).doesNotContain("sneezes");
        assertThat(TWO.ids()).extracting(IdFeature::name).doesNotContain("sneezes");
    }
}
