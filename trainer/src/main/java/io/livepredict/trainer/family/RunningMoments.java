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
     * @param mean [C], before
     * @param variance [C], before
     * @param weight [C]: how many examples the past counts for
     * @param centred [N, C]: values less the mean before
     * @param memory after how many examples an old one counts 1/e
     * @return mean, variance and weight after
     */
    static List<Value> after(Graph g, Value mean, Value variance, Value weight, Value centred, double memory) {
        Value count = g.apply(new Op.DimSize(0), centred);
        Value shift = g.mean(centred, false, 0);
        Value batchVariance = g.mean(g.square(g.sub(centred, shift)), false, 0);
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
