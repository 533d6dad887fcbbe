package io.livepredict.deploy.bench;

import io.livepredict.contract.FeatureVector;
import io.livepredict.contract.ModelManifest;
import io.livepredict.streams.score.DirectBuffers;
import io.livepredict.streams.score.Reason;
import io.livepredict.streams.score.Scorer;
import io.livepredict.streams.score.ScoringException;
import io.livepredict.streams.score.onnx.OnnxModel;
import java.util.Arrays;
import java.util.List;

/**
 * By how much a model on a device differs from the same one on the CPU; NaN where one of them gives no number.
 *
 * @param scores the largest difference of a score
 * @param golden the largest difference of a golden row's score from what the trainer said
 * @param reasons the largest difference of a reason's contribution
 */
record DeviceParity(double scores, double golden, double reasons) {
    private static final int BATCH = 1_000;
    /** Reasons cost more than scores: only so many rows are explained. */
    private static final int EXPLAINED = 1_000;

    static DeviceParity of(OnnxModel cpu, OnnxModel device, ModelManifest manifest, FeatureVector[] rows)
            throws ScoringException {
        int size = Math.min(BATCH, rows.length);
        try (Scorer one = cpu.newScorer(size, new DirectBuffers());
                Scorer other = device.newScorer(size, new DirectBuffers())) {
            return new DeviceParity(
                    scores(one, other, rows, size, manifest.targets().size()),
                    golden(device, manifest.golden()),
                    reasons(one, other, Arrays.copyOf(rows, Math.min(EXPLAINED, size))));
        }
    }

    private static double scores(Scorer one, Scorer other, FeatureVector[] rows, int size, int targets)
            throws ScoringException {
        float[] mine = new float[size * targets];
        float[] others = new float[size * targets];
        double largest = 0;
        for (int from = 0; from < rows.length; from += size) {
            FeatureVector[] batch = Arrays.copyOfRange(rows, from, Math.min(rows.length, from + size));
            one.score(batch, batch.length, mine);
            other.score(batch, batch.length, others);
            for (int i = 0; i < batch.length * targets; i++) {
                largest = Math.max(largest, Math.abs(mine[i] - others[i]));
            }
        }
        return largest;
    }

    private static double golden(OnnxModel model, List<ModelManifest.GoldenRow> golden) throws ScoringException {
        float[][] scores = model.scoreOwn(
                golden.stream().map(ModelManifest.GoldenRow::vector).toArray(FeatureVector[]::new));
        double largest = 0;
        for (int row = 0; row < scores.length; row++) {
            float[] wanted = golden.get(row).scores();
            for (int target = 0; target < wanted.length; target++) {
                largest = Math.max(largest, Math.abs(scores[row][target] - wanted[target]));
            }
        }
        return largest;
    }

    private static double reasons(Scorer one, Scorer other, FeatureVector[] rows) throws ScoringException {
        List<List<List<Reason>>> mine = one.explain(rows, rows.length);
        List<List<List<Reason>>> others = other.explain(rows, rows.length);
        double largest = 0;
        for (int row = 0; row < rows.length; row++) {
            for (int target = 0; target < mine.get(row).size(); target++) {
                largest = Math.max(
                        largest,
                        difference(mine.get(row).get(target), others.get(row).get(target)));
            }
        }
        return largest;
    }

    private static double difference(List<Reason> mine, List<Reason> others) {
        double largest = 0;
        for (Reason reason : mine) {
            double same = others.stream()
                    .filter(its -> its.words().equals(reason.words()))
                    .mapToDouble(Reason::contribution)
                    .findFirst()
                    .orElseGet(() -> nearestTo(reason, others));
            largest = Math.max(largest, Math.abs(reason.contribution() - same));
        }
        return largest;
    }

    /** A feature that is among the strongest on one side only must be as strong as the weakest there, if they agree. */
    private static double nearestTo(Reason reason, List<Reason> others) {
        double weakest = others.isEmpty() ? 0 : Math.abs(others.getLast().contribution());
        return Math.copySign(weakest, reason.contribution());
    }
}
