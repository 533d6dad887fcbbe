package io.livepredict.deploy.bench;

/** An online learner of another project: binary, dense features. Not safe for use from several threads. */
public interface PeerLearner extends AutoCloseable {
    /**
     * Tests, then learns from an example.
     *
     * @param features raw values, always as many; not kept
     * @return the probability of a positive label before learning from it
     */
    double testThenTrain(float[] features, boolean positive);

    @Override
    void close();
}
