package io.livepredict.trainer.family;

import io.livepredict.trainer.graph.Graph;
import io.livepredict.trainer.graph.Value;

/** What a hidden layer does to its sums. */
public enum Activation {
    SIGMOID,
    TANH,
    RELU;

    Value apply(Graph g, Value sums) {
        return switch (this) {
            case SIGMOID -> g.sigmoid(sums);
            case TANH -> g.tanh(sums);
            case RELU -> g.relu(sums);
        };
    }

    /** Variance of fresh weights: He et al. 2015 (2/in) behind ReLU, Glorot and Bengio 2010 (2/(in + out)) else. */
    Initialiser initialiser(int in, int out) {
        return Initialiser.uniform(this == RELU ? Math.sqrt(6.0 / in) : Math.sqrt(6.0 / (in + out)));
    }
}
