package io.livepredict.trainer.optimiser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.livepredict.trainer.graph.ElementType;
import io.livepredict.trainer.graph.Evaluation;
import io.livepredict.trainer.graph.Graph;
import io.livepredict.trainer.graph.Value;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The first three steps from θ = 1 (FTRL: 0) under the gradients 0.5, −1, 2 with η = 0.1, worked out by hand. */
class OptimiserTest {
    private static final float[] GRADIENTS = {0.5f, -1f, 2f};

    @Test
    void shouldFollowSgd() {
        // 1 − 0.05; + 0.1; − 0.2
        assertSteps(new Optimiser.Sgd(), 1f, new double[][] {{0.95}, {1.05}, {0.85}});
    }

    @Test
    void shouldFollowMomentum() {
        // v: 0.5; 0.9·0.5 − 1 = −0.55; 0.9·(−0.55) + 2 = 1.505. θ: 1 − 0.05; + 0.055; − 0.1505
        assertSteps(new Optimiser.Momentum(0.9), 1f, new double[][] {{0.95, 0.5}, {1.005, -0.55}, {0.8545, 1.505}});
    }

    @Test
    void shouldFollowAdaGrad() {
        // s: 0.1 + 0.25; + 1; + 4. θ: 1 − 0.05/√0.35; + 0.1/√1.35; − 0.2/√5.35
        assertSteps(new Optimiser.AdaGrad(0.1, 1e-7), 1f, new double[][] {
            {0.9154846, 0.35}, {1.0015509, 1.35}, {0.9150833, 5.35}
        });
    }

    @Test
    void shouldFollowRmsProp() {
        // s: 0.1·0.25; 0.9·0.025 + 0.1; 0.9·0.1225 + 0.4. θ: 1 − 0.05/√0.025; + 0.1/√0.1225; − 0.2/√0.51025
        assertSteps(new Optimiser.RmsProp(0.9, 1e-7), 1f, new double[][] {
            {0.6837724, 0.025}, {0.9694866, 0.1225}, {0.6894993, 0.51025}
        });
    }

    @Test
    void shouldFollowAdam() {
        // m: 0.05; 0.9·0.05 − 0.1 = −0.055; 0.9·(−0.055) + 0.2 = 0.1505. m̂: 0.5; −0.055/0.19; 0.1505/0.271
        // v: 0.00025; 0.00124975; 0.0052485. v̂: 0.25; 0.6251876; 1.7512508. θ: 1 − 0.1·0.5/0.5; …
        assertSteps(new Optimiser.Adam(0.9, 0.999, 1e-8), 1f, new double[][] {
            {0.9, 0.05, 0.00025}, {0.9366104, -0.055, 0.00124975}, {0.8946448, 0.1505, 0.0052485}
        });
    }

    @Test
    void shouldFollowFtrl() {
        // α = 0.5, β = 1, λ₁ = 0.3, λ₂ = 0.1.
        // t1: σ = 0.5/0.5 = 1, z = 0.5, n = 0.25, θ = −(0.5 − 0.3)/(1.5/0.5 + 0.1) = −0.2/3.1
        // t2: σ = (√1.25 − 0.5)/0.5 = 1.2360680, z = 0.5 − 1 + 1.2360680·0.0645161, n = 1.25,
        //     θ = (0.4202537 − 0.3)/(2.1180340/0.5 + 0.1)
        // t3: σ = (√5.25 − √1.25)/0.5 = 2.3465077, z = −0.4202537 + 2 − 2.3465077·0.0277333, n = 5.25,
        //     θ = −(1.5146698 − 0.3)/(3.2912878/0.5 + 0.1)
        assertSteps(new Optimiser.Ftrl(0.5, 1, 0.3, 0.1), 0f, new double[][] {
            {-0.0645161, 0.5, 0.25}, {0.0277333, -0.4202537, 1.25}, {-0.1817667, 1.5146698, 5.25}
        });
    }

    @Test
    void shouldAverageBesideWhatItLearns() {
        // SGD as above; τ = 1.3, so c is 9/11, then 1/1.3 (more than 9/12 and 9/13).
        // θ̄: 1 − 0.05·9/11; + (1.05 − 0.9590909)/1.3; + (0.85 − 1.0290210)/1.3
        assertSteps(new Optimiser.Averaged(new Optimiser.Sgd(), 1.3), 1f, new double[][] {
            {0.95, 0.9590909}, {1.05, 1.0290210}, {0.85, 0.8913125}
        });
    }

    @Test
    void shouldStartTheAverageAgainWithoutTheRule() {
        Optimiser.Averaged averaged = new Optimiser.Averaged(Optimiser.Adam.defaults(), 400);
        float[] settled = averaged.scalars(0.01, 5_000);
        float[] restarted = averaged.scalars(0.01, 5_000, 1);
        assertThat(settled[2]).isEqualTo(1 / 400f);
        assertThat(restarted).containsExactly(settled[0], settled[1], 9 / 11f);
    }

