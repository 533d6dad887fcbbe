package io.livepredict.trainer.learner;

/**
 * How a change in the world is noticed and answered. The main answer is that averages of parameters start over, which every
 * learner decides by itself; learning rates rise only if the configuration asks for it (RATIONALE.md).
 *
 * @param enabled whether at all, averages included
 * @param delta ADWIN's chance of a false alarm at one check
 * @param leastRise by how much the mean loss must have risen, relative: over many examples ADWIN also finds changes that are
 *     too small to be worth an answer
 * @param boost by how much learning rates are multiplied right after a drift; falls back to 1 evenly; 1 for not at all
 * @param examples over how many examples it falls back; until then no other drift is looked for
 */
public record DriftSettings(boolean enabled, double delta, double leastRise, double boost, int examples) {
    public DriftSettings {
        require(delta > 0 && delta < 1, "delta must be between 0 and 1, got " + delta);
        require(leastRise >= 0 && leastRise < 100, "least-rise must be in 0..100, got " + leastRise);
        require(boost >= 1 && boost <= 100, "boost must be in 1..100, got " + boost);
        require(examples >= 1, "examples must be at least 1, got " + examples);
    }

    public static DriftSettings defaults() {
        return new DriftSettings(true, 0.002, 0.15, 1, 10_000);
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new IllegalArgumentException(message);
        }
    }
}
