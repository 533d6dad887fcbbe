package io.livepredict.trainer.imports;

import ai.onnx.proto.OnnxMl.ModelProto;
import io.livepredict.contract.DenseFeature;
import io.livepredict.contract.ModelManifest;
import io.livepredict.contract.Target;
import io.livepredict.trainer.family.ExampleBatch;
import io.livepredict.trainer.imports.ImportedGraph.Wrapped;
import io.livepredict.trainer.publish.ModelRunner;
import io.livepredict.trainer.publish.ModelRunner.ModelRunnerException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * Tries a wrapped model on rows that were really seen: all of them together, some alone and in batches of several sizes. Scores
 * must be finite, those of probabilities within 0..1, and a row's must not depend on what stands beside it; that is seen on
 * the values before they are pressed into 0..1, where the graph shows them.
 */
final class Trial {
    /** The scorer's own tolerance is ten times as wide. */
    private static final double TOLERANCE = 1e-5;

    /** How far a probability may lie outside of 0..1 by rounding; the scorer's is the same. */
    private static final float ROUNDING = 1e-6f;

    private static final int TOGETHER = 1_024;
    /** So many rows show what hangs on a feature. */
    private static final int USUAL_ROWS = 256;

    /** Rows that are scored in batches of that many. */
    private static final int[][] SIZES_AND_ROWS = {{1, 1_000}, {2, 200}, {7, 210}, {64, 640}};

    private final ModelRunner runner;
    private final ModelProto original;
    private final Wrapped wrapped;
    private final ExampleBatch rows;
    private final Problems problems;

    Trial(ModelRunner runner, ModelProto original, Wrapped wrapped, ExampleBatch rows, Problems problems) {
        this.runner = runner;
        this.original = original;
        this.wrapped = wrapped;
        this.rows = rows;
        this.problems = problems;
    }

    /** Finds what is wrong; returns the scores of all rows, empty where the model does not run. */
    float[] run() {
        float[] scores;
        try (ModelRunner.Loaded loaded = runner.load(wrapped.onnx())) {
            scores = inBatches(loaded, rows.size, TOGETHER);
            checkRange(scores);
            byte[] raw = Unsquashed.of(wrapped.onnx()).orElse(null);
            if (raw == null) {
                checkRowsApart(loaded, scores);
            } else {
                checkRunsAlone(loaded);
                try (ModelRunner.Loaded before = runner.load(raw)) {
                    checkRowsApart(before, inBatches(before, rows.size, TOGETHER));
                }
            }
        } catch (ModelRunnerException e) {
            String why = String.valueOf(e.getMessage()).replaceAll("\\s+", " ");
            problems.add("ONNX Runtime does not run the model: " + why + Remedy.ofFailure(why));
            return new float[0];
        }
        return scores;
    }

    private ExampleBatch batch(int capacity) {
        return Rows.empty(wrapped.schema(), wrapped.heads().size(), capacity);
    }

    private float[] inBatches(ModelRunner.Loaded loaded, int count, int size) throws ModelRunnerException {
        int heads = wrapped.heads().size();
        float[] all = new float[count * heads];
        ExampleBatch batch = batch(Math.min(size, count));
        for (int from = 0; from < count; from += size) {
            Rows.copy(rows, from, Math.min(size, count - from), batch);
            float[] some = new float[batch.size * heads];
            try {
                loaded.scores(batch, some);
            } catch (ModelRunnerException e) {
                throw new ModelRunnerException("on " + batch.size + " rows: " + e.getMessage(), e);
            }
            System.arraycopy(some, 0, all, from * heads, some.length);
        }
        return all;
    }

    /** The smallest batch there is: what no other check has run, if the one on rows apart uses a changed model. */
    private void checkRunsAlone(ModelRunner.Loaded loaded) throws ModelRunnerException {
        inBatches(loaded, 1, 1);
    }

    private void checkRange(float[] scores) {
        int heads = wrapped.heads().size();
        for (int h = 0; h < heads; h++) {
            Target target = wrapped.heads().get(h);
            int infinite = 0;
            int outside = 0;
            int first = -1;
            for (int r = 0; r < rows.size; r++) {
                float score = scores[r * heads + h];
                if (!Float.isFinite(score)) {
                    infinite++;
                } else if (target.isBinary() && (score < -ROUNDING || score > 1 + ROUNDING)) {
                    outside++;
                } else {
                    continue;
                }
                first = first < 0 ? r : first;
            }
            if (first >= 0) {
                problems.add(infinite + outside + " of " + rows.size + " rows score "
                        + (infinite > 0 ? "what is not finite" : "what is no probability") + " for " + target.name()
                        + ", such as " + scores[first * heads + h] + ", which must be "
                        + (target.isBinary() ? "a probability; if the model says logits, say --logits" : "finite")
                        + "; that row has " + Rows.words(rows, first, wrapped.schema()));
            }
        }
    }

