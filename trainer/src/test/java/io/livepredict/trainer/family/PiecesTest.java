package io.livepredict.trainer.family;

import static org.assertj.core.api.Assertions.assertThat;

import io.livepredict.contract.DenseFeature;
import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.Target;
import io.livepredict.trainer.ort.OrtRuntime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PiecesTest {
    private static final int ROWS = 32;
    private static final FamilySettings FAMILY = new FamilySettings.Mlp(
            List.of(16, 8), Activation.RELU, 24, Training.adam(0.01).averagedOver(30));

    private final OrtRuntime runtime = new OrtRuntime();
    private final FeatureSchema schema = Fixtures.schema(5, 0, 0);
    private final List<Target> targets = List.of(Fixtures.binary("chat", 0.3));

    private TrainableModel model() {
        return TrainableModels.create(FAMILY, schema, targets, ROWS, 1, runtime);
    }

    /** Steps [from, to) of the same examples, and some batches once more. */
    private void learn(TrainableModel model, int from, int to) {
        ExampleBatch batch = Fixtures.batch(schema, 1, ROWS);
        float[] scores = new float[ROWS];
        for (int i = from; i < to; i++) {
            Fixtures.fill(batch, schema, targets, 1 + i % ROWS, new SplittableRandom(i));
            model.step(batch, 1, scores);
            if (i % 3 == 1) {
                model.rehearse(batch, 1);
            }
        }
    }

    private static long placed(ModelState state) {
        long placed = 0;
        for (float scale : States.values(state, Pieces.SCALE)) {
            placed += scale > 0 ? 1 : 0;
        }
        return placed;
    }

    @Test
    void shouldPlacePiecesWithoutWeightAfterSixtyFourBatchesAndTheOthersLater() {
        try (TrainableModel model = model()) {
            learn(model, 0, 63);
            assertThat(placed(model.state())).isZero();
            learn(model, 63, 64);
            ModelState first = model.state();
            assertThat(placed(first)).isEqualTo(18);
            assertThat(States.values(first, Names.parameter(Pieces.WEIGHT))).containsOnly(0f);
            learn(model, 64, 255);
            assertThat(States.values(model.state(), Pieces.LOW)).isEqualTo(States.values(first, Pieces.LOW));
            learn(model, 255, 256);
            ModelState second = model.state();
            assertThat(placed(second)).isEqualTo(24);
            for (String name : Pieces.OF_PIECES) { // none has moved
                assertThat(States.values(second, name)).startsWith(Arrays.copyOf(States.values(first, name), 18));
            }
        }
    }

    @Test
    void shouldGoOnToTheBitFromAStateSavedBeforeOrAfterPlacing() {
        try (TrainableModel through = model()) {
            learn(through, 0, 80);
            for (int saved : new int[] {10, 63, 64, 70}) {
                try (TrainableModel before = model();
                        TrainableModel after = model()) {
                    learn(before, 0, saved);
                    after.restore(before.state());
                    learn(after, saved, 80);
                    Map<String, ModelState.Tensor> tensors = after.state().tensors();
                    through.state()
                            .tensors()
                            .forEach((name, tensor) -> assertThat(States.values(after.state(), name))
                                    .as(name)
                                    .isEqualTo(tensor.values()));
                    assertThat(tensors).hasSameSizeAs(through.state().tensors());
                    assertThat(after.export()).isEqualTo(through.export());
                }
            }
        }
    }

    @Test
    void shouldFreeThePiecesOfAFeatureThatIsGoneAndKeepThoseOfTheOthers() {
        List<DenseFeature> dense = new ArrayList<>(schema.dense());
        dense.remove(1);
        FeatureSchema without = new FeatureSchema(schema.kind(), dense, schema.eventTypes(), 0, "", List.of());
        try (TrainableModel old = model()) {
            learn(old, 0, 70);
            ModelState before = old.state();

            ModelState after = ModelStates.migrate(
                    FAMILY, before, new BatchLayout(schema, targets), new BatchLayout(without, targets), 1);

            float[] was = States.values(before, Pieces.FEATURE);
            float[] is = States.values(after, Pieces.FEATURE);
            float[] weights = States.values(before, Names.parameter(Pieces.WEIGHT));
            float[] kept = States.values(after, Names.parameter(Pieces.WEIGHT));
            int freed = 0;
            for (int p = 0; p < 18; p++) {
                boolean gone = was[p] == 1;
                freed += gone ? 1 : 0;
                assertThat(States.values(after, Pieces.SCALE)[p])
                        .isEqualTo(gone ? 0 : States.values(before, Pieces.SCALE)[p]);
                assertThat(is[p]).isEqualTo(gone ? 0 : was[p] > 1 ? was[p] - 1 : was[p]);
                for (int h = 0; h < 16; h++) {
                    assertThat(kept[p * 16 + h]).isEqualTo(gone ? 0 : weights[p * 16 + h]);
                }
            }
            assertThat(freed).isPositive();
            try (TrainableModel next = TrainableModels.create(FAMILY, without, targets, ROWS, 1, runtime)) {
                next.restore(after);
                assertThat(next.export()).isNotEmpty();
            }
        }
    }

    @Test
    void shouldKeepTheFingerprintOfNetworksWithoutPieces() {
        Training training = Training.adam(0.001);
        assertThat(new FamilySettings.Mlp(List.of(64, 32), Activation.RELU, training))
                .hasToString("Mlp[hidden=[64, 32], activation=RELU, training=" + training + "]");
        assertThat(new FamilySettings.Mlp(List.of(64, 32), Activation.RELU, 8, training).toString())
                .contains("pieces=8");
    }
}
