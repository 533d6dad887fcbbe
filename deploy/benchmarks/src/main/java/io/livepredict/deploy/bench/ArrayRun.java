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

    /** Another project's learner gets as many examples between two looks at the clock. */
    private static final int PEER_BLOCK = 256;

    /**
     * What came out.
     *
     * @param scores of the first target, each before its example was learned from
     * @param cpuSeconds of the calling thread, everything: what a free core would have taken
     * @param metricsCpuSeconds of these, those for the metrics
     * @param wallSeconds by the clock
     */
    @SuppressWarnings("ArrayRecordComponent") // moved, never compared
    record Outcome(double[] scores, double cpuSeconds, double metricsCpuSeconds, double wallSeconds) {}

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
            ExampleBatch batch = new ExampleBatch(batchSize, SyntheticExamples.FEATURES, 0, 0, targets);
            float[][] scores = new float[1][batchSize * targets];
            Stopwatch watch = new Stopwatch(family.id(), targets);
            for (int from = 0; from < data.count; from += batchSize) {
                data.fill(batch, from);
                model.step(batch, 1, scores[0]);
                watch.enter(batch, from, scores);
                for (int r = 0; r < batch.size; r++) {
                    first[from + r] = scores[0][r * targets];
                }
            }
            return watch.outcome(first);
        }
    }

    /** Another project's learner, an example at a time, with the same metrics. */
    static Outcome peer(SyntheticExamples data, PeerLearner learner) {
        double[] scores = new double[data.count];
        ExampleBatch labels = new ExampleBatch(PEER_BLOCK, 0, 0, 0, 1);
        float[][] block = new float[1][PEER_BLOCK];
        Stopwatch watch = new Stopwatch("peer", 1);
        for (int from = 0; from < data.count; from += PEER_BLOCK) {
            data.fillLabels(labels, from);
            for (int r = 0; r < labels.size; r++) {
                scores[from + r] = learner.testThenTrain(data.dense[from + r], data.labels[0][from + r] > 0.5f);
                block[0][r] = (float) scores[from + r];
            }
            watch.enter(labels, from, block);
        }
        return watch.outcome(scores);
    }

    /** Time, and the metrics that everyone's scores are entered in, apart. */
    private static final class Stopwatch {
        private final PrequentialTable table;
        private final long cpu = cpu();
        private final long wall = System.nanoTime();
        private long metricsCpu;

        Stopwatch(String scorer, int targets) {
            table = new PrequentialTable(
                    SyntheticExamples.targets(targets), List.of(scorer), EvaluationSettings.defaults());
        }

        void enter(ExampleBatch batch, int from, float[][] scores) {
            long begin = cpu();
            for (int r = 0; r < batch.size; r++) {
                table.add(
                        SyntheticExamples.entity(from + r),
                        from + r,
                        scores,
                        r,
                        batch.labels,
                        batch.mask,
                        batch.served,
                        batch.servedByModel);
            }
            metricsCpu += cpu() - begin;
        }

        Outcome outcome(double[] scores) {
            return new Outcome(scores, (cpu() - cpu) / 1e9, metricsCpu / 1e9, (System.nanoTime() - wall) / 1e9);
        }

        private static long cpu() {
            return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        }
    }
}
