package io.livepredict.streams.model;

import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.FeatureVector;
import io.livepredict.contract.ModelManifest;
import io.livepredict.contract.Target;
import io.livepredict.contract.TargetDifferences;
import io.livepredict.model.ModelArtifact;
import io.livepredict.model.OnnxFile;
import io.livepredict.model.Refusal;
import io.livepredict.model.RefusedException;
import io.livepredict.streams.score.ActiveModel;
import io.livepredict.streams.score.ScoringException;
import io.livepredict.streams.score.onnx.MissingInputException;
import io.livepredict.streams.score.onnx.OnnxModel;
import io.livepredict.streams.score.onnx.OnnxRuntime;
import io.livepredict.streams.score.onnx.Projection;
import io.livepredict.streams.score.onnx.SessionFailedException;
import io.livepredict.streams.score.onnx.WrongShapeException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The last steps of making a version of one kind's model the active one: what is in the file, whether its inputs exist
 * here, whether it loads, and whether it scores its golden rows as its manifest says. Only then are the models swapped.
 * Not for stream threads.
 */
public final class Activation {
    /** How far a golden row's score may be off, absolutely and relatively. */
    static final double TOLERANCE = 1e-4;

    private final OnnxRuntime runtime;
    private final FeatureSchema schema;
    private final List<Target> targets;
    private final ActiveModel active;
    private volatile @Nullable ModelManifest manifest;

    /**
     * @param schema of this app's vectors of the kind
     * @param targets the kind's targets, in configuration order
     * @param active what is swapped
     */
    public Activation(OnnxRuntime runtime, FeatureSchema schema, List<Target> targets, ActiveModel active) {
        this.runtime = runtime;
        this.schema = schema;
        this.targets = List.copyOf(targets);
        this.active = active;
    }

    /** How the active version's dense inputs differ from the features here, in words; empty if they don't. */
    public String featureDifferences() {
        ModelManifest of = manifest;
        return of == null ? "" : FeatureDifferences.words(of, schema);
    }

    /** Operators of that file that run on the CPU although the rest of it runs on a GPU; none on a CPU. */
    Set<String> besideTheGpu(byte[] onnx) throws RefusedException {
        return runtime.device().startsWith("cuda") ? OnnxFile.onCpuOnly(onnx) : Set.of();
    }

    /** The active version; 0 for the prior. */
    public long activeVersion() {
        return active.identity().version();
    }

    /** What the active version says of itself; nothing for the prior. */
    public Optional<ModelManifest> manifest() {
        return Optional.ofNullable(manifest);
    }

    /** How the active version's heads differ from the targets configured here; no difference for the prior. */
    public TargetDifferences targetDifferences() {
        ModelManifest of = manifest;
        return of == null
                ? TargetDifferences.NONE
                : TargetDifferences.between(
                        TargetDifferences.definitions(targets),
                        of.targets().stream()
                                .collect(Collectors.toMap(
                                        ModelManifest.Head::name, ModelManifest.Head::definition, (a, b) -> b)));
    }

    /** The targets that are served their configured prior, as version 0: all of them before there is a model. */
    public List<String> servedByPrior() {
        ModelManifest of = manifest;
        Set<Integer> heads = of == null
                ? Set.of()
                : of.targets().stream()
                        .filter(head -> !head.unlearned())
                        .map(head -> Projection.place(head, targets))
                        .collect(Collectors.toSet());
        return IntStream.range(0, targets.size())
                .filter(target -> !heads.contains(target))
                .mapToObj(target -> targets.get(target).name())
                .toList();
    }

    /**
     * Makes a version the active one. Its signature and hash are already verified.
     *
     * @throws RefusedException if it fails a check; then the active model is the one it was
     */
    public void activate(ModelArtifact artifact) throws RefusedException {
        ModelManifest next = artifact.manifest();
        OnnxFile.check(artifact.onnx());
        OnnxModel model;
        try {
            model = OnnxModel.build(runtime, artifact.onnx(), next, schema, targets);
        } catch (MissingInputException e) {
            throw new RefusedException(Refusal.MISSING_INPUT, String.valueOf(e.getMessage()), e);
        } catch (WrongShapeException e) {
            throw new RefusedException(Refusal.WRONG_SHAPE, String.valueOf(e.getMessage()), e);
        } catch (SessionFailedException e) {
            throw new RefusedException(Refusal.SESSION_FAILED, "ONNX Runtime does not load it: " + e.getMessage(), e);
        }
        boolean swapped = false;
        try {
            if (next.targets().stream().allMatch(head -> Projection.place(head, targets) < 0)) {
                throw new RefusedException(
                        Refusal.WRONG_SHAPE,
                        "none of its heads is a configured target by name and definition: "
                                + next.targets().stream()
                                        .map(ModelManifest.Head::name)
                                        .collect(Collectors.joining(", ")));
            }
            checkGoldenRows(model, next);
            active.swap(model);
            manifest = next;
            swapped = true;
        } finally {
            if (!swapped) {
                model.close();
            }
        }
    }

    private static void checkGoldenRows(OnnxModel model, ModelManifest manifest) throws RefusedException {
        List<ModelManifest.GoldenRow> golden = manifest.golden();
        if (golden.isEmpty()) {
            throw new RefusedException(Refusal.GOLDEN_ROWS_DIFFER, "its manifest has no golden rows to check it with");
        }
        FeatureVector[] rows = new FeatureVector[golden.size()];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = row(golden.get(i), manifest);
        }
        float[][] scores;
        try {
            scores = model.scoreOwn(rows);
        } catch (ScoringException e) {
            throw new RefusedException(Refusal.WRONG_SHAPE, "it does not run on its golden rows: " + e.getMessage(), e);
        }
        for (int row = 0; row < rows.length; row++) {
            float[] wanted = golden.get(row).scores();
            for (int head = 0; head < wanted.length; head++) {
                double bound = TOLERANCE * Math.max(1, Math.abs(wanted[head]));
                if (!(Math.abs(scores[row][head] - wanted[head]) <= bound)) {
                    throw new RefusedException(
                            Refusal.GOLDEN_ROWS_DIFFER,
                            "golden row " + row + " scores " + scores[row][head] + " for "
                                    + manifest.targets().get(head).name() + ", its manifest says " + wanted[head]);
                }
            }
        }
    }

    private static FeatureVector row(ModelManifest.GoldenRow golden, ModelManifest manifest) throws RefusedException {
        if (golden.dense().length != manifest.dense().size()
                || golden.sequenceTypes().length != manifest.sequenceLength()
                || golden.sequenceGaps().length != manifest.sequenceLength()
                || golden.ids().length != manifest.ids().size()
                || golden.scores().length != manifest.targets().size()) {
            throw new RefusedException(
                    Refusal.WRONG_SHAPE, "its golden rows do not have the inputs and heads that its manifest lists");
        }
        FeatureVector row = golden.vector();
        for (int code : row.sequenceTypes) {
            if (code < 0 || code > manifest.eventTypes().size()) {
                throw new RefusedException(Refusal.WRONG_SHAPE, "a golden row has event type code " + code);
            }
        }
        return row;
    }
}
