package io.livepredict.trainer.family;

/**
 * How dense features are brought to a common scale in the graph: subtract the running mean, divide by the running standard
 * deviation, limit.
 *
 * @param memory after how many examples an old one counts 1/e: the mean and variance follow drift at this pace
 * @param limit largest magnitude after scaling; what lies beyond is cut off
 * @param warmUp a feature fades in over its first so many examples, while its mean and variance are still guesses
 */
public record Normalisation(double memory, double limit, double warmUp) {
    public Normalisation {
        require(memory >= 1, "memory must be at least 1 example, got " + memory);
        require(limit > 0, "limit must be positive, got " + limit);
        require(warmUp > 0, "warm-up must be positive, got " + warmUp);
        require(warmUp < memory / 2, "warm-up must be below half the memory, got " + warmUp);
    }

    /** A hundred thousand examples, six standard deviations, sixty-four examples. */
    public static Normalisation defaults() {
        return new Normalisation(100_000, 6, 64);
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new IllegalArgumentException("normalisation: " + message);
        }
    }
}
