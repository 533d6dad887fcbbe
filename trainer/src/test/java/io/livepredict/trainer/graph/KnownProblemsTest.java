package io.livepredict.trainer.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.livepredict.trainer.loss.Loss;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Problems whose solution is known to exist for the network at hand. */
class KnownProblemsTest {
    private static final int ROWS = 64;
    private static final int SIDE = 10;
    private static final int PATCH = 6;

    @Test
    void shouldLearnXorWithTwoFourOne() {
        try (SmallNetwork network = new SmallNetwork(
                4,
                2,
                1,
                Loss.BinaryCrossEntropy.defaults(),
                0.05,
                (n, x) -> n.layer("output", n.graph().tanh(n.layer("hidden", x, 4)), 1))) {
            float[] x = {0, 0, 0, 1, 1, 0, 1, 1};
            float[] y = {0, 1, 1, 0};
            for (int i = 0; i < 600; i++) {
                network.learn(x, y);
            }
            assertThat(network.predictions()).containsExactly(y, within(0.05f));
        }
    }

    /** One of ten patches of random pixels somewhere on a noisy image of 10 × 10. */
    private static final class Images {
        final float[][] patches = new float[10][PATCH * PATCH];
        final Random random = new Random(5);
        final float[] x = new float[ROWS * SIDE * SIDE];
        final float[] y = new float[ROWS * 10];
        final int[] classes = new int[ROWS];

        Images() {
            for (float[] patch : patches) {
                for (int i = 0; i < patch.length; i++) {
                    patch[i] = random.nextBoolean() ? 1f : -1f;
                }
            }
        }

        void next(int shifts) {
            Arrays.fill(y, 0f);
            for (int row = 0; row < ROWS; row++) {
                for (int i = 0; i < SIDE * SIDE; i++) {
                    x[row * SIDE * SIDE + i] = (float) (random.nextGaussian() * 0.3);
                }
                classes[row] = random.nextInt(10);
                y[row * 10 + classes[row]] = 1f;
                int down = random.nextInt(shifts);
                int right = random.nextInt(shifts);
                for (int i = 0; i < PATCH * PATCH; i++) {
                    x[row * SIDE * SIDE + (down + i / PATCH) * SIDE + right + i % PATCH] += patches[classes[row]][i];
                }
            }
        }

        /** The share of the last batches that was classified rightly before it was learned from. */
        double accuracyAfter(SmallNetwork network, int steps, int shifts) {
            int right = 0;
            int judged = 0;
            for (int i = 0; i < steps; i++) {
                next(shifts);
                network.learn(x, y);
                if (i >= steps - 20) {
                    float[] p = network.predictions();
                    for (int row = 0; row < ROWS; row++) {
                        int best = 0;
                        for (int c = 1; c < 10; c++) {
                            best = p[row * 10 + c] > p[row * 10 + best] ? c : best;
                        }
                        right += best == classes[row] ? 1 : 0;
                        judged++;
                    }
                }
            }
            return (double) right / judged;
        }
    }

    @Test
    void shouldLearnImagesWithConvolutionPoolingAndSoftmax() {
        try (SmallNetwork network =
                new SmallNetwork(ROWS, SIDE * SIDE, 10, Loss.SoftmaxCrossEntropy.defaults(), 0.01, (n, x) -> {
                    Graph g = n.graph();
                    Value image = g.reshape(x, Graph.N, 1, SIDE, SIDE);
                    Value responses = g.relu(g.apply(
                            new Op.Conv(Op.Window.plain(2)),
                            image,
                            n.parameter("filters", 0.3, 16, 1, 5, 5),
                            n.parameter("filters.bias", 0, 16)));
                    Value pooled = g.applyAll(new Op.MaxPool(List.of(2, 2), Windows.strided(2, 2)), responses)
                            .get(0);
                    return n.layer("output", g.reshape(pooled, Graph.N, 16 * 3 * 3), 10);
                })) {
            assertThat(new Images().accuracyAfter(network, 250, 5)).isGreaterThan(0.95);
        }
    }

    @Test
    void shouldLearnImagesWithAHundredFiftyTen() {
        try (SmallNetwork network = new SmallNetwork(
                ROWS,
                SIDE * SIDE,
                10,
                Loss.SoftmaxCrossEntropy.defaults(),
                0.01,
                (n, x) -> n.layer("output", n.graph().relu(n.layer("hidden", x, 50)), 10))) {
            assertThat(new Images().accuracyAfter(network, 300, 2)).isGreaterThan(0.95);
        }
    }
}
