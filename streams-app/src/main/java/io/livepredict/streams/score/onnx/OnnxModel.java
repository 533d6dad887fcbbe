package io.livepredict.streams.score.onnx;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.ModelManifest;
import io.livepredict.contract.OnnxContract;
import io.livepredict.contract.Target;
import io.livepredict.streams.score.DirectBuffers;
import io.livepredict.streams.score.ModelIdentity;
import io.livepredict.streams.score.Scorer;
import io.livepredict.streams.score.ScoringModel;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One version of a model in an ONNX Runtime session. Shared by all tasks of its kind. */
public final class OnnxModel implements ScoringModel {
    private static final Logger LOG = LoggerFactory.getLogger(OnnxModel.class);

    private final OnnxRuntime runtime;
    private final OrtSession session;
    private final Projection projection;
    private final FeatureSchema schema;
    private final List<Target> targets;
    private final ModelIdentity identity;
    private final Set<String> inputs;
    private final boolean explains;

    private OnnxModel(
            OnnxRuntime runtime,
            OrtSession session,
            ModelManifest manifest,
            Projection projection,
            FeatureSchema schema,
            List<Target> targets)
            throws OrtException {
        this.runtime = runtime;
        this.session = session;
        this.projection = projection;
        this.schema = schema;
        this.targets = List.copyOf(targets);
        this.identity = new ModelIdentity(manifest.name(), manifest.version(), manifest.sha256());
        this.inputs = new HashSet<>(session.getInputNames());
        this.explains = inputs.contains(OnnxContract.EXPLAIN)
                && session.getOutputNames().contains(OnnxContract.ATTRIBUTIONS);
    }

    /**
     * Builds the session. Takes a millisecond for a small model on the CPU; never call it on a stream thread.
     *
     * @param manifest the model's own inputs and heads
     * @param schema of this app's vectors
     * @param targets the kind's targets, in configuration order
     * @throws MissingInputException if the model needs what this app does not have
     * @throws WrongShapeException if the session's inputs and outputs are not those of its manifest
     * @throws OrtException if ONNX Runtime refuses the model
     */
    public static OnnxModel build(
            OnnxRuntime runtime, byte[] onnx, ModelManifest manifest, FeatureSchema schema, List<Target> targets)
            throws MissingInputException, WrongShapeException, OrtException {
        Projection projection = Projection.of(manifest, schema, targets);
        OrtSession session = runtime.session(onnx);
        try {
            checkShapes(session, manifest);
            return new OnnxModel(runtime, session, manifest, projection, schema, targets);
        } catch (OrtException | WrongShapeException | RuntimeException e) {
            session.close();
            throw e;
        }
    }

    private static void checkShapes(OrtSession session, ModelManifest manifest)
            throws OrtException, WrongShapeException {
        Map<String, NodeInfo> inputs = session.getInputInfo();
        for (Map.Entry<String, NodeInfo> input : inputs.entrySet()) {
            switch (input.getKey()) {
                case OnnxContract.DENSE ->
                    check(input, OnnxJavaType.FLOAT, manifest.dense().size());
                case OnnxContract.IDS ->
                    check(input, OnnxJavaType.INT32, manifest.ids().size());
                case OnnxContract.SEQUENCE_TYPES -> check(input, OnnxJavaType.INT32, manifest.sequenceLength());
                case OnnxContract.SEQUENCE_GAPS -> check(input, OnnxJavaType.FLOAT, manifest.sequenceLength());
                case OnnxContract.EXPLAIN -> {
                    if (!(input.getValue().getInfo() instanceof TensorInfo info) || info.type != OnnxJavaType.BOOL) {
                        throw new WrongShapeException("input explain must be a Boolean");
                    }
                }
                default ->
                    throw new WrongShapeException("it has an input '" + input.getKey()
                            + "'; inputs are dense, sequence_types, sequence_gaps, ids and explain");
            }
        }
        requireInput(inputs, OnnxContract.DENSE, manifest.dense().size());
        requireInput(inputs, OnnxContract.IDS, manifest.ids().size());
        for (Map.Entry<String, NodeInfo> output : session.getOutputInfo().entrySet()) {
            if (output.getKey().equals(OnnxContract.SCORES)) {
                check(output, OnnxJavaType.FLOAT, manifest.targets().size());
                return;
            }
        }
        throw new WrongShapeException("it has no output 'scores'");
    }

    private static void requireInput(Map<String, NodeInfo> inputs, String name, int columns)
            throws WrongShapeException {
        if (columns > 0 && !inputs.containsKey(name)) {
            throw new WrongShapeException("its manifest lists " + columns + " columns for an input '" + name
                    + "' that the model does not have");
        }
    }

    /** Rows are free; columns must be as many as the manifest says, or free. */
    private static void check(Map.Entry<String, NodeInfo> node, OnnxJavaType type, int columns)
            throws WrongShapeException {
        if (!(node.getValue().getInfo() instanceof TensorInfo info)
                || info.type != type
                || info.getShape().length != 2
                || info.getShape()[0] >= 0
                || info.getShape()[1] != columns && info.getShape()[1] >= 0) {
            throw new WrongShapeException("'" + node.getKey() + "' must be " + type + " [N, " + columns + "], it is "
                    + node.getValue().getInfo());
        }
    }

    OnnxRuntime runtime() {
        return runtime;
    }

    OrtSession session() {
        return session;
    }

    /** Where its inputs and heads are found. */
    public Projection projection() {
        return projection;
    }

    FeatureSchema schema() {
        return schema;
    }

    List<Target> targets() {
        return targets;
    }

    boolean hasInput(String name) {
        return inputs.contains(name);
    }

    @Override
    public ModelIdentity identity() {
        return identity;
    }

    @Override
    public boolean explains() {
        return explains;
    }

    @Override
    public Scorer newScorer(int maxRows, DirectBuffers buffers) {
        return new OnnxScorer(this, maxRows, buffers);
    }

    @Override
    public void close() {
        try {
            session.close();
        } catch (OrtException e) {
            LOG.warn("closing {} version {}: {}", identity.name(), identity.version(), OnnxRuntime.oneLine(e));
        }
    }
}