    /** As many rows at once as the model was exported for must score as each does by itself, or they see each other. */
    void checkAsExported(Wrapped exported, float[] apart) {
        int count = (int) exported.fixedRows();
        int heads = wrapped.heads().size();
        try (ModelRunner.Loaded loaded = runner.load(exported.onnx())) {
            ExampleBatch batch = batch(count);
            float[] together = new float[count * heads];
            for (int from = 0; from + count <= Math.min(rows.size, USUAL_ROWS); from += count) {
                Rows.copy(rows, from, count, batch);
                loaded.scores(batch, together);
                for (int i = 0; i < together.length; i++) {
                    if (differ(together[i], apart[from * heads + i])) {
                        problems.add("row " + (from + i / heads) + " scores " + together[i] + " among the " + count
                                + " rows that the model was exported for, and " + apart[from * heads + i]
                                + " by itself; each row must be scored by itself" + Remedy.ofSharedRows(original));
                        return;
                    }
                }
            }
        } catch (ModelRunnerException e) {
            problems.add("ONNX Runtime does not run the model on the " + count + " rows that it was exported for: "
                    + String.valueOf(e.getMessage()).replaceAll("\\s+", " "));
        }
    }

    /** A scorer's batches are of any size, and what stands beside a row must not matter. */
    private void checkRowsApart(ModelRunner.Loaded loaded, float[] together) throws ModelRunnerException {
        int heads = wrapped.heads().size();
        for (int[] each : SIZES_AND_ROWS) {
            int count = Math.min(each[1], rows.size);
            float[] apart = inBatches(loaded, count, each[0]);
            for (int i = 0; i < apart.length; i++) {
                if (differ(apart[i], together[i])) {
                    problems.add(String.format(
                            Locale.ROOT,
                            "row %d scores %s for %s in a batch of %d and %s among %d rows, before its last function;"
                                    + " each row must be scored by itself%s",
                            i / heads,
                            apart[i],
                            wrapped.heads().get(i % heads).name(),
                            each[0],
                            together[i],
                            Math.min(rows.size, TOGETHER),
                            Remedy.ofSharedRows(original)));
                    return;
                }
            }
        }
    }

    private static boolean differ(float a, float b) {
        return Float.compare(a, b) != 0
                && !(Math.abs(a - b) <= TOLERANCE * Math.max(1, Math.max(Math.abs(a), Math.abs(b))));
    }

    /**
     * What each dense feature usually is on these rows, and how far the scores move when it is held there, as a share of what
     * all of them move them by.
     */
    List<ModelManifest.Usual> usual(float[] scores) throws ModelRunnerException {
        int features = rows.denseWidth;
        int count = Math.min(rows.size, USUAL_ROWS);
        double[] moved = new double[features];
        float[] means = new float[features];
        try (ModelRunner.Loaded loaded = runner.load(wrapped.onnx())) {
            ExampleBatch held = batch(count);
            float[] otherwise = new float[count * wrapped.heads().size()];
            for (int c = 0; c < features; c++) {
                Rows.copy(rows, 0, count, held);
                means[c] = mean(c);
                for (int r = 0; r < count; r++) {
                    held.dense[r * features + c] = means[c];
                }
                loaded.scores(held, otherwise);
                for (int i = 0; i < otherwise.length; i++) {
                    moved[c] += Math.abs(otherwise[i] - scores[i]);
                }
            }
        }
        double all = Arrays.stream(moved).sum();
        return IntStream.range(0, features)
                .mapToObj(c -> new ModelManifest.Usual(means[c], all > 0 ? (float) (moved[c] / all) : 0))
                .toList();
    }

    private float mean(int column) {
        double sum = 0;
        for (int r = 0; r < rows.size; r++) {
            sum += rows.dense[r * rows.denseWidth + column];
        }
        return (float) (sum / rows.size);
    }

    /** What the user should know of features that are cut to whole numbers. */
    void noteFractions(List<String> notes) {
        List<DenseFeature> dense = wrapped.schema().dense();
        for (int c = 0; c < dense.size(); c++) {
            int column = c;
            if (!wrapped.whole().contains(dense.get(c).name())) {
                continue;
            }
            Arrays.stream(rowsWithFractions(column))
                    .findFirst()
                    .ifPresent(row -> notes.add(dense.get(column).name() + " has fractions, such as "
                            + rows.dense[row * rows.denseWidth + column]
                            + ", and the model takes whole numbers: they are cut"));
        }
    }

    private int[] rowsWithFractions(int column) {
        return IntStream.range(0, rows.size)
                .filter(r ->
                        rows.dense[r * rows.denseWidth + column] != Math.rint(rows.dense[r * rows.denseWidth + column]))
                .limit(1)
                .toArray();
    }
}
