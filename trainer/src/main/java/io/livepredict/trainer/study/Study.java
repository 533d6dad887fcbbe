package io.livepredict.trainer.study;

import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.Kind;
import io.livepredict.contract.Target;
import io.livepredict.contract.TargetBuilder;
import io.livepredict.trainer.evaluation.EvaluationSettings;
import io.livepredict.trainer.evaluation.PrequentialTable;
import io.livepredict.trainer.family.BatchLayout;
import io.livepredict.trainer.family.ExampleBatch;
import io.livepredict.trainer.family.TrainableModel;
import io.livepredict.trainer.learner.LearnerFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Takes a table through learners. Prequentially each row is scored before it is learned from, and the champion is whichever
 * learner has done best on the rows before, as online. With a holdout the last part, with folds each part in turn, is scored
 * by learners that never saw it.
 */
public final class Study {
    /** Scorer that is the online choice among the learners. */
    public static final String CHAMPION = "champion";

    /** Scorer that is all learners' mean, weighed by how well each has done lately. */
    public static final String MIXTURE = "mixture";

    public static final String BASE_RATE = "base rate";
    public static final String PREVIOUS_LABEL = "previous label";
    public static final String SERVED = "served";

    private static final double PREVIOUS_LABEL_MEMORY = 0.999;
    /** A loss counts for the mixture's weights this much less with each example that comes after it. */
    private static final double MIXTURE_MEMORY = 0.98;

    private final ExampleTable table;
    private final List<LearnerFactory> learners;
    private final FeatureSchema schema;
    private final Target target;
    private final int batchSize;
    private final long seed;
    private final Ticker ticker;

    /** Receives the progress. */
    @FunctionalInterface
    public interface Ticker {
        void at(long done, long all);
    }

    /**
     * @param batchSize rows learned from at once
     * @param seed of initial weights and of folds
     */
    public Study(ExampleTable table, List<LearnerFactory> learners, int batchSize, long seed, Ticker ticker) {
        this.table = table;
        this.learners = List.copyOf(learners);
        this.batchSize = batchSize;
        this.seed = seed;
        this.ticker = ticker;
        schema = table.schema();
        target = TargetBuilder.builder()
                .name("label")
                .kind(Kind.VIEWER)
                .outcome(Target.Outcome.ANY_OF)
                .eventTypes(Set.of("1"))
                .within(Duration.ofMillis(1))
                .scope(Target.Scope.SAME_CONTEXT)
                .predictOn(Set.of("0"))
                .snapshotOn(Set.of("0"))
                .atMostEvery(Duration.ZERO)
                .prior(0.5)
                .build();
    }

    /**
     * Scores beside labels, in the order in which they were tested.
     *
     * @param labels of the rows tested
     * @param scores by scorer
     */
    @SuppressWarnings("ArrayRecordComponent") // moved, never compared
    public record Result(double[] labels, Map<String, double[]> scores) {
        /** Every scorer's results, in order. */
        public List<ScorerResult> results() {
            return scores.entrySet().stream()
                    .map(entry -> ScorerResult.of(entry.getKey(), entry.getValue(), labels))
                    .toList();
        }
    }

