package io.livepredict.trainer.family;

import io.livepredict.trainer.graph.Graph;
import io.livepredict.trainer.graph.Op;
import io.livepredict.trainer.graph.Value;
import java.util.List;

/**
 * Decayed running mean and variance by columns: Chan, Golub and LeVeque's pairwise update (The American Statistician 37,
 * 1983, eq. 2.1) of an exponentially decayed past with a batch.
 */
final class RunningMoments {
    private RunningMoments() {}

    /**
     * Takes in a batch.
     *
     * @param mean [C], before; of columns never seen, any value near theirs
     * @param variance [C], before
     * @param weight [C]: how many examples the past counts for
     * @param centred [N, C]: values less {@code mean}
     * @param ones [1, N]: a product with it adds up the rows in a third of the time that ReduceMean takes
     * @param memory after how many examples an old one counts 1/e
     * @return mean, variance and weight after
     */
    static List<Value> after(
            Graph g, Value mean, Value variance, Value weight, Value centred, Value ones, double memory) {
        Value count = g.apply(new Op.DimSize(0), centred);
        Value each = g.div(ones, count);
        Value shift = g.squeeze(g.matMul(each, centred), 0);
        // Little is lost in the difference: the values are centred at their mean already, or near it.
        Value squares = g.squeeze(g.matMul(each, g.square(centred)), 0);
        Value batchVariance = g.relu(g.sub(squares, g.square(shift)));
        Value kept = g.mul(weight, g.exp(g.mul(count, (float) (-1 / memory))));
        Value newWeight = g.add(kept, count);
        Value share = g.div(count, newWeight);
        Value rest = g.sub(g.scalar(1f), share);
        Value newMean = g.add(mean, g.mul(share, shift));
        Value between = g.mul(g.mul(share, rest), g.square(shift));
        Value newVariance = g.add(g.add(g.mul(rest, variance), g.mul(share, batchVariance)), between);
        return List.of(newMean, newVariance, newWeight);
    }
}
