package io.livepredict.deploy.bench;

import java.util.List;

/**
 * Other projects' learners, found by {@link java.util.ServiceLoader}: they are built by the profile {@code bench-peers} only,
 * so that nothing that is shipped depends on them.
 */
public interface PeerLearners {
    /** MOA's stochastic gradient descent with logistic loss. */
    String MOA_SGD = "moa_sgd";

    /** MOA's Hoeffding adaptive tree. */
    String MOA_HAT = "moa_hat";

    /** MOA's adaptive random forest, ten trees. */
    String MOA_ARF = "moa_arf";

    /** Vowpal Wabbit's logistic regression. */
    String VOWPAL_WABBIT = "vowpal_wabbit";

    /** What there is. */
    List<String> names();

    /** Learning rates worth trying, the learner's own default first; empty where it has none. */
    List<Double> rates(String name);

    /**
     * A fresh learner.
     *
     * @param width how many features an example has
     * @param rate learning rate; NaN for the learner's own default
     */
    PeerLearner create(String name, int width, double rate);
}
