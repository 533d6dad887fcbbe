package io.livepredict.trainer.publish;

import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.ModelManifest;
import io.livepredict.contract.ModelManifestBuilder;
import io.livepredict.contract.OnnxContract;
import io.livepredict.contract.Target;
import io.livepredict.model.ModelPacker;
import io.livepredict.trainer.family.ExampleBatch;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Says what an exported model is. */
public final class Manifests {
    private Manifests() {}

    /**
     * Which version of which model it is.
     *
     * @param name the model's: its kind
     * @param parent the version that was published before; 0 for none
     */
    public record Identity(String name, long version, long parent, Instant createdAt) {}

    /**
     * What is known of a version besides its bytes, inputs and heads.
     *
     * @param metrics by target, then by metric
     * @param usual what each dense feature usually is; empty if that is not known
     */
    public record Facts(
            Identity identity,
            String family,
            TrainingProgress progress,
            Map<String, Map<String, Double>> metrics,
            Origin origin,
            List<ModelManifest.Usual> usual) {
        /** Of inputs of which nothing is known. */
        public Facts(
                Identity identity,
                String family,
                TrainingProgress progress,
                Map<String, Map<String, Double>> metrics,
                Origin origin) {
            this(identity, family, progress, metrics, origin, List.of());
        }
    }

    /**
     * Makes the manifest of a model over all of a schema's features. Inputs that the ONNX file does not have are left out.
     *
     * @param golden the golden rows
     * @param goldenScores [rows, targets]
     */
    public static ModelManifest make(
            Facts facts,
            FeatureSchema schema,
            List<Target> targets,
            byte[] onnx,
            ExampleBatch golden,
            float[] goldenScores) {
        List<ModelManifest.Head> heads = targets.stream()
                .map(t -> new ModelManifest.Head(t.name(), t.definition()))
                .toList();
        return ofHeads(facts, schema, heads, onnx, golden, goldenScores);
    }

    /** As {@link #make}, of heads that say for themselves whether they have learned. */
    public static ModelManifest ofHeads(
            Facts facts,
            FeatureSchema schema,
            List<ModelManifest.Head> heads,
            byte[] onnx,
            ExampleBatch golden,
            float[] goldenScores) {
        Set<String> inputs = OnnxInputs.of(onnx);
        boolean dense = inputs.contains(OnnxContract.DENSE);
        boolean types = inputs.contains(OnnxContract.SEQUENCE_TYPES);
        boolean gaps = inputs.contains(OnnxContract.SEQUENCE_GAPS);
        boolean ids = inputs.contains(OnnxContract.IDS);
        boolean sequence = types || gaps;
        List<ModelManifest.GoldenRow> rows = new ArrayList<>();
        for (int r = 0; r < golden.size; r++) {
            rows.add(new ModelManifest.GoldenRow(
                    slice(golden.dense, r, dense ? golden.denseWidth : 0),
                    slice(golden.sequenceTypes, r, sequence ? golden.sequenceLength : 0),
                    slice(golden.sequenceGaps, r, sequence ? golden.sequenceLength : 0),
                    slice(golden.ids, r, ids ? golden.idWidth : 0),
                    slice(goldenScores, r, golden.targets)));
        }
        return ModelPacker.complete(
                // Size, chunks and hash are completed from the bytes.
                ModelManifestBuilder.builder()
                        .format(ModelManifest.FORMAT)
                        .name(facts.identity().name())
                        .version(facts.identity().version())
                        .parentVersion(facts.identity().parent())
                        .createdAt(facts.identity().createdAt().toString())
                        .family(facts.family())
                        .dense(
                                dense
                                        ? schema.dense().stream()
                                                .map(f -> new ModelManifest.Feature(f.name(), f.definition()))
                                                .toList()
                                        : List.of())
                        .eventTypes(sequence ? schema.eventTypes() : List.of())
                        .sequenceLength(sequence ? schema.sequenceLength() : 0)
                        .sequenceDefinition(sequence ? schema.sequenceDefinition() : "")
                        .ids(
                                ids
                                        ? schema.ids().stream()
                                                .map(f -> new ModelManifest.Feature(f.name(), f.definition()))
                                                .toList()
                                        : List.of())
                        .targets(heads)
                        .sha256("")
                        .trainingOffsets(facts.progress().offsets())
                        .examples(facts.progress().examples())
                        .lastExampleEmittedAt(facts.progress().lastEmittedAt())
                        .metrics(facts.metrics())
                        .gitCommit(facts.origin().gitCommit())
                        .configurationHash(facts.origin().configurationHash())
                        .golden(rows)
                        .usual(dense ? facts.usual() : List.of())
                        .build(),
                onnx);
    }

    private static float[] slice(float[] all, int row, int width) {
        return Arrays.copyOfRange(all, row * width, (row + 1) * width);
    }

    private static int[] slice(int[] all, int row, int width) {
        return Arrays.copyOfRange(all, row * width, (row + 1) * width);
    }
}
