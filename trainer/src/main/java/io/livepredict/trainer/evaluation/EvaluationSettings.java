package io.livepredict.trainer.evaluation;

/**
 * How far back the metrics look.
 *
 * @param decay weight of an example relative to the one after it, for fading metrics
 * @param window examples in the recent window
 * @param blocks pieces it slides in: it covers between window · (1 − 1/blocks) and window examples
 * @param entities how many entities the previous-outcome reference remembers; a power of two
 */
public record EvaluationSettings(double decay, int window, int blocks, int entities) {
    public EvaluationSettings {
        require(decay > 0 && decay < 1, "decay must be between 0 and 1, got " + decay);
        require(blocks >= 2 && blocks <= 64, "blocks must be in 2..64, got " + blocks);
        require(window >= blocks, "window must be at least the number of blocks, got " + window);
        require(
                entities >= 2 && entities <= 1 << 20 && Integer.bitCount(entities) == 1,
                "entities must be a power of two in 2..2^20, got " + entities);
    }

    /** Half the weight is in the last 6,931 examples; a window of 5,000 in ten blocks; 16,384 entities. */
    public static EvaluationSettings defaults() {
        return new EvaluationSettings(0.9999, 5_000, 10, 1 << 14);
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new IllegalArgumentException(message);
        }
    }
}
