package io.livepredict.trainer.publish;

import static org.assertj.core.api.Assertions.assertThat;

import io.livepredict.contract.DenseFeature;
import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.IdFeature;
import io.livepredict.contract.Kind;
import io.livepredict.contract.ModelManifest;
import io.livepredict.contract.Scale;
import io.livepredict.trainer.family.ExampleBatch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class GoldenRowsTest {
    private static final List<String> TYPES = List.of("JOIN", "CHAT", "GIFT", "LEAVE", "FOLLOW");
    private static final int ROWS = 8;

    private static FeatureSchema schema() {
        List<DenseFeature> dense = new ArrayList<>();
        for (Scale scale : Scale.values()) {
            dense.add(new DenseFeature(scale.name() + ".a", "", scale, "d"));
            dense.add(new DenseFeature(scale.name() + ".b", "", scale, "d"));
        }
        return new FeatureSchema(
                Kind.VIEWER,
                dense,
                TYPES,
                4,
                "s",
                List.of(new IdFeature("id.context", "", 64, "d"), new IdFeature("id.hour", "", 7, "d")));
    }

    private static List<ModelManifest.Usual> usual() {
        List<ModelManifest.Usual> usual = new ArrayList<>();
        for (float mean : new float[] {0, 1_000, 0.5f, 86_400, -20, 0, 0, 0.5f}) {
            usual.add(new ModelManifest.Usual(mean, 0.1f));
        }
        return usual;
    }

    private static ExampleBatch rows(int rows) {
        return GoldenRows.of(schema(), usual(), rows, 2, GoldenRows.Ids.any());
    }

    @Test
    void shouldMoveEachDenseInputAndNameEachEventTypeAndId() {
        ExampleBatch rows = rows(ROWS);
        assertThat(rows.size).isEqualTo(ROWS);
        for (int column = 0; column < rows.denseWidth; column++) {
            TreeSet<Float> values = new TreeSet<>();
            for (int row = 0; row < ROWS - 2; row++) {
                assertThat(rows.dense[row * rows.denseWidth + column])
                        .isFinite()
                        .isNotZero();
                values.add(rows.dense[row * rows.denseWidth + column]);
            }
            assertThat(values).as("column " + column).hasSizeGreaterThan(1);
        }
        assertThat(Arrays.stream(rows.sequenceTypes).boxed()).contains(0, 1, 2, 3, 4, 5);
        for (int row = 0; row < ROWS - 1; row++) {
            assertThat(rows.ids[row * 2]).isBetween(1, 63);
            assertThat(rows.ids[row * 2 + 1]).isBetween(1, 6);
        }
    }

    @Test
    void shouldHoldTheMeansAndNobodyAsWell() {
        ExampleBatch rows = rows(ROWS);
        float[] means = Arrays.copyOfRange(rows.dense, (ROWS - 2) * 8, (ROWS - 1) * 8);
        assertThat(means).containsExactly(0, 1_000, 0.5f, 86_400, -20, 0, 0, 0.5f);
        assertThat(Arrays.copyOfRange(rows.dense, (ROWS - 1) * 8, ROWS * 8)).containsOnly(0);
        assertThat(Arrays.copyOfRange(rows.sequenceTypes, (ROWS - 1) * 4, ROWS * 4))
                .containsOnly(0);
        assertThat(Arrays.copyOfRange(rows.ids, (ROWS - 1) * 2, ROWS * 2)).containsOnly(0);
    }

    @Test
    void shouldMoveEachInputInTheOnlyRowToo() {
        for (float value : rows(1).dense) {
            assertThat(value).isNotZero();
        }
    }

    @Test
    void shouldMakeTheSameRowsOfTheSameInputsAndTakeOneWhereMeansAreUnknown() {
        assertThat(rows(ROWS).dense).isEqualTo(rows(ROWS).dense);
        ExampleBatch unknown = GoldenRows.of(schema(), List.of(), ROWS, 2, GoldenRows.Ids.any());
        assertThat(Arrays.copyOfRange(unknown.dense, (ROWS - 2) * 8, (ROWS - 1) * 8))
                .containsOnly(1);
    }
}
