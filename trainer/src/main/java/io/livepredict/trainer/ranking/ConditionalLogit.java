package io.livepredict.trainer.ranking;

import io.livepredict.contract.OnnxContract;
import io.livepredict.contract.PairFeatures;
import io.livepredict.trainer.graph.ElementType;
import io.livepredict.trainer.graph.Graph;
import io.livepredict.trainer.graph.OnnxWriter;
import io.livepredict.trainer.graph.Shape;
import io.livepredict.trainer.graph.Value;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Map;

/**
 * A linear conditional logit (McFadden, Conditional logit analysis of qualitative choice behavior, 1974): the probability of a
 * candidate is the softmax of w·x over all candidates and one outside option with a logit of its own, learned from each choice
 * once by AdaGrad (Duchi, Hazan and Singer, JMLR 2011). Where not all candidates are logged, each logged one stands for equally
 * many against the outside option, which is always there: with the uniform draw of the examples that is consistent (McFadden,
 * Modelling the choice of residential location, 1978). Single writer; the same choices give the same bytes.
 */
public final class ConditionalLogit {
    private static final int SIZE = PairFeatures.ALL.size();
    /** The outside option's logit is the last parameter. */
    private static final int OUTSIDE = SIZE;

    private static final double EPSILON = 1e-8;

    private final double rate;
    private final double[] weights = new double[SIZE + 1];
    private final double[] squares = new double[SIZE + 1];
    private final double[] gradient = new double[SIZE + 1];
    private double[] probabilities = {};

    /** @param rate step size of AdaGrad, such as 0.1 */
    public ConditionalLogit(double rate) {
        if (!(rate > 0) || Double.isInfinite(rate)) {
            throw new IllegalArgumentException("rate must be positive, got " + rate);
        }
        this.rate = rate;
        Arrays.fill(squares, EPSILON);
    }

    /**
     * Learns from a choice.
     *
     * @return the loss before that: the negative logarithm of the probability of what was chosen
     */
    public double learn(Choice choice) {
        double loss = loss(choice);
        int logged = choice.logged();
        int chosen = choice.chosen() < 0 ? logged : choice.chosen();
        Arrays.fill(gradient, 0);
        for (int i = 0; i <= logged; i++) {
            double error = probabilities[i] - (i == chosen ? 1 : 0);
            if (i == logged) {
                gradient[OUTSIDE] += error;
            } else {
                for (int k = 0; k < SIZE; k++) {
                    gradient[k] += error * choice.vectors()[i * SIZE + k];
                }
            }
        }
        for (int k = 0; k < gradient.length; k++) {
            squares[k] += gradient[k] * gradient[k];
            weights[k] -= rate * gradient[k] / Math.sqrt(squares[k]);
        }
        return loss;
    }

    /** The negative logarithm of the probability of what was chosen. */
    public double loss(Choice choice) {
        int logged = choice.logged();
        if (probabilities.length <= logged) {
            probabilities = new double[logged + 1];
        }
        double standsFor = logged == 0 ? 0 : Math.log((double) choice.candidates() / logged);
        double most = weights[OUTSIDE];
        for (int i = 0; i < logged; i++) {
            probabilities[i] = score(choice.vectors(), i) + standsFor;
            most = Math.max(most, probabilities[i]);
        }
        probabilities[logged] = weights[OUTSIDE];
        double sum = 0;
        for (int i = 0; i <= logged; i++) {
            probabilities[i] = Math.exp(probabilities[i] - most);
            sum += probabilities[i];
        }
        for (int i = 0; i <= logged; i++) {
            probabilities[i] /= sum;
        }
        return -Math.log(Math.max(Double.MIN_NORMAL, probabilities[choice.chosen() < 0 ? logged : choice.chosen()]));
    }

    /** The logit of one of the vectors that lie one after the other. */
    public double score(float[] vectors, int index) {
        double score = 0;
        for (int k = 0; k < SIZE; k++) {
            score += weights[k] * vectors[index * SIZE + k];
        }
        return score;
    }

    /** The logit of the outside option. */
    public double outside() {
        return weights[OUTSIDE];
    }

    /**
     * The ranker as an ONNX file: input {@code dense} [N, pair features], the candidates; output {@code scores} [N, 1], their
     * probabilities. What they lack to 1 is that of none of them.
     */
    public byte[] onnx() {
        Graph g = new Graph();
        float[] w = new float[SIZE];
        for (int k = 0; k < SIZE; k++) {
            w[k] = (float) weights[k];
        }
        Value pairs = g.input(OnnxContract.DENSE, ElementType.FLOAT, Graph.N, SIZE);
        Value logits = g.matMul(pairs, g.constant("weights", Shape.of(SIZE, 1), w));
        Value outside = g.constant("outside", Shape.of(1, 1), new float[] {(float) weights[OUTSIDE]});
        // The largest of all, the outside option included, is taken off so that no exponential overflows.
        Value most = g.add(outside, g.relu(g.sub(g.max(logits, true, 0), outside)));
        Value odds = g.exp(g.sub(logits, most));
        Value all = g.add(g.sum(odds, true, 0), g.exp(g.sub(outside, most)));
        return OnnxWriter.model(g, Map.of(OnnxContract.SCORES, g.div(odds, all)));
    }

    /** All that is learned. */
    public byte[] state() {
        ByteBuffer bytes =
                ByteBuffer.allocate(2 * weights.length * Double.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int k = 0; k < weights.length; k++) {
            bytes.putDouble(weights[k]).putDouble(squares[k]);
        }
        return bytes.array();
    }

    /**
     * Goes on from what {@link #state} gave.
     *
     * @throws IllegalArgumentException if it is not as long as that of these pair features
     */
    public void restore(byte[] state) {
        if (state.length != 2 * weights.length * Double.BYTES) {
            throw new IllegalArgumentException(
                    "the state of a ranker has " + state.length + " bytes, not " + 2 * weights.length * Double.BYTES);
        }
        ByteBuffer bytes = ByteBuffer.wrap(state).order(ByteOrder.LITTLE_ENDIAN);
        for (int k = 0; k < weights.length; k++) {
            weights[k] = bytes.getDouble();
            squares[k] = bytes.getDouble();
        }
    }
}
