package io.livepredict.deploy.simulator;

/**
 * What can be known of a silent entity by who knew its hidden state at its latest event: how probably it is in which state
 * now, or has gone, given that nothing was seen of it. The forward algorithm of hidden Markov models (Rabiner 1989), tick by
 * tick.
 */
final class SilentBelief {
    /** Joint probabilities [state][environment] with that nothing was seen; in the context it was seen in. */
    private double[][] here;
    /** The same where a new context has begun since. */
    private double[][] elsewhere;

    private double gone;

    /** At the latest event itself. */
    SilentBelief(Behaviour behaviour, int state, int environment) {
        here = none(behaviour);
        elsewhere = none(behaviour);
        here[state][environment] = 1;
    }

    private static double[][] none(Behaviour behaviour) {
        return new double[behaviour.states()][behaviour.environments()];
    }

    /** One more tick has passed in which nothing was seen. */
    void tick(Behaviour behaviour, double[] lost) {
        double[][] nextHere = none(behaviour);
        double[][] nextElsewhere = none(behaviour);
        gone += behaviour.silent(here, elsewhere, lost, nextHere, nextElsewhere);
        here = nextHere;
        elsewhere = nextElsewhere;
    }

    /** The probability that the label is 1. */
    double probability(Oracle oracle, long ticksUntilChange) {
        double sum = gone * oracle.whenGone();
        double all = gone;
        for (int s = 0; s < here.length; s++) {
            for (int e = 0; e < here[s].length; e++) {
                double there = oracle.probability(s, e, ticksUntilChange);
                sum += here[s][e] * there + elsewhere[s][e] * (oracle.isWithinContext() ? oracle.whenGone() : there);
                all += here[s][e] + elsewhere[s][e];
            }
        }
        return sum / all;
    }
}
