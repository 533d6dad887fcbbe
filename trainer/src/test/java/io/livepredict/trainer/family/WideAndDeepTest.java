package io.livepredict.trainer.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.IdFeature;
import io.livepredict.contract.Kind;
import io.livepredict.contract.Target;
import io.livepredict.trainer.optimiser.Optimiser;
import io.livepredict.trainer.ort.OrtRuntime;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class WideAndDeepTest {
    private static final int ROWS = 32;
    private final FeatureSchema schema = Fixtures.schema(4, 0, 2);
    private final List<Target> targets = List.of(Fixtures.binary("chat", 0.3), Fixtures.binary("leave", 0.1));
    private final FamilySettings family = new FamilySettings.WideAndDeep(
            List.of(8),
            Activation.RELU,
            4,
            1 << 16,
            Optimiser.Ftrl.defaults(),
            Training.adam(0.01).with(Optimiser.AdaGrad.defaults()));

    private TrainableModel model(FeatureSchema of) {
        return TrainableModels.create(family, of, targets, ROWS, 5, new OrtRuntime());
    }

    private ExampleBatch batch(int size, long seed) {
        ExampleBatch batch = Fixtures.batch(schema, 2, ROWS);
        Fixtures.fill(batch, schema, targets, size, new SplittableRandom(seed));
        return batch;
    }

    @Test
    void shouldChangeOnlyTheRowsThatABatchTouches() {
        float[] scores = new float[ROWS * 2];
        try (TrainableModel model = model(schema)) {
            for (int i = 0; i < 3; i++) {
                model.step(batch(ROWS, i), 1, scores);
            }
            ModelState before = model.state();
            ExampleBatch few = batch(3, 9);
            Arrays.fill(few.mask, 0, 6, 1f);
            model.step(few, 1, scores);
            ModelState after = model.state();
            Set<Integer> touched = new HashSet<>();
            for (int i = 0; i < 6; i++) {
                touched.add((i % 2 == 0 ? 0 : 16) + few.ids[i]);
            }
            for (Map.Entry<String, Integer> table : Map.of(
                            "table/embedding", 4, "table/wide", 2, "slot/n/table/wide", 2)
                    .entrySet()) {
                float[] one = States.values(before, table.getKey());
                float[] two = States.values(after, table.getKey());
                int width = table.getValue();
                for (int row = 0; row < one.length / width; row++) {
                    assertThat(Arrays.equals(one, row * width, (row + 1) * width, two, row * width, (row + 1) * width))
                            .as("%s row %d", table.getKey(), row)
                            .isEqualTo(!touched.contains(row));
                }
            }
        }
    }

    @Test
    void shouldAddUpTheGradientsOfExamplesThatShareARow() {
        // The mean loss of an example repeated is that of the example: so must be the update, in an adaptive optimiser
        // too.
        float[] scores = new float[ROWS * 2];
        ExampleBatch once = batch(1, 4);
        Arrays.fill(once.mask, 0, 2, 1f);
        ExampleBatch thrice = batch(3, 4);
        for (int row = 0; row < 3; row++) {
            System.arraycopy(once.dense, 0, thrice.dense, row * 4, 4);
            System.arraycopy(once.ids, 0, thrice.ids, row * 2, 2);
            System.arraycopy(once.labels, 0, thrice.labels, row * 2, 2);
            System.arraycopy(once.mask, 0, thrice.mask, row * 2, 2);
        }
        try (TrainableModel one = model(schema);
                TrainableModel other = model(schema)) {
            for (int i = 0; i < 5; i++) {
                one.step(batch(ROWS, i), 1, scores);
            }
            other.restore(one.state());
            one.step(once, 1, scores);
            other.step(thrice, 1, scores);
            for (String name : List.of("table/embedding", "table/wide", "slot/squares/table/embedding")) {
                assertThat(States.values(other.state(), name))
                        .as(name)
                        .containsExactly(States.values(one.state(), name), within(2e-6f));
            }
        }
    }

    @Test
    void shouldShareRowsBeyondTheTableAndTakeAnyId() throws Exception {
        FeatureSchema large = new FeatureSchema(
                Kind.VIEWER,
                schema.dense(),
                schema.eventTypes(),
                0,
                "",
                List.of(
                        new IdFeature("context", "room", 1 << 20, "c"),
                        new IdFeature("device", "device", 1 << 16, "d")));
        ExampleBatch batch = Fixtures.batch(large, 2, ROWS);
        Fixtures.fill(batch, large, targets, ROWS, new SplittableRandom(2));
        float[] scores = new float[ROWS * 2];
        float[] alias = new float[ROWS * 2];
        try (TrainableModel model = model(large)) {
            for (int i = 0; i < 20; i++) {
                model.step(batch, 1, scores);
            }
            model.predict(batch, scores);
            for (int i = 0; i < ROWS; i++) {
                batch.ids[2 * i] = Math.floorMod(batch.ids[2 * i], 1 << 16) + (i % 2 == 0 ? 3 << 16 : 0);
            }
            model.predict(batch, alias);
            assertThat(alias).isEqualTo(scores);
            assertThat(States.values(model.state(), "table/embedding")).hasSize(2 * (1 << 16) * 4);
        }
    }
}
