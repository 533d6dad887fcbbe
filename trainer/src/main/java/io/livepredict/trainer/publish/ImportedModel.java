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
    private final int[] dense;

    private final int[] ids;
    /** The model's head to the learners' target, −1 for none. */
    private final int[] heads;

    private ImportedModel(
            ModelManifest manifest, ModelRunner.Loaded loaded, int capacity, int[] dense, int[] ids, int[] heads) {
        this.manifest = manifest;
        this.loaded = loaded;
        this.dense = dense;
        this.ids = ids;
        this.heads = heads;
        rows = new ExampleBatch(capacity, dense.length, manifest.sequenceLength(), ids.length, heads.length);
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
        if (manifest.sequenceLength() > schema.sequenceLength()
                || manifest.sequenceLength() > 0
                        && !(manifest.sequenceDefinition().equals(schema.sequenceDefinition())
                                && manifest.eventTypes().equals(schema.eventTypes()))) {
            throw refused("it takes a sequence of events that is another one now; import it anew");
        }
        Map<String, Integer> known = new HashMap<>();
        for (int i = 0; i < schema.dense().size(); i++) {
            known.put(key(schema.dense().get(i).name(), schema.dense().get(i).definition()), i);
        }
        int[] dense = places(manifest.dense(), known);
        known.clear();
        for (int i = 0; i < schema.ids().size(); i++) {
            known.put(key(schema.ids().get(i).name(), schema.ids().get(i).definition()), i);
        }
        int[] ids = places(manifest.ids(), known);
        int[] heads = manifest.targets().stream()
                .mapToInt(head -> indexOf(head, targets))
                .toArray();
        if (Arrays.stream(heads).allMatch(head -> head < 0)) {
            throw refused("it predicts none of the targets that are learned");
        }
        return new ImportedModel(manifest, runner.load(artifact.onnx()), capacity, dense, ids, heads);
    }

    private static int[] places(List<ModelManifest.Feature> wanted, Map<String, Integer> known)
            throws ModelRunner.ModelRunnerException {
        int[] places = new int[wanted.size()];
        for (int i = 0; i < places.length; i++) {
            ModelManifest.Feature feature = wanted.get(i);
            Integer at = known.get(key(feature.name(), feature.definition()));
            if (at == null) {
                throw refused("there is no feature " + feature.name() + " of definition " + feature.definition()
                        + " any more; import it anew with the features there are");
            }
            places[i] = at;
        }
        return places;
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
        int skipped = batch.sequenceLength - rows.sequenceLength;
        for (int r = 0; r < batch.size; r++) {
            for (int c = 0; c < dense.length; c++) {
                rows.dense[r * dense.length + c] = batch.dense[r * batch.denseWidth + dense[c]];
            }
            for (int c = 0; c < ids.length; c++) {
                rows.ids[r * ids.length + c] = batch.ids[r * batch.idWidth + ids[c]];
            }
            int steps = r * batch.sequenceLength + skipped;
            System.arraycopy(
                    batch.sequenceTypes, steps, rows.sequenceTypes, r * rows.sequenceLength, rows.sequenceLength);
            System.arraycopy(
                    batch.sequenceGaps, steps, rows.sequenceGaps, r * rows.sequenceLength, rows.sequenceLength);
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
