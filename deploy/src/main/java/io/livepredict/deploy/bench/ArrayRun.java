package io.livepredict.deploy.bench;

import io.livepredict.trainer.evaluation.EvaluationSettings;
import io.livepredict.trainer.evaluation.PrequentialTable;
import io.livepredict.trainer.family.ExampleBatch;
import io.livepredict.trainer.family.FamilySettings;
import io.livepredict.trainer.family.TrainableModel;
import io.livepredict.trainer.family.TrainableModels;
import io.livepredict.trainer.ort.OrtRuntime;
import java.lang.management.ManagementFactory;
import java.util.List;

/** One learner over all examples, from memory, on the calling thread. */
final class ArrayRun {
    private ArrayRun() {}

    /**
     * What came out.
     *
     * @param scores of the first target, each before its example was learned from
     * @param cpuSeconds of the calling thread: what a free core would have taken
     * @param wallSeconds by the clock
     */
    @SuppressWarnings("ArrayRecordComponent") // moved, never compared
    record Outcome(double[] scores, double cpuSeconds, double wallSeconds) {}

    /** One of our families as the trainer's loop drives it: batches are laid, tested, learned from, and entered in the metrics. */
    static Outcome ours(SyntheticExamples data, FamilySettings family, int targets, int batchSize) {
        double[] first = new double[data.count];
        try (TrainableModel model = TrainableModels.create(
                family,
                SyntheticExamples.schema(),
                SyntheticExamples.targets(targets),
                batchSize,
                1,
                new OrtRuntime())) {
            PrequentialTable table = new PrequentialTable(
                    SyntheticExamples.targets(targets), List.of(family.id()), EvaluationSettings.defaults());
            ExampleBatch batch = new ExampleBatch(batchSize, SyntheticExamples.FEATURES, 0, 0, targets);
            float[][] scores = new float[1][batchSize * targets];
            Stopwatch watch = new Stopwatch();
            for (int from = 0; from < data.count; from += batchSize) {
                data.fill(batch, from);
                model.step(batch, 1, scores[0]);
                for (int r = 0; r < batch.size; r++) {
                    table.add(
                            SyntheticExamples.entity(from + r),
                            from + r,
                            scores,
                            r,
                            batch.labels,
                            batch.mask,
                            batch.served,
                            true);
                    first[from + r] = scores[0][r * targets];
                }
            }
            return watch.outcome(first);
        }
    }

    /** Another project's learner, an example at a time. */
    static Outcome peer(SyntheticExamples data, PeerLearner learner) {
        double[] scores = new double[data.count];
        Stopwatch watch = new Stopwatch();
        for (int i = 0; i < data.count; i++) {
            scores[i] = learner.testThenTrain(data.dense[i], data.labels[0][i] > 0.5f);
        }
        return watch.outcome(scores);
    }

    private static final class Stopwatch {
        private final long cpu = cpu();
        private final long wall = System.nanoTime();

        Outcome outcome(double[] scores) {
            return new Outcome(scores, (cpu() - cpu) / 1e9, (System.nanoTime() - wall) / 1e9);
        }

        private static long cpu() {
            return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        }
    }
}
