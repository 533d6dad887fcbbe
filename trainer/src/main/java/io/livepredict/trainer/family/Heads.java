package io.livepredict.trainer.family;

import io.livepredict.trainer.graph.Graph;
import io.livepredict.trainer.graph.Shape;
import io.livepredict.trainer.graph.Value;
import io.livepredict.trainer.loss.Loss;

/**
 * The targets' side of the graph: which loss each output has and what it predicts. Binary targets have cross-entropy and a
 * probability, from an output relative to the logit of their base rate. Sums have the squared error of the label relative to its running mean and deviation, so that a sum in
 * thousands does not drown the rest, and predict mean + deviation · output.
 */
final class Heads {
    private final Graph g;
    private final Blueprint blueprint;
    private final Value isBinary;
    private final Loss binary;
    private final Loss sum = new Loss.SquaredError();

    Heads(Graph g, Blueprint blueprint) {
        this.g = g;
        this.blueprint = blueprint;
        boolean[] flags = new boolean[blueprint.targets().size()];
        for (int i = 0; i < flags.length; i++) {
            flags[i] = blueprint.targets().get(i).isBinary();
        }
        isBinary = g.literal(Shape.of(1, flags.length), flags);
        binary = new Loss.BinaryCrossEntropy(
                (float) blueprint.settings().training().positiveWeight());
    }

    /** A network's outputs with the base rates: logits where binary, unchanged for sums. [N, T]. */
    Value logits(Value networkOutputs, Value offset) {
        return g.add(networkOutputs, offset);
    }

    /**
     * Scores [N, T].
     *
     * @param logits with the base rates, [N, T]
     * @param mean running means of the labels, [T]; used only where there are sums
     * @param deviation their standard deviations, [T]
     */
    Value scores(Value logits, Value mean, Value deviation) {
        Value probability = binary.predictions(g, logits);
        return blueprint.hasSums()
                ? g.where(isBinary, probability, g.add(g.mul(logits, deviation), mean))
                : probability;
    }

    /** The loss of each label, [N, T]. */
    Value losses(Value logits, Value labels, Value mean, Value deviation) {
        Value crossEntropy = binary.ofEach(g, logits, labels);
        if (!blueprint.hasSums()) {
            return crossEntropy;
        }
        Value relative = g.div(g.sub(labels, mean), deviation);
        return g.where(isBinary, crossEntropy, sum.ofEach(g, logits, relative));
    }

    /** What one unit of each output is worth: 1 logit, or for a sum one standard deviation. [T]. */
    Value unit(Value deviation) {
        return blueprint.hasSums() ? g.where(g.squeeze(isBinary, 0), g.scalar(1f), deviation) : g.scalar(1f);
    }
}
