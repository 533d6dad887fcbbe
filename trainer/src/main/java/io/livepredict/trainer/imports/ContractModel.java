package io.livepredict.trainer.imports;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import io.livepredict.contract.DenseFeature;
import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.IdFeature;
import io.livepredict.contract.ModelManifest;
import io.livepredict.contract.OnnxContract;
import io.livepredict.contract.Target;
import io.livepredict.model.OnnxFile;
import io.livepredict.model.RefusedException;
import io.livepredict.trainer.imports.ImportedGraph.Wrapped;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A model that has the inputs and outputs of {@link OnnxContract} already, as {@code models export} writes it: it is taken as
 * it is. Its features and targets are those of the manifest beside it; without one, all there are, by position.
 */
final class ContractModel {
    private static final Set<String> INPUTS = Set.of(
            OnnxContract.DENSE,
            OnnxContract.IDS,
            OnnxContract.SEQUENCE_TYPES,
            OnnxContract.SEQUENCE_GAPS,
            OnnxContract.EXPLAIN);

    private final ModelFile file;
    private final FeatureSchema schema;
    private final List<Target> targets;
    private final Map<String, ValueInfoProto> inputs = new HashMap<>();
    private final List<String> missing = new ArrayList<>();

    private ContractModel(ModelFile file, FeatureSchema schema, List<Target> targets) {
        this.file = file;
        this.schema = schema;
        this.targets = targets;
        GraphProto graph = file.model().getGraph();
        graph.getInputList().forEach(input -> inputs.put(input.getName(), input));
        graph.getInitializerList().forEach(constant -> inputs.remove(constant.getName()));
    }

    /**
     * The model as it is, nothing if it is another one.
     *
     * @throws io.livepredict.trainer.publish.ModelOperator.RefusedOperationException if its manifest says that it needs what
     *     is not there
     */
    static Optional<Wrapped> recognised(ModelFile file, FeatureSchema schema, List<Target> targets) {
        return new ContractModel(file, schema, targets).recognised();
    }

    private Optional<Wrapped> recognised() {
        Optional<ValueInfoProto> scores = file.model().getGraph().getOutputList().stream()
                .filter(output -> output.getName().equals(OnnxContract.SCORES))
                .findFirst();
        if (scores.isEmpty() || inputs.isEmpty() || !INPUTS.containsAll(inputs.keySet())) {
            return Optional.empty();
        }
        Wrapped whole;
        if (file.manifest().isPresent()) {
            whole = asItsManifestSays(file.manifest().get());
        } else if (columns(OnnxContract.DENSE, schema.dense().size())
                && columns(OnnxContract.IDS, schema.ids().size())
                && columns(OnnxContract.SEQUENCE_TYPES, schema.sequenceLength())
                && columns(OnnxContract.SEQUENCE_GAPS, schema.sequenceLength())
                && Onnx.size(scores.get(), 1) == targets.size()) {
            whole = wrapped(
                    schema,
                    targets,
                    "its features and targets are taken by position, for there is no manifest" + " beside it");
        } else {
            return Optional.empty();
        }
        Problems problems = new Problems();
        try {
            OnnxFile.check(file.model());
        } catch (RefusedException e) {
            problems.add(e.reason() + ": " + e.getMessage());
        }
        if (!missing.isEmpty()) {
            problems.add("its manifest says that it needs what this installation does not have by name and definition: "
                    + String.join(", ", missing.subList(0, Math.min(5, missing.size())))
                    + (missing.size() > 5 ? " and " + (missing.size() - 5) + " more" : ""));
        }
        problems.refuse();
        return Optional.of(whole);
    }

    private boolean columns(String input, int columns) {
        ValueInfoProto info = inputs.get(input);
        return info == null || Onnx.rank(info) == 2 && Onnx.size(info, 1) == columns;
    }

    private Wrapped wrapped(FeatureSchema taken, List<Target> heads, String note) {
        return new Wrapped(file.model().toByteArray(), taken, heads, Set.of(), List.of(note), -1);
    }

    private Wrapped asItsManifestSays(ModelManifest manifest) {
        List<DenseFeature> dense =
                found(manifest.dense(), schema.dense(), DenseFeature::name, DenseFeature::definition);
        List<IdFeature> ids = found(manifest.ids(), schema.ids(), IdFeature::name, IdFeature::definition);
        if (manifest.sequenceLength() > schema.sequenceLength()
                || manifest.sequenceLength() > 0
                        && !(manifest.sequenceDefinition().equals(schema.sequenceDefinition())
                                && manifest.eventTypes().equals(schema.eventTypes()))) {
            missing.add("a sequence of " + manifest.sequenceLength() + " events of its types");
        }
        List<Target> heads = new ArrayList<>();
        for (ModelManifest.Head head : manifest.targets()) {
            Target target = targets.stream()
                    .filter(t -> t.name().equals(head.name()) && t.definition().equals(head.definition()))
                    .findFirst()
                    .orElse(null);
            if (target == null) {
                missing.add("target " + head.name());
            } else {
                heads.add(target);
            }
        }
        return wrapped(
                new FeatureSchema(
                        schema.kind(),
                        dense,
                        schema.eventTypes(),
                        Math.min(manifest.sequenceLength(), schema.sequenceLength()),
                        schema.sequenceDefinition(),
                        ids),
                heads,
                "its features and targets are those of the manifest beside it");
    }

    private <F> List<F> found(
            List<ModelManifest.Feature> wanted,
            List<F> there,
            Function<F, String> name,
            Function<F, String> definition) {
        Map<String, F> known = there.stream()
                .collect(Collectors.toMap(f -> name.apply(f) + '\n' + definition.apply(f), f -> f, (a, b) -> a));
        return wanted.stream()
                .map(feature -> {
                    @Nullable F found = known.get(feature.name() + '\n' + feature.definition());
                    if (found == null) {
                        missing.add(feature.name());
                    }
                    return found;
                })
                .filter(Objects::nonNull)
                .toList();
    }
}
