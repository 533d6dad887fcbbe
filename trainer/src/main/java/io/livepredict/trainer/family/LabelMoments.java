package io.livepredict.trainer.family;

import io.livepredict.contract.Target;
import java.util.List;

/**
 * Decayed running mean and variance of each target's labels, and what outputs are relative to: the logit of a binary
 * target's base rate, a sum's mean and deviation. So a network has only to learn what the features say; at a rate of 0.001 a
 * bias would need hundreds of steps to find a base rate that a mean finds in one batch. Kept in floats, as they are saved, and computed with StrictMath, so
 * that going on from a saved state is going on. Used before the batch is taken in. Not safe for use from several threads.
 */
final class LabelMoments {
    /** How many examples a prior counts for. */
    static final float PRIOR_WEIGHT = 1f;

    private static final double LEAST_RATE = 1e-5;
    private static final double LEAST_VARIANCE = 1e-6;

    private final List<Target> targets;
    private final double memory;
    final float[] mean;
    final float[] variance;
    final float[] weight;

    LabelMoments(List<Target> targets, double memory) {
        this.targets = targets;
        this.memory = memory;
        mean = new float[targets.size()];
        variance = new float[targets.size()];
        weight = new float[targets.size()];
    }

    /** The logit of a binary target's base rate; 0 for a sum. */
    static float offset(Target target, float mean) {
        if (!target.isBinary()) {
            return 0f;
        }
        double rate = Math.min(1 - LEAST_RATE, Math.max(LEAST_RATE, mean));
        return (float) StrictMath.log(rate / (1 - rate));
    }

    static float deviation(float variance) {
        return (float) Math.sqrt(variance + LEAST_VARIANCE);
    }

    /** Takes in the labels that are there: the update of {@link RunningMoments}, column by column. */
    void take(ExampleBatch batch) {
        int width = targets.size();
        for (int t = 0; t < width; t++) {
            int count = 0;
            double sum = 0;
            double squares = 0;
            for (int i = t; i < batch.size * width; i += width) {
                if (batch.mask[i] > 0) {
                    double away = (double) batch.labels[i] - mean[t];
                    count++;
                    sum += away;
                    squares += away * away;
                }
            }
            if (count > 0) {
                double shift = sum / count;
                double kept = weight[t] * StrictMath.exp(-count / memory);
                double share = count / (kept + count);
                double spread = Math.max(0, squares / count - shift * shift);
                variance[t] =
                        (float) ((1 - share) * variance[t] + share * spread + share * (1 - share) * shift * shift);
                mean[t] = (float) (mean[t] + share * shift);
                weight[t] = (float) (kept + count);
            }
        }
    }
}