    /** One pass in the order of the file, test-then-train. */
    public Result prequential() {
        int n = table.size();
        Result result = empty(n, true);
        double[] champion = scores(result, CHAMPION);
        List<TrainableModel> models = models(seed);
        EvaluationSettings window = new EvaluationSettings(0.999, 1_000, 10, 2);
        PrequentialTable recent = new PrequentialTable(
                List.of(target), learners.stream().map(LearnerFactory::name).toList(), window);
        ExampleBatch batch = batch();
        float[][] scored = new float[models.size()][batchSize];
        float[] unserved = new float[batchSize];
        double[] mixture = scores(result, MIXTURE);
        double[] losses = new double[models.size()];
        int best = 0;
        for (int from = 0; from < n; from += batchSize) {
            fill(batch, IntStream.range(from, Math.min(n, from + batchSize)).toArray());
            for (int l = 0; l < models.size(); l++) {
                models.get(l).step(batch, 1, scored[l]);
                double[] all = scores(result, learners.get(l).name());
                for (int r = 0; r < batch.size; r++) {
                    scored[l][r] = Float.isFinite(scored[l][r]) ? scored[l][r] : 0.5f;
                    all[from + r] = scored[l][r];
                }
            }
            for (int r = 0; r < batch.size; r++) {
                champion[from + r] = scored[best][r];
                mixture[from + r] = mixed(scored, r, losses);
                recent.add(0, from + r, scored, r, batch.labels, batch.mask, unserved, batch.servedByModel);
            }
            for (int r = 0; r < batch.size; r++) {
                for (int l = 0; l < losses.length; l++) {
                    losses[l] = losses[l] * MIXTURE_MEMORY + ScorerResult.loss(scored[l][r], batch.labels[r]);
                }
            }
            for (int l = 0; l < models.size(); l++) {
                if (recent.relativeLoss(l) < recent.relativeLoss(best)) {
                    best = l;
                }
            }
            ticker.at(from + batch.size, n);
        }
        models.forEach(TrainableModel::close);
        references(result, IntStream.range(0, n).toArray());
        return result;
    }

    /**
     * Vovk's aggregating forecaster for log-loss (Cesa-Bianchi and Lugosi 2006, §9.2) with losses that fade: the mean of the
     * learners' probabilities, each weighed by e to the power of minus its loss so far.
     */
    private static double mixed(float[][] scored, int row, double[] losses) {
        double least = Arrays.stream(losses).min().orElse(0);
        double sum = 0;
        double weights = 0;
        for (int l = 0; l < losses.length; l++) {
            double weight = Math.exp(least - losses[l]);
            sum += weight * scored[l][row];
            weights += weight;
        }
        return sum / weights;
    }

    /**
     * Learns from the first part in order and scores the rest.
     *
     * @param share of the rows that are held out, the last ones
     */
    public Result holdout(double share) {
        int split = (int) Math.round(table.size() * (1 - share));
        if (split < 1 || split >= table.size()) {
            throw new IllegalArgumentException(
                    "holdout must leave rows on both sides, got " + share + " of " + table.size());
        }
        Result result = empty(table.size() - split, false);
        part(
                result,
                0,
                IntStream.range(0, split).toArray(),
                IntStream.range(split, table.size()).toArray(),
                seed,
                0,
                table.size());
        references(result, IntStream.range(split, table.size()).toArray());
        return result;
    }

    /** Each row is scored by learners that learned, in a shuffled order, from the folds it is not in. */
    public Result folds(int k) {
        int n = table.size();
        if (k < 2 || k > n) {
            throw new IllegalArgumentException("k-fold must be in 2.." + n + ", got " + k);
        }
        int[] order = IntStream.range(0, n).toArray();
        Random random = new Random(seed);
        for (int i = n - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            int swapped = order[i];
            order[i] = order[j];
            order[j] = swapped;
        }
        Result result = empty(n, false);
        int[] tested = new int[n];
        int at = 0;
        for (int fold = 0; fold < k; fold++) {
            int from = (int) ((long) n * fold / k);
            int to = (int) ((long) n * (fold + 1) / k);
            int[] train = IntStream.concat(IntStream.range(0, from), IntStream.range(to, n))
                    .map(i -> order[i])
                    .toArray();
            int[] test = IntStream.range(from, to).map(i -> order[i]).toArray();
            part(result, at, train, test, seed + fold, (long) n * fold, (long) n * k);
            System.arraycopy(test, 0, tested, at, test.length);
            at += test.length;
        }
        references(result, tested);
        return result;
    }

