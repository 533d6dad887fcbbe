package io.livepredict.deploy.bench.peers;

import io.livepredict.deploy.bench.PeerLearner;
import org.vowpalwabbit.spark.VowpalWabbitExample;
import org.vowpalwabbit.spark.VowpalWabbitNative;
import org.vowpalwabbit.spark.prediction.ScalarPrediction;

/**
 * Vowpal Wabbit's logistic regression (adaptive, normalised, invariant: its defaults), given dense arrays through its native
 * interface rather than lines of text, which it would spend most of its time reading.
 */
final class VowpalWabbitLearner implements PeerLearner {
    private final VowpalWabbitNative native_;
    private final VowpalWabbitExample example;
    private final double[] values;

    VowpalWabbitLearner(int width, double rate) {
        native_ = new VowpalWabbitNative("--quiet --loss_function logistic --link logistic --bit_precision 18"
                + (Double.isNaN(rate) ? "" : " --learning_rate " + rate));
        example = native_.createEmptyExample();
        values = new double[width + 1];
        values[width] = 1; // the constant
    }

    @Override
    public double testThenTrain(float[] features, boolean positive) {
        for (int i = 0; i < features.length; i++) {
            values[i] = features[i];
        }
        example.clear();
        example.addToNamespaceDense('x', 0, values);
        example.setLabel(positive ? 1f : -1f);
        example.learn();
        return ((ScalarPrediction) example.getPrediction()).getValue();
    }

    @Override
    public void close() {
        example.close();
        native_.close();
    }
}
