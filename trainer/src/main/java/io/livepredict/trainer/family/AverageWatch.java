package io.livepredict.trainer.family;

import java.util.Arrays;

/**
 * Whether averaged parameters still predict better than the latest parameters. While the world stays as it is they do, since
 * the mean of a random walk is calmer than the walk; once the world has changed, the average lags behind and must start over.
 * Each batch compares the two before it is learned from: the gain is the loss of the average minus that of the latest
 * parameters; its mean and variance fade over a number of batches. The average starts over when the mean gain is above zero by
 * more than {@link #SURE} of its standard deviations, √(variance / (2 · batches − 1)).
 *
 * <p>All in floats, so that a state that was saved goes on to the bit.
 */
final class AverageWatch {
    private static final float SURE = 3;

    /** How many batches were seen since the average began, the mean gain, its variance. */
    final float[] seen = new float[3];

    private final float batches;

    /** @param averageOver steps that the average spans; gains are compared over an eighth of them */
    AverageWatch(double averageOver) {
        batches = (float) Math.max(10, Math.floor(averageOver / 8));
    }

    /**
     * Takes one batch's losses; a loss that is not finite counts as no evidence.
     *
     * @return whether the average should start over; this watch then starts over too
     */
    boolean add(float averageLoss, float latestLoss) {
        float gain = averageLoss - latestLoss;
        if (!Float.isFinite(gain)) {
            return false;
        }
        seen[0] = Math.min(batches, seen[0] + 1);
        float weight = 1 / seen[0];
        float away = gain - seen[1];
        seen[1] += weight * away;
        seen[2] = (1 - weight) * (seen[2] + weight * away * away);
        if (seen[0] < batches || seen[1] <= SURE * (float) Math.sqrt(seen[2] / (2 * batches - 1))) {
            return false;
        }
        Arrays.fill(seen, 0);
        return true;
    }
}
