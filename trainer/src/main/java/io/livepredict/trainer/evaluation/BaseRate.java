package io.livepredict.trainer.evaluation;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * The reference that a model must beat: the fading mean of the labels so far. Starts at the target's prior, which weighs as much as
 * ten examples. Not safe for use from several threads.
 */
final class BaseRate {
    private static final double PRIOR_WEIGHT = 10;

    private final double decay;
    private double weight = PRIOR_WEIGHT;
    private double sum;

    BaseRate(double prior, double decay) {
        this.decay = decay;
        sum = prior * PRIOR_WEIGHT;
    }

    double predict() {
        return sum / weight;
    }

    void learn(double label) {
        weight = weight * decay + 1;
        sum = sum * decay + label;
    }

    void write(DataOutput out) throws IOException {
        out.writeDouble(weight);
        out.writeDouble(sum);
    }

    void read(DataInput in) throws IOException {
        weight = in.readDouble();
        sum = in.readDouble();
    }
}
