package io.livepredict.trainer.optimiser;

import io.livepredict.trainer.graph.Graph;
import io.livepredict.trainer.graph.Value;
import java.util.List;

/** Clipping by global norm: g ← g · min(1, c/‖g‖) (Pascanu, Mikolov and Bengio, ICML 2013, algorithm 1). */
public final class GradientClip {
    private GradientClip() {}

    /**
     * Scales all the gradients together so that their joint norm is at most c.
     *
     * @param norm c; infinite for no clipping
     */
    public static List<Value> byGlobalNorm(Graph g, List<Value> gradients, double norm) {
        if (!(norm > 0)) {
            throw new IllegalArgumentException("clip norm must be positive, got " + norm);
        }
        if (Double.isInfinite(norm)) {
            return gradients;
        }
        Value squares = gradients.stream()
                .map(gradient -> g.sumAll(g.square(gradient)))
                .reduce(g::add)
                .orElseThrow();
        Value bounded = g.clip(g.sqrt(squares), (float) norm, Float.MAX_VALUE);
        Value scale = g.div(g.scalar((float) norm), bounded);
        return gradients.stream().map(gradient -> g.mul(gradient, scale)).toList();
    }
}
