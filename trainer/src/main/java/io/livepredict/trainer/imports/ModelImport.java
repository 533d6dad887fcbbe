package io.livepredict.trainer.imports;

import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.ModelManifest;
import io.livepredict.contract.Target;
import io.livepredict.trainer.family.ExampleBatch;
import io.livepredict.trainer.publish.GoldenRows;
import io.livepredict.trainer.publish.Manifests;
import io.livepredict.trainer.publish.ModelOperator.RefusedOperationException;
import io.livepredict.trainer.publish.ModelRunner;
import io.livepredict.trainer.publish.Origin;
import io.livepredict.trainer.publish.Published;
import io.livepredict.trainer.publish.TrainingProgress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Makes a version of a model that a user brings: wrapped into the contract, tried on rows that were really seen, and with some
 * of them as golden rows. It learns nothing, ever.
 */
public final class ModelImport {
    /** How many rows a trial should have; with fewer the user is told. */
    public static final int ROWS_WANTED = 1_000;

    private final ModelRunner runner;
    private final int goldenRows;

    /**
     * @param runner what the file is tried with; it has not been vouched for
     * @param goldenRows how many rows travel with it at most
     */
    public ModelImport(ModelRunner runner, int goldenRows) {
        this.runner = runner;
        this.goldenRows = goldenRows;
    }

    /**
     * Rows and their scores.
     *
     * @param scores [rows, heads]
     */
    @SuppressWarnings("ArrayRecordComponent") // moved, never compared
    public record Scored(ExampleBatch rows, float[] scores) {}

    /**
     * A model that may be published, but for its number.
     *
     * @param newest the newest examples that it was tried on, to compare its scores with those of the tool it comes from
     * @param golden the rows that it is checked on from here on; made up, see {@link GoldenRows}
     * @param usual what its dense features usually are
     * @param notes what the user should know, a line each
     */
    @SuppressWarnings("ArrayRecordComponent") // moved, never compared
    public record Checked(
            byte[] onnx,
            FeatureSchema schema,
            List<Target> heads,
            Scored newest,
            Scored golden,
            List<ModelManifest.Usual> usual,
            List<String> notes) {

        /** The version with that number. */
        public Published version(long number, Instant createdAt, String gitCommit, String configurationHash) {
            Manifests.Facts facts = new Manifests.Facts(
                    new Manifests.Identity(schema.kind().id(), number, 0, createdAt),
                    ModelManifest.IMPORTED,
                    new TrainingProgress(Map.of(), 0, 0),
                    Map.of(),
                    new Origin(gitCommit, configurationHash),
                    usual);
            return new Published(Manifests.make(facts, schema, heads, onnx, golden.rows(), golden.scores()), onnx);
        }
    }

    /**
     * Wraps and tries a file.
     *
     * @param schema the kind's features
     * @param targets the kind's targets
     * @param rows seen lately, laid out for the schema
     * @throws RefusedOperationException if it can't be used; the message is one line that says all that is in the way
     */
    public Checked check(
            ModelFile file, ImportMapping mapping, FeatureSchema schema, List<Target> targets, ExampleBatch rows) {
        boolean nothingSaid = mapping.inputs().isEmpty() && mapping.outputs().isEmpty() && !mapping.logits();
        ImportedGraph.Wrapped wrapped = (nothingSaid
                        ? ContractModel.recognised(file, schema, targets)
                        : Optional.<ImportedGraph.Wrapped>empty())
                .orElseGet(() -> ImportedGraph.wrap(file.model(), mapping, schema, targets));
        int heads = wrapped.heads().size();
        ExampleBatch all = Rows.projected(rows, schema, wrapped.schema(), heads);
        ExampleBatch newest = Rows.newestDistinct(all, wrapped.schema(), heads, goldenRows);
        checkEnough(newest, wrapped.schema());
        Problems problems = new Problems();
        List<String> notes = new ArrayList<>(wrapped.notes());
        Trial trial = new Trial(runner, file.model(), wrapped, all, problems);
        float[] tried = trial.run();
        if (tried.length == 0 && ImportedGraph.mayRunByRow(file.model(), wrapped)) {
            Problems byRowProblems = new Problems();
            ImportedGraph.Wrapped byRow = ImportedGraph.wrapByRow(file.model(), mapping, schema, targets);
            Trial byRowTrial = new Trial(runner, file.model(), byRow, all, byRowProblems);
            float[] byRowTried = byRowTrial.run();
            if (byRowTried.length > 0) { // or the first refusal is the better one
                byRowTrial.checkAsExported(wrapped, byRowTried);
                notes.add("the graph holds fast to the number of rows of its export, " + wrapped.fixedRows()
                        + ", so it is scored row by row, which takes longer; export it with a free number of rows"
                        + " (torch: dynamic_axes= or dynamic_shapes=)");
                wrapped = byRow;
                trial = byRowTrial;
                problems = byRowProblems;
                tried = byRowTried;
            }
        }
        trial.noteFractions(notes);
        if (all.size < ROWS_WANTED) {
            notes.add("it was tried on the " + all.size + " labelled examples there are; " + ROWS_WANTED
                    + " show more, so import it again when they are there");
        }
        problems.refuse();
        try {
            List<ModelManifest.Usual> usual = trial.usual(tried);
            Scored examples = new Scored(newest, runner.scores(wrapped.onnx(), newest));
            Scored golden = new MadeUpRows(runner, wrapped, all).golden(usual, goldenRows);
            return new Checked(wrapped.onnx(), wrapped.schema(), wrapped.heads(), examples, golden, usual, notes);
        } catch (ModelRunner.ModelRunnerException e) {
            throw new RefusedOperationException("ONNX Runtime does not run the model: " + e.getMessage(), e);
        }
    }

    private static void checkEnough(ExampleBatch newest, FeatureSchema schema) {
        if (newest.size < 2) {
            throw new RefusedOperationException("there are " + newest.size + " different labelled examples of "
                    + schema.kind().id()
                    + " that it could be tried on, at least 2 are needed; let the streams app run until labels have"
                    + " come");
        }
    }
}
