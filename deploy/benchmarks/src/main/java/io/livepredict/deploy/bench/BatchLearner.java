package io.livepredict.deploy.bench;

/**
 * A batch learner of another project: trained once, then asked. Found by {@link java.util.ServiceLoader}, as {@link
 * PeerLearners} are.
 */
public interface BatchLearner {
    /** Its name in tables. */
    String name();

    /**
     * Learns from the first examples and scores the others.
     *
     * @param train raw feature values, a row an example
     * @param labels 0 or 1, one for each row of {@code train}
     * @param test rows as wide
     * @return the probability of a positive label for each row of {@code test}
     */
    double[] trainThenScore(float[][] train, float[] labels, float[][] test);
}