    private void part(Result result, int at, int[] train, int[] test, long modelSeed, long done, long all) {
        List<TrainableModel> models = models(modelSeed);
        ExampleBatch batch = batch();
        float[] scored = new float[batchSize];
        for (int from = 0; from < train.length; from += batchSize) {
            fill(batch, Arrays.copyOfRange(train, from, Math.min(train.length, from + batchSize)));
            for (TrainableModel model : models) {
                model.step(batch, 1, scored);
            }
            ticker.at(done + from + batch.size, all);
        }
        for (int from = 0; from < test.length; from += batchSize) {
            fill(batch, Arrays.copyOfRange(test, from, Math.min(test.length, from + batchSize)));
            for (int l = 0; l < models.size(); l++) {
                models.get(l).predict(batch, scored);
                double[] into = scores(result, learners.get(l).name());
                for (int r = 0; r < batch.size; r++) {
                    into[at + from + r] = Float.isFinite(scored[r]) ? scored[r] : 0.5;
                }
            }
            ticker.at(done + train.length + from + batch.size, all);
        }
        models.forEach(TrainableModel::close);
    }

    private Result empty(int n, boolean withChampion) {
        Map<String, double[]> scores = new LinkedHashMap<>();
        if (withChampion) {
            scores.put(CHAMPION, new double[n]);
            scores.put(MIXTURE, new double[n]);
        }
        learners.forEach(learner -> scores.put(learner.name(), new double[n]));
        return new Result(new double[n], scores);
    }

    /** What is there without learning, on the same rows; the references see the table in its own order. */
    private void references(Result result, int[] rows) {
        int n = table.size();
        double[] base = new double[n];
        double[] previous = new double[n];
        double weight = 2;
        double sum = 1;
        double[] after = {1, 1};
        double[] afterWeight = {2, 2};
        for (int i = 0; i < n; i++) {
            base[i] = sum / weight;
            int before = i == 0 ? 0 : (int) table.labels()[i - 1];
            previous[i] = after[before] / afterWeight[before];
            weight++;
            sum += table.labels()[i];
            after[before] = after[before] * PREVIOUS_LABEL_MEMORY + table.labels()[i];
            afterWeight[before] = afterWeight[before] * PREVIOUS_LABEL_MEMORY + 1;
        }
        double[] baseScores = new double[rows.length];
        double[] previousScores = new double[rows.length];
        double[] servedScores = new double[rows.length];
        for (int i = 0; i < rows.length; i++) {
            result.labels()[i] = table.labels()[rows[i]];
            baseScores[i] = base[rows[i]];
            previousScores[i] = previous[rows[i]];
            float[] served = table.served();
            servedScores[i] = served == null ? 0 : served[rows[i]];
        }
        if (table.served() != null) {
            result.scores().put(SERVED, servedScores);
        }
        result.scores().put(BASE_RATE, baseScores);
        result.scores().put(PREVIOUS_LABEL, previousScores);
    }

    private static double[] scores(Result result, String scorer) {
        double[] scores = result.scores().get(scorer);
        if (scores == null) {
            throw new IllegalStateException("no scorer " + scorer);
        }
        return scores;
    }

    private List<TrainableModel> models(long modelSeed) {
        List<TrainableModel> models = new ArrayList<>();
        for (LearnerFactory learner : learners) {
            models.add(learner.create(new BatchLayout(schema, List.of(target)), batchSize, modelSeed));
        }
        return models;
    }

    private ExampleBatch batch() {
        return new ExampleBatch(batchSize, table.names().size(), 0, 0, 1);
    }

    private void fill(ExampleBatch batch, int[] rows) {
        batch.clear();
        for (int r = 0; r < rows.length; r++) {
            System.arraycopy(table.rows()[rows[r]], 0, batch.dense, r * batch.denseWidth, batch.denseWidth);
            batch.labels[r] = table.labels()[rows[r]];
            batch.mask[r] = 1;
        }
        batch.size = rows.length;
    }
}
