package io.livepredict.trainer.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.ModelManifest;
import io.livepredict.contract.Target;
import io.livepredict.trainer.ort.OrtRuntime;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class UsualInputsTest {
    private static final int ROWS = 128;
    private final FeatureSchema schema = Fixtures.schema(7, 6, 2);
    private final List<Target> targets = List.of(Fixtures.binary("chat", 0.3));

    static List<FamilySettings> families() {
        return List.of(
                FamilySettings.Logistic.defaults(),
                FamilySettings.Mlp.defaults(),
                FamilySettings.WideAndDeep.defaults(),
                FamilySettings.Gru.defaults(),
                FamilySettings.Cnn.defaults());
    }

    @ParameterizedTest
    @MethodSource("families")
    void shouldKnowTheMeanOfEachInputAndWhatLittleChangesWhenOneWithoutWeightIsHeldThere(FamilySettings family) {
        ExampleBatch batch = Fixtures.batch(schema, targets.size(), ROWS);
        float[] scores = new float[ROWS];
        try (TrainableModel model = TrainableModels.create(family, schema, targets, ROWS, 7, new OrtRuntime())) {
            for (int i = 0; i < 150; i++) {
                Fixtures.fill(batch, schema, targets, ROWS, new SplittableRandom(i));
                model.step(batch, 1, scores);
            }
            model.export();
            List<ModelManifest.Usual> usual = model.usual();
            assertThat(usual).hasSize(7);
            double all = usual.stream().mapToDouble(ModelManifest.Usual::share).sum();
            assertThat(all).isBetween(0.05, 1 + 1e-5);
            // f3 is a Gaussian of mean 0.5, taken as it is.
            assertThat(usual.get(3).mean()).isCloseTo(0.5f, within(0.05f));
            // f1 is the log of an absolute Gaussian times 100: its mean in raw values is the geometric one.
            assertThat(usual.get(1).mean()).isBetween(30f, 90f);
            float[] held = scoresWithHeld(model, batch, usual, heaviest(usual));
            float[] light = scoresWithHeld(model, batch, usual, lightest(usual));
            model.predict(batch, scores);
            assertThat(distance(light, scores)).isLessThan(distance(held, scores));
        }
    }

    private static int heaviest(List<ModelManifest.Usual> usual) {
        int most = 0;
        for (int i = 0; i < usual.size(); i++) {
            most = usual.get(i).share() > usual.get(most).share() ? i : most;
        }
        return most;
    }

    private static int lightest(List<ModelManifest.Usual> usual) {
        int least = 0;
        for (int i = 0; i < usual.size(); i++) {
            least = usual.get(i).share() < usual.get(least).share() ? i : least;
        }
        return least;
    }

    private float[] scoresWithHeld(
            TrainableModel model, ExampleBatch batch, List<ModelManifest.Usual> usual, int column) {
        ExampleBatch held = Fixtures.batch(schema, targets.size(), ROWS);
        Fixtures.fill(held, schema, targets, ROWS, new SplittableRandom(149));
        assertThat(held.dense).isEqualTo(batch.dense);
        for (int r = 0; r < ROWS; r++) {
            held.dense[r * held.denseWidth + column] = usual.get(column).mean();
        }
        float[] scores = new float[ROWS];
        model.predict(held, scores);
        return scores;
    }

    private static double distance(float[] a, float[] b) {
        double[] each = new double[a.length];
        Arrays.setAll(each, i -> Math.abs(a[i] - b[i]));
        return Arrays.stream(each).average().orElse(0);
    }
}
