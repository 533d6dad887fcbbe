package io.livepredict.trainer.learner;

/**
 * When another learner takes over, and when one counts as diverged.
 *
 * @param margin how much lower another learner's recent loss must be than the champion's, relative
 * @param floor labels in the recent window before anyone takes over
 * @param dwell examples after a change before the next
 * @param divergedAt recent loss relative to the base rate's at which a learner has diverged
 */
public record ChampionSettings(double margin, int floor, int dwell, double divergedAt) {
    public ChampionSettings {
        require(margin >= 0 && margin < 1, "margin must be in 0..1, got " + margin);
        require(floor >= 1, "floor must be at least 1, got " + floor);
        require(dwell >= 0, "dwell must not be negative, got " + dwell);
        require(divergedAt > 1, "diverged-at must be above 1, got " + divergedAt);
    }

    public static ChampionSettings defaults() {
        return new ChampionSettings(0.005, 500, 1_000, 5);
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new IllegalArgumentException(message);
        }
    }
}
