package io.livepredict.trainer.learner;

/**
 * How a change in the world is noticed and answered.
 *
 * @param enabled whether at all
 * @param delta ADWIN's chance of a false alarm at one check
 * @param boost by how much learning rates are multiplied right after a drift; falls back to 1 evenly
 * @param examples over how many examples it falls back
 */
public record DriftSettings(boolean enabled, double delta, double boost, int examples) {
    public DriftSettings {
        require(delta > 0 && delta < 1, "delta must be between 0 and 1, got " + delta);
        require(boost >= 1 && boost <= 100, "boost must be in 1..100, got " + boost);
        require(examples >= 1, "examples must be at least 1, got " + examples);
    }

    public static DriftSettings defaults() {
        return new DriftSettings(true, 0.002, 4, 10_000);
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new IllegalArgumentException(message);
        }
    }
}
