package io.livepredict.trainer.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.Target;
import io.livepredict.trainer.graph.GraphRuntime;
import io.livepredict.trainer.ort.OrtRuntime;
import io.livepredict.trainer.publish.ModelRunner.ModelRunnerException;
import io.livepredict.trainer.publish.RuntimeModelRunner;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class HedgedModelTest {
    private static final int ROWS = 64;
    private static final FeatureSchema SCHEMA = Fixtures.schema(6, 0, 0);
    private static final List<Target> TARGETS = List.of(Fixtures.binary("gift", 0.3), Fixtures.sum("spent", 50));
    private static final GraphRuntime RUNTIME = new OrtRuntime();

    private static HedgedModel hedged(double rate, List<Target> targets) {
        FamilySettings settings = new FamilySettings.Logistic(Training.adam(rate));
        return TrainableModels.hedged(settings, new BatchLayout(SCHEMA, targets), ROWS, 1, RUNTIME);
    }

    private static ExampleBatch batch(SplittableRandom random) {
        ExampleBatch batch = Fixtures.batch(SCHEMA, TARGETS.size(), ROWS);
        Fixtures.fill(batch, SCHEMA, TARGETS, ROWS, random);
        return batch;
    }

    /** Labels that no feature says anything about. */
    private static ExampleBatch noise(SplittableRandom random) {
        ExampleBatch batch = batch(random);
        for (int row = 0; row < ROWS; row++) {
            int cell = row * batch.targets;
            batch.mask[cell] = 1;
            batch.labels[cell] = random.nextInt(10) < 3 ? 1 : 0;
        }
        return batch;
    }

    @Test
    void shouldSayOfEachTargetWhetherItHasLearned() {
        try (HedgedModel model = hedged(0.01, TARGETS)) {
            assertThat(model.hasLearned(0)).isFalse();
            ExampleBatch batch = noise(new SplittableRandom(2));
            for (int row = 0; row < ROWS; row++) {
                batch.mask[row * batch.targets + 1] = 0;
            }
            model.step(batch, 1, new float[ROWS * TARGETS.size()]);
            assertThat(model.hasLearned(0)).isTrue();
            assertThat(model.hasLearned(1)).isFalse();
        }
    }

    @Test
    void shouldExportWhatItPredicts() throws ModelRunnerException {
        SplittableRandom random = new SplittableRandom(1);
        try (HedgedModel model = hedged(0.01, TARGETS)) {
            float[] scores = new float[ROWS * TARGETS.size()];
            for (int i = 0; i < 20; i++) {
                model.step(batch(random), 1, scores);
                ExampleBatch rows = batch(random);
                model.predict(rows, scores);
                float[] exported = new RuntimeModelRunner(RUNTIME).scores(model.export(), rows);
                for (int cell = 0; cell < scores.length; cell++) {
                    assertThat(exported[cell]).isCloseTo(scores[cell], within(1e-5f * Math.max(1, scores[cell])));
                }
            }
        }
    }

    @Test
    void shouldLoseNoMoreThanTheBaseRateWhereALearnerIsWorse() {
        // A rate at which logistic regression is thrown about by noise: alone it is worse than the base rate.
        SplittableRandom random = new SplittableRandom(2);
        FamilySettings settings = new FamilySettings.Logistic(Training.adam(0.5));
        try (TrainableModel alone = TrainableModels.create(settings, SCHEMA, TARGETS, ROWS, 1, RUNTIME);
                HedgedModel model = hedged(0.5, TARGETS)) {
            double aloneLoss = 0;
            double hedgedLoss = 0;
            double baseLoss = 0;
            float[] scores = new float[ROWS * TARGETS.size()];
            for (int i = 0; i < 100; i++) {
                ExampleBatch batch = noise(random);
                alone.step(batch, 1, scores);
                aloneLoss += logLoss(scores, batch);
                model.step(batch, 1, scores);
                hedgedLoss += logLoss(scores, batch);
                for (int row = 0; row < ROWS; row++) {
                    scores[row * TARGETS.size()] = 0.3f;
                }
                baseLoss += logLoss(scores, batch);
            }
            assertThat(aloneLoss).isGreaterThan(1.05 * baseLoss);
            assertThat(hedgedLoss).isLessThan(1.02 * baseLoss);
        }
    }

    @Test
    void shouldServeAProvenLearnerAsItIs() {
        SplittableRandom random = new SplittableRandom(3);
        FamilySettings settings = new FamilySettings.Logistic(Training.adam(0.01));
        try (TrainableModel alone = TrainableModels.create(settings, SCHEMA, TARGETS, ROWS, 1, RUNTIME);
                HedgedModel model = hedged(0.01, TARGETS)) {
            float[] unhedged = new float[ROWS * TARGETS.size()];
            float[] scores = new float[ROWS * TARGETS.size()];
            for (int i = 0; i < 200; i++) {
                ExampleBatch batch = batch(random);
                alone.step(batch, 1, unhedged);
                model.step(batch, 1, scores);
            }
            for (int row = 0; row < ROWS; row++) {
                int cell = row * TARGETS.size();
                assertThat(scores[cell]).isCloseTo(unhedged[cell], within(1e-3f));
            }
        }
    }

    @Test
    void shouldGoOnFromItsStateAndKeepWhatItKnowsOfTargetsThatStay() {
        SplittableRandom random = new SplittableRandom(4);
        try (HedgedModel model = hedged(0.01, TARGETS);
                HedgedModel resumed = hedged(0.01, TARGETS)) {
            float[] scores = new float[ROWS * TARGETS.size()];
            for (int i = 0; i < 30; i++) {
                model.step(batch(random), 1, scores);
            }
            resumed.restore(model.state());
            ExampleBatch next = batch(random);
            float[] again = new float[ROWS * TARGETS.size()];
            model.step(next, 1, scores);
            resumed.step(next, 1, again);
            assertThat(again).isEqualTo(scores);

            List<Target> more = List.of(Fixtures.binary("follow", 0.2), TARGETS.get(0));
            FamilySettings settings = new FamilySettings.Logistic(Training.adam(0.01));
            ModelState own = ModelStates.migrate(
                    settings,
                    HedgedModel.learnersOwn(model.state()),
                    new BatchLayout(SCHEMA, TARGETS),
                    new BatchLayout(SCHEMA, more),
                    1);
            try (HedgedModel migrated = hedged(0.01, more)) {
                migrated.restore(HedgedModel.migrate(own, model.state(), TARGETS, more));
                model.predict(next, scores);
                migrated.predict(next, again);
                for (int row = 0; row < ROWS; row++) {
                    assertThat(again[2 * row]).isCloseTo(0.2f, within(1e-6f));
                    assertThat(again[2 * row + 1]).isCloseTo(scores[2 * row], within(1e-6f));
                }
            }
        }
    }

    private static double logLoss(float[] scores, ExampleBatch batch) {
        double sum = 0;
        for (int row = 0; row < ROWS; row++) {
            int cell = row * batch.targets;
            double p = Math.min(1 - 1e-6, Math.max(1e-6, scores[cell]));
            sum -= Math.log(batch.labels[cell] > 0.5 ? p : 1 - p);
        }
        return sum;
    }
}
