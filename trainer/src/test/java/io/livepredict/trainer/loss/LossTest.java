package io.livepredict.trainer.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.livepredict.trainer.graph.ElementType;
import io.livepredict.trainer.graph.Evaluation;
import io.livepredict.trainer.graph.Gradients;
import io.livepredict.trainer.graph.Graph;
import io.livepredict.trainer.graph.Value;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LossTest {
    /** Losses, predictions and the gradient of the sum of the losses. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Result(float[] losses, float[] predictions, float[] gradient) {}

    private static Result of(Loss loss, int width, float[] outputs, float[] labels) {
        Graph g = new Graph();
        Value z = g.input("z", ElementType.FLOAT, Graph.N, width);
        Value y = g.input("y", ElementType.FLOAT, Graph.N, width);
        Value losses = loss.ofEach(g, z, y);
        Value by = Gradients.of(g, g.sumAll(losses), List.of(z)).get(0);
        try (Evaluation evaluation = new Evaluation(
                g, Map.of("losses", losses, "predictions", loss.predictions(g, z), "by", by), outputs.length / width)) {
            evaluation.set("z", outputs);
            evaluation.set("y", labels);
            evaluation.run();
            return new Result(evaluation.get("losses"), evaluation.get("predictions"), evaluation.get("by"));
        }
    }

    @Test
    void shouldStayFiniteAtExtremeLogits() {
        float[] z = {0f, 100f, -100f, 100f, -100f};
        float[] y = {1f, 1f, 0f, 0f, 1f};
        Result r = of(Loss.BinaryCrossEntropy.defaults(), 1, z, y);
        assertThat(r.losses()).containsExactly(new float[] {(float) Math.log(2), 0f, 0f, 100f, 100f}, within(1e-5f));
        assertThat(r.gradient()).containsExactly(new float[] {-0.5f, 0f, 0f, 1f, -1f}, within(1e-6f));
        assertThat(r.predictions()).containsExactly(new float[] {0.5f, 1f, 0f, 1f, 0f}, within(1e-6f));
    }

    @Test
    void shouldWeighPositives() {
        Result r = of(new Loss.BinaryCrossEntropy(3), 1, new float[] {0.5f, 0.5f}, new float[] {1f, 0f});
        double softplus = Math.log1p(Math.exp(0.5));
        assertThat((double) r.losses()[0]).isCloseTo(3 * (softplus - 0.5), within(1e-6));
        assertThat((double) r.losses()[1]).isCloseTo(softplus, within(1e-6));
        double p = 1 / (1 + Math.exp(-0.5));
        assertThat((double) r.gradient()[0]).isCloseTo(-3 * (1 - p), within(1e-6));
        assertThat((double) r.gradient()[1]).isCloseTo(p, within(1e-6));
    }

    @Test
    void shouldScoreOneOfManyClasses() {
        float[] z = {1f, 2f, 3f, 100f, 0f, 0f};
        Result r = of(Loss.SoftmaxCrossEntropy.defaults(), 3, z, new float[] {0, 1, 0, 0, 0, 1});
        double all = Math.exp(1) + Math.exp(2) + Math.exp(3);
        assertThat((double) r.losses()[0]).isCloseTo(Math.log(all) - 2, within(1e-5));
        assertThat((double) r.losses()[1]).isCloseTo(100, within(1e-4));
        assertThat((double) r.gradient()[1]).isCloseTo(Math.exp(2) / all - 1, within(1e-5));
        assertThat((double) r.predictions()[0]).isCloseTo(Math.exp(1) / all, within(1e-6));
        Result weighted =
                of(new Loss.SoftmaxCrossEntropy(List.of(1f, 2f, 1f)), 3, new float[] {1, 2, 3}, new float[] {0, 1, 0});
        assertThat((double) weighted.losses()[0]).isCloseTo(2 * (Math.log(all) - 2), within(1e-5));
    }

    @Test
    void shouldSquareErrors() {
        Result r = of(new Loss.SquaredError(), 1, new float[] {3f}, new float[] {1f});
        assertThat(r.losses()).containsExactly(2f);
        assertThat(r.gradient()).containsExactly(2f);
    }

    @Test
    void shouldTakeTheMeanOverTheLabelsThatAreThere() {
        Graph g = new Graph();
        Value losses = g.input("losses", ElementType.FLOAT, Graph.N, 2);
        Value mask = g.input("mask", ElementType.FLOAT, Graph.N, 2);
        Value mean = Loss.maskedMean(g, losses, mask);
        Value by = Gradients.of(g, mean, List.of(losses)).get(0);
        try (Evaluation evaluation = new Evaluation(g, Map.of("mean", mean, "by", by), 2)) {
            evaluation.set("losses", 1f, 7f, 3f, 9f);
            evaluation.set("mask", 1f, 0f, 1f, 0f);
            evaluation.run();
            assertThat(evaluation.get("mean")).containsExactly(2f);
            assertThat(evaluation.get("by")).containsExactly(0.5f, 0f, 0.5f, 0f);
            evaluation.set("mask", 0f, 0f, 0f, 0f);
            evaluation.run();
            assertThat(evaluation.get("mean")).containsExactly(0f);
            assertThat(evaluation.get("by")).containsOnly(0f);
        }
    }

    @Test
    void shouldRefuseWeightsThatAreNotPositive() {
        assertThatThrownBy(() -> new Loss.BinaryCrossEntropy(0)).hasMessageContaining("positive weight");
        assertThatThrownBy(() -> new Loss.SoftmaxCrossEntropy(List.of(1f, -1f))).hasMessageContaining("class weights");
    }
}
