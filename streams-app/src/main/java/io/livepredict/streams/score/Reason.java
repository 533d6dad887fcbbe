package io.livepredict.streams.score;

/**
 * A feature that moved a score.
 *
 * @param words the feature's name for a person
 * @param contribution to the logit (for sum-of: the value)
 */
public record Reason(String words, double contribution) {}
