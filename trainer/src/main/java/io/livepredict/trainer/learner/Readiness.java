package io.livepredict.trainer.learner;

/**
 * Whether examples are being learned from as they come, and in one line for a person how things stand.
 *
 * @param ready false also while the brokers or the registry are waited for, or the trainer's thread hangs or is gone
 */
public record Readiness(boolean ready, String words) {}
