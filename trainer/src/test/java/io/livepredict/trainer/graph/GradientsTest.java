package io.livepredict.trainer.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GradientsTest {
    @Test
    void shouldShareTheGradientAmongEqualMaxima() {
        Graph g = new Graph();
        Value a = g.input("a", ElementType.FLOAT, 1, 4);
        Value by = Gradients.of(g, g.sumAll(g.max(a, false, 1)), List.of(a)).get(0);
        try (Evaluation evaluation = new Evaluation(g, Map.of("by", by), 1)) {
            evaluation.set("a", 2f, 1f, 2f, 0f);
            evaluation.run();
            assertThat(evaluation.get("by")).containsExactly(0.5f, 0f, 0.5f, 0f);
        }
    }

    @Test
    void shouldAddUpAllPathsFromAValue() {
        Graph g = new Graph();
        Value x = g.input("x", ElementType.FLOAT);
        // y = x² + 3x + x·sigmoid(x); y' = 2x + 3 + s + x·s·(1 − s).
        Value y = g.add(g.add(g.square(x), g.mul(x, 3f)), g.mul(x, g.sigmoid(x)));
        Value by = Gradients.of(g, y, List.of(x)).get(0);
        try (Evaluation evaluation = new Evaluation(g, Map.of("by", by), 1)) {
            evaluation.set("x", 2f);
            evaluation.run();
            double s = 1 / (1 + Math.exp(-2));
            assertThat((double) evaluation.get("by")[0]).isCloseTo(7 + s + 2 * s * (1 - s), within(1e-5));
        }
    }

    @Test
    void shouldGiveZerosForWhatTheOutputDoesNotDependOn() {
        Graph g = new Graph();
        Value x = g.input("x", ElementType.FLOAT, 2);
        Value z = g.input("z", ElementType.FLOAT, 3);
        List<Value> by = Gradients.of(g, g.sumAll(g.square(x)), List.of(x, z));
        assertThat(by.get(1).shape()).isEqualTo(Shape.of(3));
        assertThatThrownBy(() -> Gradients.of(g, x, List.of(x)))
                .isInstanceOf(GraphException.class)
                .hasMessageContaining("not a scalar");
    }
}
