package io.livepredict.trainer.imports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.Target;
import io.livepredict.trainer.family.ExampleBatch;
import io.livepredict.trainer.imports.ModelImport.Checked;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each recipe of docs/models.md, with the file that its tool writes and the scores that the tool gives. */
class ImportRecipesTest {
    private static final Target LEAVES = Imports.target("leaves", true);
    private static final FeatureSchema SCHEMA =
            Imports.schema("count.CHAT.5m", "seconds.since-join", "share.of-room", "gifts");

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

    /** Four values and the score for them. */
    private record Expected(float[] row, float score) {}

    private static List<Expected> expected(String model) throws IOException {
        try (Stream<String> lines = Files.lines(Imports.file("recipes/expected.csv"))) {
            return lines.map(line -> line.split(","))
                    .filter(cells -> cells[0].equals(model))
                    .map(cells -> new Expected(
                            new float[] {
                                Float.parseFloat(cells[1]),
                                Float.parseFloat(cells[2]),
                                Float.parseFloat(cells[3]),
                                Float.parseFloat(cells[4])
                            },
                            Float.parseFloat(cells[5])))
                    .toList();
        }
    }

    /** Rows that were seen, the last of them those whose scores are known. */
    private static ExampleBatch rows(List<Expected> expected) {
        ExampleBatch rows = Imports.rows(SCHEMA, 1_000 + expected.size());
        String[] countries = {"de", "us", "xx", "fr", "de"};
        for (int i = 0; i < expected.size(); i++) {
            System.arraycopy(expected.get(i).row(), 0, rows.dense, (1_000 + i) * 4, 4);
            rows.ids[(1_000 + i) * 3 + 1] = Imports.country(countries[i]);
        }
        return rows;
    }

    private static Checked imported(String model, ImportMapping mapping) throws IOException {
        List<Expected> expected = expected(model);
        assertThat(expected).hasSize(5);
        Checked checked = new ModelImport(child, 8)
                .check(
                        ModelFile.read(Imports.file("recipes/" + model + ".onnx")),
                        mapping,
                        SCHEMA,
                        List.of(LEAVES),
                        rows(expected));
        int first = checked.newest().rows().size - expected.size();
        List<Float> scores = new ArrayList<>();
        for (int i = 0; i < expected.size(); i++) {
            scores.add(checked.newest().scores()[first + i]);
        }
        for (int i = 0; i < expected.size(); i++) {
            float score = expected.get(i).score();
            assertThat(scores.get(i))
                    .as(model + " " + scores)
                    .isCloseTo(
                            mapping.logits() || model.equals("pytorch-old")
                                    ? (float) (1 / (1 + Math.exp(-score)))
                                    : score,
                            within(2e-5f));
        }
        return checked;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sklearn-logistic-zipmap",
                "sklearn-forest",
                "xgboost",
                "lightgbm",
                "catboost",
                "pytorch",
                "pytorch-external",
                "pytorch-fixed",
                "pytorch-old",
                "torch1-attention",
                "torch1-cross",
                "torch1-gru",
                "torch1-gru-one-row",
                "torch1-wide",
                "torch1-wide-five-rows",
                "keras",
                "keras-softmax"
            })
    void shouldTakeAWholeRowWithoutAnyOptions(String model) throws IOException {
        assertThat(imported(model, Imports.NOTHING_SAID).schema().dense()).hasSize(4);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "torch1-attention-one-row",
                "torch1-cross-five-rows",
                "torch1-gru-five-rows",
                "torch1-view-five-rows"
            })
    void shouldScoreRowByRowWhatHoldsFastToItsNumberOfRows(String model) throws IOException {
        assertThat(imported(model, Imports.NOTHING_SAID).notes())
                .anySatisfy(note -> assertThat(note).contains("row by row", "free number of rows"));
    }

    @Test
    void shouldFindInputsThatAreNamedAfterFeaturesAndAClassByItsName() throws IOException {
        imported("sklearn-columns", new ImportMapping(Map.of(), Map.of("leaves", ":leaves"), false));
        assertThat(imported(
                                "pytorch-two",
                                new ImportMapping(
                                        Map.of("id_hour_of_week", List.of("seconds.since-join")), Map.of(), false))
                        .schema()
                        .dense())
                .extracting(feature -> feature.name())
                .containsExactly("count.CHAT.5m", "seconds.since-join");
    }

    @Test
    void shouldGiveTribuoItsFeaturesInTheOrderOfTheirNames() throws IOException {
        List<String> asTrained = List.of("count.CHAT.5m", "seconds.since-join", "share.of-room", "gifts");
        imported("tribuo", new ImportMapping(Map.of("input", asTrained), Map.of("leaves", ":1"), false));
    }

    @Test
    void shouldGiveTextsToAnInputOfStringsByTheBucketsOfAnAttribute() throws IOException {
        Checked checked = imported(
                "sklearn-strings", new ImportMapping(Map.of("numbers", List.of("count.CHAT.5m")), Map.of(), false));
        assertThat(checked.schema().ids()).extracting(id -> id.name()).containsExactly("id.country");
        assertThat(checked.notes())
                .anySatisfy(note -> assertThat(note).contains("id.country stands for 3 texts by hash", "0.0029"));
    }
}
