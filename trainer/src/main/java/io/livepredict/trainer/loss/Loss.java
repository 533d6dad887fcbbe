package io.livepredict.trainer.loss;

import io.livepredict.trainer.graph.Graph;
import io.livepredict.trainer.graph.Op;
import io.livepredict.trainer.graph.Shape;
import io.livepredict.trainer.graph.Value;
import java.util.List;

/** What a network's outputs cost, given the labels. */
public sealed interface Loss {
    /**
     * The loss of every label.
     *
     * @param outputs [N, T] before any squashing (logits)
     * @param labels [N, T]
     * @return [N, T], or [N, 1] where a row has one label of many classes
     */
    Value ofEach(Graph g, Value outputs, Value labels);

    /** What the outputs predict: probabilities, or the value itself. Same shape. */
    Value predictions(Graph g, Value outputs);

    /**
     * The mean over the labels that are there: {@code sum(losses ⊙ mask) / max(1, sum(mask))}, a scalar.
     *
     * @param mask of the shape of the losses, 1 where there is a label and 0 where not
     */
    static Value maskedMean(Graph g, Value losses, Value mask) {
        Value labels = g.clip(g.sumAll(mask), 1f, Float.MAX_VALUE);
        return g.div(g.sumAll(g.mul(losses, mask)), labels);
    }

    /**
     * Cross-entropy of a Bernoulli outcome from its logit z, in the form that neither overflows nor loses its gradient: {@code
     * softplus(z) − y·z} (Goodfellow, Bengio and Courville, Deep Learning, 2016, §6.2.2.2, rearranged).
     *
     * @param positiveWeight multiplies the loss of positive labels; 1 keeps the probabilities calibrated
     */
    record BinaryCrossEntropy(float positiveWeight) implements Loss {
        public BinaryCrossEntropy {
            if (!(positiveWeight > 0) || Float.isInfinite(positiveWeight)) {
                throw new IllegalArgumentException("positive weight must be positive, got " + positiveWeight);
            }
        }

        /** Positives count as much as negatives. */
        public static BinaryCrossEntropy defaults() {
            return new BinaryCrossEntropy(1f);
        }

        @Override
        public Value ofEach(Graph g, Value outputs, Value labels) {
            if (positiveWeight == 1f) {
                return g.sub(g.softplus(outputs), g.mul(labels, outputs));
            }
            // w·y·softplus(−z) + (1 − y)·softplus(z), with softplus(−z) = softplus(z) − z.
            Value softplus = g.softplus(outputs);
            Value weighted = g.mul(g.mul(labels, positiveWeight), g.sub(softplus, outputs));
            return g.add(weighted, g.mul(g.sub(g.scalar(1f), labels), softplus));
        }

        @Override
        public Value predictions(Graph g, Value outputs) {
            return g.sigmoid(outputs);
        }
    }

    /**
     * Cross-entropy of one of C classes from C logits: {@code −Σ_c w_c · y_c · log softmax(z)_c} (Goodfellow et al. 2016,
     * §6.2.2.3). Labels are one-hot rows; the loss is [N, 1].
     *
     * @param classWeights one per class, or empty for all equal
     */
    record SoftmaxCrossEntropy(List<Float> classWeights) implements Loss {
        public SoftmaxCrossEntropy {
            classWeights = List.copyOf(classWeights);
            if (classWeights.stream().anyMatch(w -> !(w > 0) || Float.isInfinite(w))) {
                throw new IllegalArgumentException("class weights must be positive, got " + classWeights);
            }
        }

        /** All classes count the same. */
        public static SoftmaxCrossEntropy defaults() {
            return new SoftmaxCrossEntropy(List.of());
        }

        @Override
        public Value ofEach(Graph g, Value outputs, Value labels) {
            Value weighted = labels;
            if (!classWeights.isEmpty()) {
                float[] weights = new float[classWeights.size()];
                for (int i = 0; i < weights.length; i++) {
                    weights[i] = classWeights.get(i);
                }
                weighted = g.mul(labels, g.literal(Shape.of(1, weights.length), weights));
            }
            Value logLikelihood = g.mul(weighted, g.apply(new Op.LogSoftmax(1), outputs));
            return g.neg(g.sum(logLikelihood, true, 1));
        }

        @Override
        public Value predictions(Graph g, Value outputs) {
            return g.apply(new Op.Softmax(1), outputs);
        }
    }

    /** Half the squared error, {@code ½(z − y)²}: its gradient is the error itself (Bishop, PRML, 2006, eq. 5.14). */
    record SquaredError() implements Loss {
        @Override
        public Value ofEach(Graph g, Value outputs, Value labels) {
            return g.mul(g.square(g.sub(outputs, labels)), 0.5f);
        }

        @Override
        public Value predictions(Graph g, Value outputs) {
            return outputs;
        }
    }
}
