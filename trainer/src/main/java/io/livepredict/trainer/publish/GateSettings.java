package io.livepredict.trainer.publish;

/**
 * What a learner must pass before it is published.
 *
 * @param margin how much worse than what was served its recent loss may be, relative: 0.05 is 5 %
 * @param floor labels that a model was served for, below which the two are not compared
 * @param leastExamples examples learned from before the first version
 * @param tolerance largest difference of a score between the learner and its exported model, absolute for probabilities,
 *     relative for sums above 1
 * @param goldenRows how many rows travel with a model
 */
public record GateSettings(double margin, int floor, int leastExamples, double tolerance, int goldenRows) {
    public GateSettings {
        require(margin >= 0, "margin must not be negative, got " + margin);
        require(floor >= 1, "floor must be at least 1, got " + floor);
        require(leastExamples >= 1, "least-examples must be at least 1, got " + leastExamples);
        require(tolerance > 0, "tolerance must be positive, got " + tolerance);
        require(goldenRows >= 1 && goldenRows <= 64, "golden-rows must be in 1..64, got " + goldenRows);
    }

    public static GateSettings defaults() {
        return new GateSettings(0.05, 500, 1, 1e-5, 8);
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new IllegalArgumentException(message);
        }
    }
}
