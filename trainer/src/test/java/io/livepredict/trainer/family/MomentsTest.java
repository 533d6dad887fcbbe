package io.livepredict.trainer.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.livepredict.contract.DenseFeature;
import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.Kind;
import io.livepredict.contract.Scale;
import io.livepredict.contract.Target;
import io.livepredict.trainer.ort.OrtRuntime;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Running means and variances of features and labels, against sums over everything seen. */
class MomentsTest {
    private static final double MEMORY = 200;
    private final FeatureSchema schema = new FeatureSchema(
            Kind.VIEWER,
            List.of(
                    new DenseFeature("price", "price", Scale.PLAIN, "p"),
                    new DenseFeature("chats", "chats", Scale.COUNT, "c"),
                    new DenseFeature("constant", "constant", Scale.PLAIN, "k")),
            List.of(),
            0,
            "",
            List.of());
    private final List<Target> targets = List.of(Fixtures.binary("chat", 0.3), Fixtures.sum("spend", 5));

    /** A value with the batch it came in, counted from 0. */
    private record Seen(double value, int batch) {}

    /** Mean and variance with each value weighted e^(−examples since its batch / memory). */
    private static double[] weighted(List<Seen> seen, int[] examplesUpTo, double priorWeight, double prior) {
        int last = examplesUpTo[examplesUpTo.length - 1];
        double weight = priorWeight * Math.exp(-last / MEMORY);
        double sum = weight * prior;
        for (Seen s : seen) {
            double w = Math.exp(-(last - examplesUpTo[s.batch + 1]) / MEMORY);
            weight += w;
            sum += w * s.value;
        }
        double mean = sum / weight;
        double squares = 0;
        for (Seen s : seen) {
            double w = Math.exp(-(last - examplesUpTo[s.batch + 1]) / MEMORY);
            squares += w * (s.value - mean) * (s.value - mean);
        }
        return new double[] {mean, squares / weight, weight};
    }

    @Test
    void shouldBeThoseOfTheDecayedPast() {
        Training training = Training.adam(0.001).with(new Normalisation(MEMORY, 6, 64));
        SplittableRandom random = new SplittableRandom(4);
        List<Seen> prices = new ArrayList<>();
        List<Seen> chats = new ArrayList<>();
        List<Seen> sums = new ArrayList<>();
        List<Seen> rates = new ArrayList<>();
        int batches = 30;
        int[] upTo = new int[batches + 1];
        int[] sumsUpTo = new int[batches + 1];
        try (TrainableModel model = TrainableModels.create(
                new FamilySettings.Logistic(training), schema, targets, 32, 1, new OrtRuntime())) {
            ExampleBatch batch = Fixtures.batch(schema, 2, 32);
            for (int b = 0; b < batches; b++) {
                batch.clear();
                batch.size = 1 + random.nextInt(32);
                upTo[b + 1] = upTo[b] + batch.size;
                sumsUpTo[b + 1] = sumsUpTo[b];
                for (int row = 0; row < batch.size; row++) {
                    double price = 1000 + b + random.nextGaussian();
                    int count = random.nextInt(50);
                    batch.dense[row * 3] = (float) price;
                    batch.dense[row * 3 + 1] = count;
                    batch.dense[row * 3 + 2] = 7;
                    prices.add(new Seen(price, b));
                    chats.add(new Seen(Math.log1p(count), b));
                    batch.labels[row * 2] = random.nextInt(5) == 0 ? 1 : 0;
                    batch.mask[row * 2] = 1;
                    rates.add(new Seen(batch.labels[row * 2], b));
                    if (row % 3 == 0) {
                        batch.labels[row * 2 + 1] = 100 + random.nextInt(50);
                        batch.mask[row * 2 + 1] = 1;
                        sums.add(new Seen(batch.labels[row * 2 + 1], b));
                        sumsUpTo[b + 1]++;
                    }
                }
                assertThat(model.step(batch, 1, new float[64])).isFinite();
            }
            ModelState state = model.state();
            double[] price = weighted(prices, upTo, 0, 0);
            double[] chat = weighted(chats, upTo, 0, 0);
            float[] mean = States.values(state, Names.MEAN);
            float[] variance = States.values(state, Names.VARIANCE);
            assertThat((double) mean[0]).isCloseTo(price[0], within(1e-3 * price[0]));
            assertThat((double) variance[0]).isCloseTo(price[1], within(0.01 * price[1]));
            assertThat((double) mean[1]).isCloseTo(chat[0], within(1e-4));
            assertThat((double) variance[1]).isCloseTo(chat[1], within(1e-3));
            assertThat(mean[2]).isCloseTo(7f, within(1e-4f));
            assertThat(variance[2]).isCloseTo(0f, within(1e-4f));
            assertThat((double) States.values(state, Names.WEIGHT)[0]).isCloseTo(price[2], within(1e-3 * price[2]));
            double[] spent = weighted(sums, sumsUpTo, 0, 0);
            double[] rate = weighted(rates, upTo, LabelMoments.PRIOR_WEIGHT, 0.3);
            float[] labelMean = States.values(state, Names.LABEL_MEAN);
            assertThat((double) labelMean[0]).isCloseTo(rate[0], within(1e-4));
            assertThat((double) labelMean[1]).isCloseTo(spent[0], within(1e-2));
            assertThat((double) States.values(state, Names.LABEL_VARIANCE)[1])
                    .isCloseTo(spent[1], within(0.01 * spent[1]));
        }
    }

    @Test
    void shouldNotSeeTheBatchItScores() {
        // Two batches that share one row: its score must not depend on the company it comes in.
        try (TrainableModel model =
                TrainableModels.create(FamilySettings.Logistic.defaults(), schema, targets, 32, 1, new OrtRuntime())) {
            ExampleBatch batch = Fixtures.batch(schema, 2, 32);
            SplittableRandom random = new SplittableRandom(1);
            for (int i = 0; i < 10; i++) {
                Fixtures.fill(batch, schema, targets, 32, random);
                model.step(batch, 1, new float[64]);
            }
            ModelState state = model.state();
            float[] one = new float[64];
            float[] other = new float[64];
            model.step(batch, 1, one);
            model.restore(state);
            for (int i = 3; i < batch.dense.length; i++) {
                batch.dense[i] *= 100;
            }
            for (int i = 2; i < batch.labels.length; i++) {
                batch.labels[i] = 1 - batch.labels[i];
            }
            model.step(batch, 1, other);
            assertThat(other[0]).isEqualTo(one[0]);
            assertThat(other[1]).isEqualTo(one[1]);
        }
    }

    @Test
    void shouldServeTheBaseRateWhenTheFeaturesSayNothing() {
        Target rare = Fixtures.binary("rare", 0.5);
        try (TrainableModel model =
                TrainableModels.create(FamilySettings.Mlp.defaults(), schema, List.of(rare), 32, 1, new OrtRuntime())) {
            ExampleBatch batch = Fixtures.batch(schema, 1, 32);
            float[] scores = new float[32];
            for (int i = 0; i < 20; i++) {
                batch.clear();
                batch.size = 32;
                for (int row = 0; row < 32; row++) {
                    batch.mask[row] = 1;
                    batch.labels[row] = row == 0 ? 1 : 0;
                }
                model.step(batch, 1, scores);
            }
            assertThat(scores[5]).isBetween(0.025f, 0.05f);
        }
    }
}
