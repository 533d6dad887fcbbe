package io.livepredict.trainer.publish;

import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.ModelManifest;
import io.livepredict.contract.Target;
import io.livepredict.model.ModelArtifact;
import io.livepredict.trainer.family.ExampleBatch;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * An imported model beside the learners: scores their batches, and learns nothing. Its columns and heads are matched by name
 * and definition, as a scorer matches them. Not safe for use from several threads.
 */
public final class ImportedModel implements AutoCloseable {
    private final ModelManifest manifest;
    private final ModelRunner.Loaded loaded;
    private final ExampleBatch rows;
    private final float[] scores;
    /** The model's column to the learners'. */
    private final int[] columns;
    /** The model's head to the learners' target, −1 for none. */
    private final int[] heads;

    private ImportedModel(ModelManifest manifest, ModelRunner.Loaded loaded, int capacity, int[] columns, int[] heads) {
        this.manifest = manifest;
        this.loaded = loaded;
        this.columns = columns;
        this.heads = heads;
        rows = new ExampleBatch(capacity, columns.length, 0, 0, heads.length);
        scores = new float[capacity * heads.length];
    }

    /**
     * Loads the model for batches laid out for these features and targets.
     *
     * @param capacity rows of a batch at most
     * @throws ModelRunner.ModelRunnerException if the model can't score them; the message is one line
     */
    public static ImportedModel load(
            ModelArtifact artifact, ModelRunner runner, FeatureSchema schema, List<Target> targets, int capacity)
            throws ModelRunner.ModelRunnerException {
        ModelManifest manifest = artifact.manifest();
        if (manifest.sequenceLength() > 0 || !manifest.ids().isEmpty()) {
            throw refused("it takes more than dense features, which no imported model does");
        }
        Map<String, Integer> known = new HashMap<>();
        for (int i = 0; i < schema.dense().size(); i++) {
            known.put(key(schema.dense().get(i).name(), schema.dense().get(i).definition()), i);
        }
        int[] columns = new int[manifest.dense().size()];
        for (int i = 0; i < columns.length; i++) {
            ModelManifest.Feature wanted = manifest.dense().get(i);
            Integer at = known.get(key(wanted.name(), wanted.definition()));
            if (at == null) {
                throw refused("there is no feature " + wanted.name() + " of definition " + wanted.definition()
                        + " any more; import it anew with the features there are");
            }
            columns[i] = at;
        }
        int[] heads = manifest.targets().stream()
                .mapToInt(head -> indexOf(head, targets))
                .toArray();
        if (Arrays.stream(heads).allMatch(head -> head < 0)) {
            throw refused("it predicts none of the targets that are learned");
        }
        return new ImportedModel(manifest, runner.load(artifact.onnx()), capacity, columns, heads);
    }

    private static int indexOf(ModelManifest.Head head, List<Target> targets) {
        for (int t = 0; t < targets.size(); t++) {
            if (targets.get(t).name().equals(head.name())
                    && targets.get(t).definition().equals(head.definition())) {
                return t;
            }
        }
        return -1;
    }

    private static String key(String name, String definition) {
        return name + '\n' + definition;
    }

    private static ModelRunner.ModelRunnerException refused(String why) {
        return new ModelRunner.ModelRunnerException(why, new IllegalArgumentException(why));
    }

    public long version() {
        return manifest.version();
    }

    /**
     * Scores a batch.
     *
     * @param into [size, the batch's targets], NaN where the model has no head or gives no finite score
     * @throws ModelRunner.ModelRunnerException if the model does not run
     */
    public void scores(ExampleBatch batch, float[] into) throws ModelRunner.ModelRunnerException {
        for (int r = 0; r < batch.size; r++) {
            for (int c = 0; c < columns.length; c++) {
                rows.dense[r * columns.length + c] = batch.dense[r * batch.denseWidth + columns[c]];
            }
        }
        rows.size = batch.size;
        loaded.scores(rows, scores);
        Arrays.fill(into, 0, batch.size * batch.targets, Float.NaN);
        for (int h = 0; h < heads.length; h++) {
            for (int r = 0; r < batch.size && heads[h] >= 0; r++) {
                float score = scores[r * heads.length + h];
                into[r * batch.targets + heads[h]] = Float.isFinite(score) ? score : Float.NaN;
            }
        }
    }

    @Override
    public void close() {
        loaded.close();
    }
}
