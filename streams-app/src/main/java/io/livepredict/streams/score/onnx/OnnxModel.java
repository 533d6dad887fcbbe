package io.livepredict.streams.score.onnx;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.FeatureVector;
import io.livepredict.contract.ModelManifest;
import io.livepredict.contract.OnnxContract;
import io.livepredict.contract.Target;
import io.livepredict.streams.score.DirectBuffers;
import io.livepredict.streams.score.ModelIdentity;
import io.livepredict.streams.score.PriorModel;
import io.livepredict.streams.score.ScoreOrigins;
import io.livepredict.streams.score.Scorer;
import io.livepredict.streams.score.ScoringException;
import io.livepredict.streams.score.ScoringModel;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
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
    private final ScoreOrigins origins;
    private final Set<String> inputs;
    private final boolean explains;
    private final long lastExampleEmittedAtMillis;

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
        this.origins = new ScoreOrigins(identity, projection.withoutHead(targets.size()));
        this.inputs = new HashSet<>(session.getInputNames());
        this.explains = inputs.contains(OnnxContract.EXPLAIN)
                && session.getOutputNames().contains(OnnxContract.ATTRIBUTIONS);
        this.lastExampleEmittedAtMillis = manifest.lastExampleEmittedAt();
    }

    /**
     * Builds the session. Takes a millisecond for a small model on the CPU; never call it on a stream thread.
     *
     * @param manifest the model's own inputs and heads
     * @param schema of this app's vectors
     * @param targets the kind's targets, in configuration order
     * @throws MissingInputException if the model needs what this app does not have
     * @throws WrongShapeException if the session's inputs and outputs are not those of its manifest
     * @throws SessionFailedException if ONNX Runtime refuses the model
     */
    public static OnnxModel build(
            OnnxRuntime runtime, byte[] onnx, ModelManifest manifest, FeatureSchema schema, List<Target> targets)
            throws MissingInputException, WrongShapeException, SessionFailedException {
        Projection projection = Projection.of(manifest, schema, targets);
        OrtSession session;
        try {
            session = runtime.session(onnx);
        } catch (OrtException e) {
            throw new SessionFailedException(OnnxRuntime.oneLine(e), e);
        }
        boolean built = false;
        try {
            checkShapes(session, manifest);
            OnnxModel model = new OnnxModel(runtime, session, manifest, projection, schema, targets);
            built = true;
            return model;
        } catch (OrtException e) {
            throw new SessionFailedException(OnnxRuntime.oneLine(e), e);
        } finally {
            if (!built) {
                close(session, manifest.name(), manifest.version());
            }
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
    public ScoreOrigins origins() {
        return origins;
    }

    @Override
    public long lastExampleEmittedAtMillis() {
        return lastExampleEmittedAtMillis;
    }

    @Override
    public boolean explains() {
        return explains;
    }

    @Override
    public Scorer newScorer(int maxRows, DirectBuffers buffers) {
        return new OnnxScorer(
                this, projection, new FeatureVector(schema), PriorModel.priors(targets), maxRows, buffers);
    }

    /**
     * Scores rows that are already in the model's own order, with its own event type codes: golden rows.
     *
     * @param rows at least one
     * @return rows × heads
     * @throws ScoringException if the model can't, or if it offers reasons and can't give them
     */
    public float[][] scoreOwn(FeatureVector[] rows) throws ScoringException {
        FeatureVector own = rows[0];
        Projection whole = new Projection(
                upTo(own.dense.length),
                new float[own.dense.length],
                upTo(own.ids.length),
                own.sequenceTypes.length,
                upTo(Math.max(1, highestCode(rows) + 1)),
                upTo(projection.targets().length));
        int heads = projection.targets().length;
        float[] flat = new float[rows.length * heads];
        try (OnnxScorer scorer = new OnnxScorer(this, whole, own, new float[heads], rows.length, new DirectBuffers())) {
            scorer.score(rows, rows.length, flat);
            if (explains) {
                scorer.attributions(rows, rows.length);
            }
        }
        float[][] scores = new float[rows.length][];
        for (int row = 0; row < rows.length; row++) {
            scores[row] = Arrays.copyOfRange(flat, row * heads, (row + 1) * heads);
        }
        return scores;
    }

    private static int highestCode(FeatureVector[] rows) {
        int highest = 0;
        for (FeatureVector row : rows) {
            for (int code : row.sequenceTypes) {
                highest = Math.max(highest, code);
            }
        }
        return highest;
    }

    private static int[] upTo(int size) {
        return IntStream.range(0, size).toArray();
    }

    @Override
    public void close() {
        close(session, identity.name(), identity.version());
    }

    private static void close(OrtSession session, String name, long version) {
        try {
            session.close();
        } catch (OrtException e) {
            LOG.warn("closing {} version {}: {}", name, version, OnnxRuntime.oneLine(e));
        }
    }
}
