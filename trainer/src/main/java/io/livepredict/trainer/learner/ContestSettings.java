package io.livepredict.trainer.learner;

import io.livepredict.trainer.evaluation.EvaluationSettings;

/**
 * How learners compete.
 *
 * @param champion when another learner takes over, and when one counts as diverged
 * @param drift how a change in the world is noticed and answered
 * @param evaluation how far back metrics look
 */
public record ContestSettings(ChampionSettings champion, DriftSettings drift, EvaluationSettings evaluation) {
    public static ContestSettings defaults() {
        return new ContestSettings(
                ChampionSettings.defaults(), DriftSettings.defaults(), EvaluationSettings.defaults());
    }
}
