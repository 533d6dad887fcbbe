package io.livepredict.trainer.publish;

import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.ModelManifest;
import io.livepredict.contract.Target;
import io.livepredict.trainer.family.ExampleBatch;
import io.livepredict.trainer.publish.ModelOperator.RefusedOperationException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Makes a version of a model that a user brings: wrapped into the contract, run on rows that were really seen, and with them
 * as golden rows. It learns nothing, ever.
 */
public final class ModelImport {
    /** The scorer's own tolerance is ten times as wide. */
    private static final double TOLERANCE = 1e-5;

    private final ModelRunner runner;
    private final int goldenRows;

    /** @param goldenRows how many rows travel with it at most */
    public ModelImport(ModelRunner runner, int goldenRows) {
        this.runner = runner;
        this.goldenRows = goldenRows;
    }

    /** A model that may be published, but for its number. */
    @SuppressWarnings("ArrayRecordComponent") // moved, never compared
    public record Checked(
            byte[] onnx, FeatureSchema schema, List<Target> heads, ExampleBatch golden, float[] goldenScores) {

        /** The version with that number. */
        public Published version(long number, Instant createdAt, String gitCommit, String configurationHash) {
            Manifests.Facts facts = new Manifests.Facts(
                    new Manifests.Identity(schema.kind().id(), number, 0, createdAt),
                    ModelManifest.IMPORTED,
                    new TrainingProgress(Map.of(), 0, 0),
                    Map.of(),
                    new Origin(gitCommit, configurationHash));
            return new Published(Manifests.make(facts, schema, heads, onnx, golden, goldenScores), onnx);
        }
    }

    /**
     * Wraps and checks a file.
     *
     * @param schema the kind's features
     * @param targets the kind's targets
     * @param rows seen lately, laid out for the schema
     * @throws RefusedOperationException if it can't be used; the message is one line
     */
    public Checked check(
            byte[] file, ImportMapping mapping, FeatureSchema schema, List<Target> targets, ExampleBatch rows) {
        ImportedGraph.Wrapped wrapped = ImportedGraph.wrap(file, mapping, schema, targets);
        ExampleBatch golden = golden(wrapped, schema, rows);
        float[] scores = run(wrapped, golden);
        requireScores(wrapped, scores);
        requireRowsApart(wrapped, golden, scores);
        return new Checked(wrapped.onnx(), wrapped.schema(), wrapped.heads(), golden, scores);
    }

    private ExampleBatch golden(ImportedGraph.Wrapped wrapped, FeatureSchema schema, ExampleBatch rows) {
        int[] columns = wrapped.schema().dense().stream()
                .mapToInt(schema.dense()::indexOf)
                .toArray();
        ExampleBatch projected = batch(wrapped, Math.max(rows.size, goldenRows));
        for (int r = 0; r < rows.size; r++) {
            for (int c = 0; c < columns.length; c++) {
                projected.dense[r * columns.length + c] = rows.dense[r * rows.denseWidth + columns[c]];
            }
        }
        projected.size = rows.size;
        GoldenRows newest = new GoldenRows(goldenRows);
        newest.learn(projected);
        if (newest.size() < 2) {
            throw new RefusedOperationException("there are " + newest.size() + " different labelled examples of "
                    + schema.kind().id() + " that it could be tried on, at least 2 are needed; let the streams app run"
                    + " until labels have come");
        }
        ExampleBatch golden = batch(wrapped, goldenRows);
        newest.copyTo(golden);
        return golden;
    }

    private static ExampleBatch batch(ImportedGraph.Wrapped wrapped, int capacity) {
        return new ExampleBatch(
                capacity, wrapped.schema().dense().size(), 0, 0, wrapped.heads().size());
    }

    private float[] run(ImportedGraph.Wrapped wrapped, ExampleBatch rows) {
        try {
            return runner.scores(wrapped.onnx(), rows);
        } catch (ModelRunner.ModelRunnerException e) {
            throw new RefusedOperationException(
                    "ONNX Runtime does not run the model on " + rows.size + " rows (they must be free): "
                            + String.valueOf(e.getMessage()).replaceAll("\\s+", " "),
                    e);
        }
    }

    private static void requireScores(ImportedGraph.Wrapped wrapped, float[] scores) {
        int heads = wrapped.heads().size();
        for (int i = 0; i < scores.length; i++) {
            Target target = wrapped.heads().get(i % heads);
            String what = "golden row " + i / heads + " scores " + scores[i] + " for " + target.name();
            if (!Float.isFinite(scores[i])) {
                throw new RefusedOperationException(what + ": it must be finite");
            }
            if (target.isBinary() && (scores[i] < 0 || scores[i] > 1)) {
                throw new RefusedOperationException(
                        what + ", which must be a probability; if the model says logits, say --logits");
            }
        }
    }

    /** A scorer's batches are of any size, and what stands beside a row must not matter. */
    private void requireRowsApart(ImportedGraph.Wrapped wrapped, ExampleBatch golden, float[] scores) {
        ExampleBatch one = batch(wrapped, 1);
        one.size = 1;
        int heads = wrapped.heads().size();
        for (int r = 0; r < golden.size; r++) {
            System.arraycopy(golden.dense, r * golden.denseWidth, one.dense, 0, golden.denseWidth);
            float[] alone = run(wrapped, one);
            for (int h = 0; h < heads; h++) {
                float together = scores[r * heads + h];
                if (!(Math.abs(alone[h] - together) <= TOLERANCE * Math.max(1, Math.abs(together)))) {
                    throw new RefusedOperationException(String.format(
                            Locale.ROOT,
                            "golden row %d scores %s for %s alone and %s among %d rows; each row must be scored by"
                                    + " itself",
                            r,
                            alone[h],
                            wrapped.heads().get(h).name(),
                            together,
                            golden.size));
                }
            }
        }
    }
}
