package io.livepredict.trainer.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.Target;
import io.livepredict.trainer.family.ModelState.Tensor;
import io.livepredict.trainer.optimiser.Optimiser;
import io.livepredict.trainer.ort.OrtRuntime;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TrainableModelTest {
    private static final int CAPACITY = 64;
    private final OrtRuntime runtime = new OrtRuntime();
    private final FeatureSchema schema = Fixtures.schema(7, 6, 2);
    private final List<Target> targets =
            List.of(Fixtures.binary("chat", 0.3), Fixtures.sum("spend", 5), Fixtures.binary("leave", 0.05));

    static Stream<FamilySettings> families() {
        Training training = Training.adam(0.01).withL2(1e-4).with(new Normalisation(10_000, 6, 64));
        return Stream.of(
                new FamilySettings.Logistic(training),
                new FamilySettings.Mlp(List.of(16, 8), Activation.RELU, training),
                new FamilySettings.Mlp(List.of(16, 8), Activation.RELU, training.averagedOver(30)),
                new FamilySettings.Mlp(List.of(8), Activation.TANH, training.with(Optimiser.Momentum.defaults())),
                new FamilySettings.Mlp(List.of(16, 8), Activation.RELU, 24, training),
                new FamilySettings.Mlp(List.of(16, 8), Activation.RELU, 24, training.averagedOver(30)),
                new FamilySettings.WideAndDeep(
                        List.of(16), Activation.RELU, 4, 20, Optimiser.Ftrl.defaults(), training),
                new FamilySettings.WideAndDeep(
                        List.of(16), Activation.RELU, 4, 20, Optimiser.Ftrl.defaults(), training.averagedOver(30)),
                new FamilySettings.Gru(8, List.of(16), Activation.SIGMOID, training),
                new FamilySettings.Gru(8, List.of(16), Activation.SIGMOID, training.averagedOver(30)),
                new FamilySettings.Gru(8, List.of(), Activation.RELU, training),
                new FamilySettings.Cnn(8, 3, List.of(16), Activation.RELU, training));
    }

    private TrainableModel model(FamilySettings family) {
        return TrainableModels.create(family, schema, targets, CAPACITY, 42, runtime);
    }

    private ExampleBatch batch(int size, long seed) {
        ExampleBatch batch = Fixtures.batch(schema, targets.size(), CAPACITY);
        Fixtures.fill(batch, schema, targets, size, new SplittableRandom(seed));
        return batch;
    }

    @ParameterizedTest
    @MethodSource("families")
    void shouldStartAtThePriors(FamilySettings family) {
        try (TrainableModel model = model(family)) {
            float[] scores = new float[CAPACITY * 3];
            model.predict(batch(CAPACITY, 1), scores);
            for (int i = 0; i < CAPACITY; i++) {
                assertThat(scores[3 * i]).isCloseTo(0.3f, within(1e-6f));
                assertThat(scores[3 * i + 1]).isCloseTo(5f, within(1e-6f));
                assertThat(scores[3 * i + 2]).isCloseTo(0.05f, within(1e-6f));
            }
        }
    }

    /** Moments whose gradient stays away decay; on their way to zero they must not become denormal, which is slow. */
    @Test
    void shouldKeepNoDenormalNumber() {
        Training unpulled =
                Training.adam(0.01).with(new Normalisation(10_000, 6, 64)).averagedOver(30);
        try (TrainableModel model = model(new FamilySettings.Mlp(List.of(16, 8), Activation.RELU, unpulled))) {
            float[] scores = new float[CAPACITY * 3];
            model.step(batch(CAPACITY, 1), 1, scores);
            ExampleBatch still = batch(CAPACITY, 1);
            Arrays.fill(still.mask, 0);
            for (int i = 0; i < 1_500; i++) {
                model.step(still, 1, scores);
                int step = i;
                model.state().tensors().forEach((name, tensor) -> {
                    for (float value : tensor.values()) {
                        assertThat(value == 0 || Math.abs(value) >= Float.MIN_NORMAL)
                                .as("%s after step %d: %s", name, step, value)
                                .isTrue();
                    }
                });
            }
        }
    }

    @ParameterizedTest
    @MethodSource("families")
    void shouldScoreBeforeItLearnsAndLowerTheLoss(FamilySettings family) {
        try (TrainableModel model = model(family)) {
            float[] before = new float[CAPACITY * 3];
            float[] during = new float[CAPACITY * 3];
            double early = 0;
            double late = 0;
            for (int i = 0; i < 300; i++) {
                ExampleBatch batch = batch(i % 7 == 3 ? 1 + i % CAPACITY : CAPACITY, i);
                model.predict(batch, before);
                double loss = model.step(batch, 1, during);
                for (int j = 0; j < batch.size * 3; j++) {
                    assertThat(during[j]).isCloseTo(before[j], within(1e-4f));
                }
                early += i < 20 ? loss : 0;
                late += i >= 280 ? loss : 0;
            }
            assertThat(late).isLessThan(0.75 * early);
            assertThat(model.isFinite()).isTrue();
        }
    }

    @ParameterizedTest
    @MethodSource("families")
    void shouldGiveTheSameBytesAgainAndAfterARestore(FamilySettings family) {
        try (TrainableModel one = model(family);
                TrainableModel other = model(family);
                TrainableModel third = model(family)) {
            float[] scores = new float[CAPACITY * 3];
            for (int i = 0; i < 10; i++) {
                one.step(batch(1 + 6 * i, i), 1, scores);
                other.step(batch(1 + 6 * i, i), 1, scores);
            }
            assertSame(one.state(), other.state());
            third.restore(one.state());
            assertSame(one.state(), third.state());
            for (int i = 10; i < 20; i++) {
                one.step(batch(CAPACITY, i), 1, scores);
                third.step(batch(CAPACITY, i), 1, scores);
            }
            assertSame(one.state(), third.state());
            assertThat(one.export()).isEqualTo(third.export());
        }
    }

    @ParameterizedTest
    @MethodSource("families")
    void shouldChangeParametersAloneWhenItLearnsOnceMore(FamilySettings family) {
        try (HedgedModel model =
                TrainableModels.hedged(family, new BatchLayout(schema, targets), CAPACITY, 42, runtime)) {
            float[] scores = new float[CAPACITY * 3];
            for (int i = 0; i < 66; i++) { // until pieces are placed
                model.step(batch(CAPACITY, i), 1, scores);
            }
            ModelState before = model.state();
            model.rehearse(batch(CAPACITY / 2, 3), 1);
            Map<String, ModelState.Tensor> after = model.state().tensors();
            List<String> kept = before.tensors().keySet().stream()
                    .filter(name -> Arrays.equals(
                            Objects.requireNonNull(before.tensors().get(name)).values(),
                            Objects.requireNonNull(after.get(name)).values()))
                    .toList();
            assertThat(kept)
                    .contains(Names.MEAN, Names.VARIANCE, Names.WEIGHT, Names.LABEL_MEAN, Names.LABEL_VARIANCE)
                    .contains(Names.LABEL_WEIGHT, Names.AVERAGED_FROM, Names.AVERAGE_GAIN)
                    .contains("hedge/labels", "hedge/evidence", "hedge/mean", "hedge/variance", "hedge/weight");
            assertThat(before.tensors().keySet())
                    .filteredOn(name -> name.startsWith(Names.parameter("")))
                    .isNotEmpty()
                    .noneMatch(kept::contains);
        }
    }

    @ParameterizedTest
    @MethodSource("families")
    void shouldLearnNothingFromMaskedLabels(FamilySettings family) {
        try (TrainableModel model = model(family)) {
            float[] scores = new float[CAPACITY * 3];
            for (int i = 0; i < 5; i++) {
                model.step(batch(CAPACITY, i), 1, scores);
            }
            ModelState before = model.state();
            ExampleBatch masked = batch(CAPACITY, 9);
            ExampleBatch other = batch(CAPACITY, 9);
            for (int i = 0; i < CAPACITY; i++) {
                masked.mask[3 * i + 2] = 0;
                other.mask[3 * i + 2] = 0;
                masked.labels[3 * i + 2] = 1 - masked.labels[3 * i + 2];
            }
            model.step(masked, 1, scores);
            ModelState after = model.state();
            model.restore(before);
            model.step(other, 1, scores);
            assertSame(after, model.state());
        }
    }

    @Test
    void shouldRefuseTheStateOfAnotherFamily() {
        try (TrainableModel logistic = model(FamilySettings.Logistic.defaults());
                TrainableModel mlp = model(FamilySettings.Mlp.defaults())) {
            assertThatThrownBy(() -> mlp.restore(logistic.state()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("does not fit family mlp")
                    .hasMessageContaining("hidden1.weight");
        }
    }

    @Test
    void shouldNoticeThatItHasDiverged() {
        try (TrainableModel model = model(FamilySettings.Mlp.defaults())) {
            assertThat(model.isFinite()).isTrue();
            ExampleBatch batch = batch(CAPACITY, 1);
            batch.dense[3] = Float.NaN;
            float[] scores = new float[CAPACITY * 3];
            model.step(batch(CAPACITY, 0), 1, scores);
            assertThat(model.step(batch, 1, scores)).isNaN();
            assertThat(model.isFinite()).isFalse();
        }
    }

    @Test
    void shouldSayWhichBatchItWants() {
        try (TrainableModel model = model(FamilySettings.Logistic.defaults())) {
            ExampleBatch narrow = new ExampleBatch(4, 3, 6, 2, 3);
            narrow.size = 2;
            assertThatThrownBy(() -> model.predict(narrow, new float[12]))
                    .hasMessageContaining("wants 7 dense features");
            assertThatThrownBy(() -> model.predict(batch(0, 0), new float[12])).hasMessageContaining("1 to 64 rows");
        }
    }

    @Test
    void shouldSayWhatASchemaLacks() {
        FeatureSchema bare = Fixtures.schema(3, 0, 0);
        assertThatThrownBy(() ->
                        TrainableModels.create(FamilySettings.Gru.defaults(), bare, targets, CAPACITY, 1, runtime))
                .hasMessageContaining("family gru needs a sequence of events");
        assertThatThrownBy(() -> TrainableModels.create(
                        FamilySettings.WideAndDeep.defaults(), bare, targets, CAPACITY, 1, runtime))
                .hasMessageContaining("family wide-and-deep needs at least one id");
    }

    @Test
    void shouldLearnTheSameAndPredictWithLessNoiseWhenAveraged() {
        FamilySettings plain = new FamilySettings.Logistic(Training.adam(0.03));
        FamilySettings averaged =
                new FamilySettings.Logistic(Training.adam(0.03).averagedOver(100));
        try (TrainableModel one = model(plain);
                TrainableModel other = model(averaged)) {
            float[] noisy = new float[CAPACITY * 3];
            float[] calm = new float[CAPACITY * 3];
            double noise = 0;
            double left = 0;
            for (int i = 0; i < 400; i++) {
                // Labels that have nothing to do with the features: whatever is not the base rate is noise.
                ExampleBatch batch = batch(CAPACITY, i);
                SplittableRandom random = new SplittableRandom(1_000 + i);
                for (int row = 0; row < CAPACITY; row++) {
                    batch.labels[3 * row] = random.nextDouble() < 0.3 ? 1 : 0;
                }
                one.step(batch, 1, noisy);
                other.step(batch, 1, calm);
                for (int row = 0; i >= 200 && row < CAPACITY; row++) {
                    noise += Math.pow(noisy[3 * row] - 0.3, 2);
                    left += Math.pow(calm[3 * row] - 0.3, 2);
                }
            }
            assertThat(left).isLessThan(0.6 * noise);
            one.state().tensors().forEach((name, tensor) -> {
                if (!name.startsWith("average")) {
                    assertThat(States.values(other.state(), name)).as(name).isEqualTo(tensor.values());
                }
            });
        }
    }

    @Test
    void shouldBeginTheAverageAnewOnceTheWorldHasChanged() {
        Training training = Training.adam(0.03);
        try (TrainableModel following = model(new FamilySettings.Logistic(training.averagedOver(400)));
                TrainableModel fixed = model(new FamilySettings.Logistic(training.averagedOver(400, false)))) {
            for (int i = 0; i < 600; i++) {
                logLoss(following, i, 1);
                logLoss(fixed, i, 1);
            }
            float[] before = States.values(following.state(), "averaged-from");
            double recovering = 0;
            double lagging = 0;
            for (int i = 600; i < 650; i++) {
                double one = logLoss(following, i, -1);
                double other = logLoss(fixed, i, -1);
                recovering += i < 620 ? 0 : one;
                lagging += i < 620 ? 0 : other;
            }
            float[] after = States.values(following.state(), "averaged-from");
            assertThat(before[1]).as("begun while it was new").isLessThan(300);
            assertThat(after[1]).as("begun after the change").isBetween(601f, 620f);
            assertThat(States.values(fixed.state(), "averaged-from")).containsExactly(0, 0);
            assertThat(recovering).isLessThan(0.75 * lagging);
            // What is learned is the same.
            assertThat(States.values(following.state(), "parameter/head.weight"))
                    .isEqualTo(States.values(fixed.state(), "parameter/head.weight"));
        }
    }

    /** Of the first target, whose odds rise or fall with the first feature, on a batch that is then learned from. */
    private double logLoss(TrainableModel model, int seed, int sign) {
        ExampleBatch batch = batch(CAPACITY, seed);
        SplittableRandom random = new SplittableRandom(1_000 + seed);
        for (int row = 0; row < CAPACITY; row++) {
            boolean high = batch.dense[row * batch.denseWidth] > 0;
            batch.labels[3 * row] = random.nextDouble() < (high == sign > 0 ? 0.8 : 0.2) ? 1 : 0;
            batch.mask[3 * row] = 1;
        }
        float[] scores = new float[CAPACITY * 3];
        model.step(batch, 1, scores);
        double loss = 0;
        for (int row = 0; row < CAPACITY; row++) {
            loss -= Math.log(batch.labels[3 * row] > 0 ? scores[3 * row] : 1 - scores[3 * row]);
        }
        return loss;
    }

    @Test
    void shouldRememberHowManyStepsItHasTaken() {
        try (TrainableModel model = model(FamilySettings.Logistic.defaults())) {
            float[] scores = new float[CAPACITY * 3];
            for (int i = 0; i < 3; i++) {
                model.step(batch(8, i), 1, scores);
            }
            assertThat(States.values(model.state(), "steps")).containsExactly(0f, 3f);
        }
    }

    private static void assertSame(ModelState one, ModelState other) {
        assertThat(other.tensors().keySet()).isEqualTo(one.tensors().keySet());
        for (Map.Entry<String, Tensor> entry : one.tensors().entrySet()) {
            assertThat(States.values(other, entry.getKey()))
                    .as(entry.getKey())
                    .isEqualTo(entry.getValue().values());
        }
    }
}
