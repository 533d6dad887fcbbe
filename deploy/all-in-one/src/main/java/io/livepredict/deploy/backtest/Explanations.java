package io.livepredict.deploy.backtest;

import io.livepredict.avro.LabelledExample;
import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.FeatureVector;
import io.livepredict.contract.Target;
import io.livepredict.streams.score.ActiveModel;
import io.livepredict.streams.score.DirectBuffers;
import io.livepredict.streams.score.Reason;
import io.livepredict.streams.score.Scorer;
import io.livepredict.streams.score.ScoringException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Which features move the scores of the model that is active at the end: the reasons that a reader of predictions would see,
 * gathered over a sample of the latest examples. Not safe for use from several threads.
 */
public final class Explanations implements Backtest.ExampleListener {
    private static final int EVERY = 23;
    private static final int KEPT = 2_000;
    private static final int BATCH = 50;
    private static final int NAMED = 10;

    private final FeatureSchema schema;
    private final FeatureVector[] sample = new FeatureVector[KEPT];
    private long seen;
    private int kept;

    public Explanations(FeatureSchema schema) {
        this.schema = schema;
    }

    /** A feature and the sum of its contributions' sizes over the rows where it was among the reasons, per row of all. */
    public record Weight(String words, double meanContribution) {}

    @Override
    public void accept(LabelledExample example, long nowMillis) {
        if (seen++ % EVERY != 0) {
            return;
        }
        FeatureVector vector = new FeatureVector(schema);
        floats(example.getDense(), vector.dense);
        ints(example.getSequenceTypes(), vector.sequenceTypes);
        floats(example.getSequenceGaps(), vector.sequenceGaps);
        ints(example.getIds(), vector.ids);
        sample[kept++ % KEPT] = vector;
    }

    private static void floats(ByteBuffer from, float[] into) {
        from.duplicate().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(into);
    }

    private static void ints(ByteBuffer from, int[] into) {
        from.duplicate().order(ByteOrder.LITTLE_ENDIAN).asIntBuffer().get(into);
    }

    /** By target, the features that move its scores most; empty where the model gives no reasons. */
    Map<String, List<Weight>> of(ActiveModel active, List<Target> targets) {
        Map<String, List<Weight>> weights = new LinkedHashMap<>();
        int rows = Math.min(kept, KEPT);
        try (ActiveModel.Lease lease = active.lease()) {
            if (rows == 0 || !lease.model().explains()) {
                return weights;
            }
            List<Map<String, Double>> sums = new ArrayList<>();
            targets.forEach(target -> sums.add(new LinkedHashMap<>()));
            try (Scorer scorer = lease.model().newScorer(BATCH, new DirectBuffers())) {
                for (int from = 0; from < rows; from += BATCH) {
                    int count = Math.min(BATCH, rows - from);
                    FeatureVector[] batch = new FeatureVector[count];
                    System.arraycopy(sample, from, batch, 0, count);
                    for (List<List<Reason>> row : scorer.explain(batch, count)) {
                        for (int t = 0; t < row.size(); t++) {
                            Map<String, Double> sum = sums.get(t);
                            row.get(t).forEach(r -> sum.merge(r.words(), Math.abs(r.contribution()), Double::sum));
                        }
                    }
                }
            } catch (ScoringException e) {
                throw new IllegalStateException("the active model does not explain: " + e.getMessage(), e);
            }
            for (int t = 0; t < targets.size(); t++) {
                weights.put(
                        targets.get(t).name(),
                        sums.get(t).entrySet().stream()
                                .map(entry -> new Weight(entry.getKey(), entry.getValue() / rows))
                                .sorted(Comparator.comparingDouble(Weight::meanContribution)
                                        .reversed()
                                        .thenComparing(Weight::words))
                                .limit(NAMED)
                                .toList());
            }
        }
        return weights;
    }
}
