package io.livepredict.trainer.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.livepredict.contract.DenseFeature;
import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.IdFeature;
import io.livepredict.contract.Kind;
import io.livepredict.contract.Scale;
import io.livepredict.contract.Target;
import io.livepredict.trainer.ort.OrtRuntime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ModelStatesTest {
    private static final int ROWS = 32;
    private final OrtRuntime runtime = new OrtRuntime();
    private final FeatureSchema before = Fixtures.schema(5, 6, 2);
    private final Target chat = Fixtures.binary("chat", 0.3);
    private final Target spend = Fixtures.sum("spend", 5);
    private final Target fresh = Fixtures.binary("follow", 0.01);
    private final List<Target> oldTargets = List.of(chat, spend);

    /** A new dense feature in front and one behind, a new event type in the middle, a new id in front. */
    private FeatureSchema after() {
        List<DenseFeature> dense = new ArrayList<>(before.dense());
        dense.add(0, Fixtures.feature("new1", Scale.COUNT));
        dense.add(Fixtures.feature("new2", Scale.PLAIN));
        List<IdFeature> ids = new ArrayList<>(before.ids());
        ids.add(0, new IdFeature("newid", "new", 8, "def-newid"));
        return new FeatureSchema(Kind.VIEWER, dense, List.of("JOIN", "FOLLOW", "CHAT", "GIFT", "LEAVE"), 6, "seq", ids);
    }

    private TrainableModel trained(FamilySettings family) {
        TrainableModel model = TrainableModels.create(family, before, oldTargets, ROWS, 1, runtime);
        ExampleBatch batch = Fixtures.batch(before, 2, ROWS);
        float[] scores = new float[ROWS * 2];
        for (int i = 0; i < 70; i++) { // until pieces are placed
            Fixtures.fill(batch, before, oldTargets, ROWS, new SplittableRandom(i));
            model.step(batch, 1, scores);
        }
        return model;
    }

    static Object[] families() {
        return TrainableModelTest.families().toArray();
    }

    @ParameterizedTest
    @MethodSource("families")
    void shouldNotMoveScoresWhenInputsAndTargetsAreAdded(FamilySettings family) {
        FeatureSchema after = after();
        List<Target> newTargets = List.of(fresh, chat, spend);
        try (TrainableModel old = trained(family);
                TrainableModel migrated = TrainableModels.create(family, after, newTargets, ROWS, 2, runtime)) {
            migrated.restore(ModelStates.migrate(
                    family, old.state(), new BatchLayout(before, oldTargets), new BatchLayout(after, newTargets), 2));
            ExampleBatch batch = Fixtures.batch(before, 2, ROWS);
            Fixtures.fill(batch, before, oldTargets, ROWS, new SplittableRandom(99));
            ExampleBatch wider = widened(batch, after);
            float[] one = new float[ROWS * 2];
            float[] two = new float[ROWS * 3];
            old.predict(batch, one);
            migrated.predict(wider, two);
            for (int row = 0; row < ROWS; row++) {
                assertThat(two[row * 3]).isCloseTo(0.01f, within(1e-6f));
                assertThat(two[row * 3 + 1]).isCloseTo(one[row * 2], within(1e-5f));
                assertThat(two[row * 3 + 2]).isCloseTo(one[row * 2 + 1], within(1e-3f));
            }
            // And it goes on learning, the new inputs too.
            SplittableRandom random = new SplittableRandom(3);
            for (int i = 0; i < 30; i++) {
                Fixtures.fill(wider, after, newTargets, ROWS, random);
                assertThat(migrated.step(wider, 1, two)).isFinite();
            }
            assertThat(migrated.isFinite()).isTrue();
            Tables tables = new Tables(migrated.state());
            if (family instanceof FamilySettings.Logistic) {
                assertThat(tables.row("parameter/head.weight", 0, 3)).isNotEqualTo(new float[3]);
            }
        }
    }

    private record Tables(ModelState state) {
        float[] row(String name, int row, int width) {
            return Arrays.copyOfRange(States.values(state, name), row * width, (row + 1) * width);
        }
    }

    /** The same examples with the columns of the new schema; what is new has values too. */
    private ExampleBatch widened(ExampleBatch from, FeatureSchema after) {
        ExampleBatch to = Fixtures.batch(after, 3, ROWS);
        to.size = ROWS;
        for (int row = 0; row < ROWS; row++) {
            to.dense[row * 7] = row;
            System.arraycopy(from.dense, row * 5, to.dense, row * 7 + 1, 5);
            to.dense[row * 7 + 6] = row % 3;
            to.ids[row * 3] = row % 8;
            System.arraycopy(from.ids, row * 2, to.ids, row * 3 + 1, 2);
            for (int k = 0; k < 6; k++) {
                int type = from.sequenceTypes[row * 6 + k];
                to.sequenceTypes[row * 6 + k] = type >= 2 ? type + 1 : type;
                to.sequenceGaps[row * 6 + k] = from.sequenceGaps[row * 6 + k];
            }
        }
        return to;
    }

    @ParameterizedTest
    @MethodSource("families")
    void shouldComeBackTheSameWhenAddedThingsAreRemovedAgain(FamilySettings family) {
        FeatureSchema after = after();
        List<Target> newTargets = List.of(fresh, chat, spend);
        try (TrainableModel old = trained(family)) {
            ModelState there = ModelStates.migrate(
                    family, old.state(), new BatchLayout(before, oldTargets), new BatchLayout(after, newTargets), 2);
            ModelState back = ModelStates.migrate(
                    family, there, new BatchLayout(after, newTargets), new BatchLayout(before, oldTargets), 2);
            old.state()
                    .tensors()
                    .forEach((name, tensor) ->
                            assertThat(States.values(back, name)).as(name).isEqualTo(tensor.values()));
        }
    }

    @Test
    void shouldStartAFeatureOverWhoseDefinitionChanged() {
        FamilySettings family = FamilySettings.Logistic.defaults();
        List<DenseFeature> dense = new ArrayList<>(before.dense());
        DenseFeature changed = dense.get(2);
        dense.set(2, new DenseFeature(changed.name(), changed.words(), changed.scale(), "another definition"));
        FeatureSchema after = new FeatureSchema(
                Kind.VIEWER, dense, before.eventTypes(), 6, before.sequenceDefinition(), before.ids());
        try (TrainableModel old = trained(family)) {
            ModelState migrated = ModelStates.migrate(
                    family, old.state(), new BatchLayout(before, oldTargets), new BatchLayout(after, oldTargets), 2);
            Tables one = new Tables(old.state());
            Tables two = new Tables(migrated);
            assertThat(two.row("parameter/head.weight", 1, 2)).isEqualTo(one.row("parameter/head.weight", 1, 2));
            assertThat(one.row("parameter/head.weight", 2, 2)).isNotEqualTo(new float[2]);
            assertThat(two.row("parameter/head.weight", 2, 2)).isEqualTo(new float[2]);
            assertThat(States.values(migrated, "normaliser/weight")[2]).isZero();
        }
    }

    @Test
    void shouldRefuseAStateThatIsNotWhatItIsSaidToBe() {
        FamilySettings family = FamilySettings.Logistic.defaults();
        try (TrainableModel old = trained(family)) {
            assertThatThrownBy(() -> ModelStates.migrate(
                            family,
                            old.state(),
                            new BatchLayout(after(), oldTargets),
                            new BatchLayout(before, oldTargets),
                            2))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("head.weight must be [7, 2], got [5, 2]");
        }
    }
}
