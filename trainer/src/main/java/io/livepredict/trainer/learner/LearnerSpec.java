package io.livepredict.trainer.learner;

/**
 * One of the learners that train side by side.
 *
 * @param name its name in metrics and logs, unique
 * @param fingerprint names family, sizes, optimiser and every other setting: a saved state is only taken up under the same
 */
public record LearnerSpec(String name, String fingerprint) {}