    /** Each row: θ, then the slots. */
    private static void assertSteps(Optimiser optimiser, float theta, double[][] expected) {
        Graph g = new Graph();
        Value parameters = g.input("theta", ElementType.FLOAT, 1);
        Value gradient = g.input("gradient", ElementType.FLOAT, 1);
        List<Value> slots = new ArrayList<>();
        for (String slot : optimiser.slots()) {
            slots.add(g.input(slot, ElementType.FLOAT, 1));
        }
        List<Value> scalars = new ArrayList<>();
        for (int i = 0; i < optimiser.scalars(); i++) {
            scalars.add(g.input("scalar" + i, ElementType.FLOAT));
        }
        Update update = optimiser.update(g, parameters, gradient, slots, scalars);
        Map<String, Value> outputs = new LinkedHashMap<>();
        outputs.put("theta/after", update.parameters());
        for (int i = 0; i < slots.size(); i++) {
            outputs.put(optimiser.slots().get(i) + "/after", update.slots().get(i));
        }
        try (Evaluation evaluation = new Evaluation(g, outputs, 1)) {
            evaluation.set("theta", theta);
            for (int i = 0; i < slots.size(); i++) {
                evaluation.set(optimiser.slots().get(i), optimiser.initialSlot(i, new float[] {theta}));
            }
            for (int t = 1; t <= 3; t++) {
                float[] numbers = optimiser.scalars(0.1, t);
                for (int i = 0; i < numbers.length; i++) {
                    evaluation.set("scalar" + i, numbers[i]);
                }
                evaluation.set("gradient", GRADIENTS[t - 1]);
                evaluation.run();
                double[] wanted = expected[t - 1];
                assertThat((double) evaluation.get("theta/after")[0])
                        .as("θ after step %d", t)
                        .isCloseTo(wanted[0], within(2e-6));
                evaluation.set("theta", evaluation.get("theta/after"));
                for (int i = 0; i < slots.size(); i++) {
                    String slot = optimiser.slots().get(i);
                    assertThat((double) evaluation.get(slot + "/after")[0])
                            .as("%s after step %d", slot, t)
                            .isCloseTo(wanted[i + 1], within(2e-6));
                    evaluation.set(slot, evaluation.get(slot + "/after"));
                }
            }
        }
    }

    @Test
    void shouldLeaveFtrlParametersWhereTheyStart() {
        Optimiser.Ftrl ftrl = new Optimiser.Ftrl(0.1, 1, 0.5, 0.01);
        float z = ftrl.initialSlot(0, new float[] {-1.5f})[0];
        // θ = −(z − sign(z)·λ₁)/(β/α + λ₂), with n = 0.
        assertThat(-(z - Math.signum(z) * 0.5) / (1 / 0.1 + 0.01)).isCloseTo(-1.5, within(1e-6));
    }

    @Test
    void shouldClipByTheNormOfAllGradientsTogether() {
        Graph g = new Graph();
        Value a = g.input("a", ElementType.FLOAT, 2);
        Value b = g.input("b", ElementType.FLOAT, 1);
        List<Value> clipped = GradientClip.byGlobalNorm(g, List.of(a, b), 1);
        try (Evaluation evaluation =
                new Evaluation(g, Map.of("a/clipped", clipped.get(0), "b/clipped", clipped.get(1)), 1)) {
            evaluation.set("a", 2f, 3f);
            evaluation.set("b", 6f);
            evaluation.run();
            // The norm is √(4 + 9 + 36) = 7.
            assertThat(evaluation.get("a/clipped")).containsExactly(new float[] {2 / 7f, 3 / 7f}, within(1e-6f));
            assertThat(evaluation.get("b/clipped")).containsExactly(new float[] {6 / 7f}, within(1e-6f));
            evaluation.set("a", 0.2f, 0.3f);
            evaluation.set("b", 0.6f);
            evaluation.run();
            assertThat(evaluation.get("a/clipped")).containsExactly(new float[] {0.2f, 0.3f}, within(1e-6f));
        }
        assertThat(GradientClip.byGlobalNorm(g, List.of(a, b), Double.POSITIVE_INFINITY))
                .containsExactly(a, b);
    }

    @Test
    void shouldFollowTheSchedules() {
        assertThat(new LearningRate.Constant(0.1).at(1_000)).isEqualTo(0.1);
        LearningRate inverse = new LearningRate.InverseTime(0.1, 100, 0.01);
        assertThat(inverse.at(1)).isEqualTo(0.1);
        assertThat(inverse.at(101)).isEqualTo(0.05);
        assertThat(inverse.at(100_000)).isEqualTo(0.01);
        assertThat(new LearningRate.InverseSquareRoot(0.1, 0).at(25)).isCloseTo(0.02, within(1e-12));
        LearningRate halving = new LearningRate.Exponential(0.1, 0.5, 10, 0.001);
        assertThat(halving.at(21)).isCloseTo(0.025, within(1e-12));
        assertThat(halving.at(1_000)).isEqualTo(0.001);
        LearningRate warm = new LearningRate.WarmUp(4, halving);
        assertThat(warm.at(1)).isCloseTo(0.025, within(1e-12));
        assertThat(warm.at(21)).isCloseTo(0.025, within(1e-12));
    }

    @Test
    void shouldRefuseWhatCanNotBeMeant() {
        assertThatThrownBy(() -> new Optimiser.Adam(1, 0.999, 1e-8)).hasMessage("beta1 must be in [0, 1), got 1.0");
        assertThatThrownBy(() -> new Optimiser.Ftrl(0, 1, 0, 0)).hasMessageContaining("alpha");
        assertThatThrownBy(() -> new LearningRate.Constant(Double.NaN)).hasMessageContaining("learning rate");
        assertThatThrownBy(() -> new LearningRate.Exponential(0.1, 1.5, 1, 0)).hasMessageContaining("factor");
        assertThatThrownBy(() -> GradientClip.byGlobalNorm(new Graph(), List.of(), 0))
                .hasMessageContaining("clip norm");
    }
}
