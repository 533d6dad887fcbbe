package io.livepredict.streams.score.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxTensorLike;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.FeatureVector;
import io.livepredict.contract.OnnxContract;
import io.livepredict.streams.score.DirectBuffers;
import io.livepredict.streams.score.Reason;
import io.livepredict.streams.score.Scorer;
import io.livepredict.streams.score.ScoringException;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One thread's calls into a model's session. Inputs are written into direct buffers that ONNX Runtime reads in place,
 * scores are written by it into a pinned one; the tensors over them are kept while the batch size stays the same.
 */
final class OnnxScorer implements Scorer {
    /** Inside the model each explained row takes as many rows as there are targets, from the inputs to the outputs. */
    private static final int EXPLAINED_AT_ONCE = 64;

    private static final int REASONS = 3;

    private final OnnxModel model;
    private final Projection projection;
    private final int maxRows;
    private final int heads;
    private final int ownSequence;
    private final boolean denseWhole;
    private final boolean idsWhole;
    private final boolean headsWhole;
    private final float[] priors;
    private final DirectBuffers buffers;
    private @Nullable OnnxTensor explainOn;
    private @Nullable OnnxTensor explainOff;

    private final @Nullable FloatBuffer dense;
    private final @Nullable IntBuffer sequenceTypes;
    private final @Nullable FloatBuffer sequenceGaps;
    private final @Nullable IntBuffer ids;
    private final FloatBuffer scores;

    private final Map<String, OnnxTensorLike> inputs = new HashMap<>();
    private final Map<String, OnnxValue> outputs = new HashMap<>();
    private int tensorRows = -1;

    /**
     * @param projection maps this app's rows to the model's inputs, and the model's heads to scores
     * @param own what the rows look like
     * @param priors for each score what it is where the model has no head for it
     */
    OnnxScorer(
            OnnxModel model,
            Projection projection,
            FeatureVector own,
            float[] priors,
            int maxRows,
            DirectBuffers buffers) {
        this.model = model;
        this.projection = projection;
        this.maxRows = maxRows;
        this.heads = projection.targets().length;
        this.ownSequence = own.sequenceTypes.length;
        this.denseWhole = Projection.isIdentity(projection.dense(), own.dense.length);
        this.idsWhole = Projection.isIdentity(projection.ids(), own.ids.length);
        this.headsWhole = Projection.isIdentity(projection.targets(), priors.length);
        this.priors = priors;
        this.buffers = buffers;
        this.dense = floats(OnnxContract.DENSE, projection.dense().length);
        this.sequenceGaps = floats(OnnxContract.SEQUENCE_GAPS, projection.sequenceLength());
        this.sequenceTypes = ints(OnnxContract.SEQUENCE_TYPES, projection.sequenceLength());
        this.ids = ints(OnnxContract.IDS, projection.ids().length);
        this.scores =
                buffers.get(OnnxContract.SCORES, maxRows * heads * Float.BYTES).asFloatBuffer();
    }

    private @Nullable FloatBuffer floats(String input, int columns) {
        return model.hasInput(input)
                ? buffers.get(input, maxRows * columns * Float.BYTES).asFloatBuffer()
                : null;
    }

    private @Nullable IntBuffer ints(String input, int columns) {
        return model.hasInput(input)
                ? buffers.get(input, maxRows * columns * Integer.BYTES).asIntBuffer()
                : null;
    }

    @Override
    public void score(FeatureVector[] rows, int count, float[] into) throws ScoringException {
        fill(rows, count);
        try {
            prepare(count);
            setExplainFlag(false);
            model.session().run(inputs, Set.of(), outputs).close();
        } catch (OrtException e) {
            throw new ScoringException(
                    model.identity().name() + " version " + model.identity().version() + ": " + OnnxRuntime.oneLine(e),
                    e);
        }
        if (headsWhole) {
            scores.get(0, into, 0, count * heads);
            return;
        }
        int targets = priors.length;
        int[] targetOfHead = projection.targets();
        for (int row = 0; row < count; row++) {
            System.arraycopy(priors, 0, into, row * targets, targets);
            for (int head = 0; head < heads; head++) {
                if (targetOfHead[head] >= 0) {
                    into[row * targets + targetOfHead[head]] = scores.get(row * heads + head);
                }
            }
        }
    }

    @Override
    public List<List<List<Reason>>> explain(FeatureVector[] rows, int count) throws ScoringException {
        List<List<List<Reason>>> reasons = new ArrayList<>(count);
        for (int from = 0; from < count; from += EXPLAINED_AT_ONCE) {
            explainSlice(Arrays.copyOfRange(rows, from, Math.min(count, from + EXPLAINED_AT_ONCE)), reasons);
        }
        return reasons;
    }

    private void explainSlice(FeatureVector[] rows, List<List<List<Reason>>> reasons) throws ScoringException {
        float[] contributions = attributions(rows, rows.length);
        int width = inputWidth();
        for (int row = 0; row < rows.length; row++) {
            List<List<Reason>> byTarget = new ArrayList<>(priors.length);
            for (int target = 0; target < priors.length; target++) {
                byTarget.add(List.of());
            }
            for (int head = 0; head < heads; head++) {
                if (projection.targets()[head] >= 0) {
                    byTarget.set(
                            projection.targets()[head],
                            largest(contributions, (row * heads + head) * width, width, rows[row]));
                }
            }
            reasons.add(byTarget);
        }
    }

    /**
     * Contributions to the logit, rows × heads × inputs.
     *
     * @throws ScoringException if the model fails or gives another number of them
     */
    float[] attributions(FeatureVector[] rows, int count) throws ScoringException {
        if (!model.explains()) {
            throw new UnsupportedOperationException("this model gives no reasons");
        }
        fill(rows, count);
        float[] contributions = new float[count * heads * inputWidth()];
        try {
            prepare(count);
            setExplainFlag(true);
            try (OrtSession.Result result = model.session().run(inputs, Set.of(OnnxContract.ATTRIBUTIONS))) {
                FloatBuffer values = result.get(0) instanceof OnnxTensor tensor ? tensor.getFloatBuffer() : null;
                if (values == null || values.remaining() != contributions.length) {
                    throw new ScoringException("attributions must be " + contributions.length + " floats, they are "
                            + (values == null ? "something else" : values.remaining()));
                }
                values.get(contributions);
            }
        } catch (OrtException e) {
            throw new ScoringException(OnnxRuntime.oneLine(e), e);
        }
        return contributions;
    }

    private int inputWidth() {
        return projection.dense().length + projection.sequenceLength() + projection.ids().length;
    }

    private List<Reason> largest(float[] contributions, int from, int width, FeatureVector row) {
        List<Reason> reasons = new ArrayList<>(REASONS);
        boolean[] taken = new boolean[width];
        for (int n = 0; n < REASONS; n++) {
            int best = -1;
            for (int i = 0; i < width; i++) {
                float size = Math.abs(contributions[from + i]);
                if (!taken[i] && !isHeld(i) && size > 0 && Float.isFinite(size)) {
                    best = best < 0 || size > Math.abs(contributions[from + best]) ? i : best;
                }
            }
            if (best < 0) {
                break;
            }
            taken[best] = true;
            reasons.add(new Reason(words(best, row), contributions[from + best]));
        }
        return reasons;
    }

    /** Whether an input is one that is gone: what it is held at is no reason. */
    private boolean isHeld(int input) {
        return input < projection.dense().length && projection.dense()[input] < 0;
    }

    /** What a person reads: the feature's own words, or which recent event it was. */
    private String words(int input, FeatureVector row) {
        FeatureSchema schema = model.schema();
        int denseInputs = projection.dense().length;
        if (input < denseInputs) {
            return schema.dense().get(projection.dense()[input]).words();
        }
        int step = input - denseInputs;
        if (step >= projection.sequenceLength()) {
            return schema.ids()
                    .get(projection.ids()[step - projection.sequenceLength()])
                    .words();
        }
        int ago = projection.sequenceLength() - 1 - step;
        int code = row.sequenceTypes[ownSequence - 1 - ago];
        String type = code == 0 ? "nothing" : schema.eventTypes().get(code - 1);
        return switch (ago) {
            case 0 -> type + " as the latest event";
            case 1 -> type + " one event before";
            default -> type + ' ' + ago + " events before";
        };
    }

    private void fill(FeatureVector[] rows, int count) {
        if (dense != null) {
            dense.clear();
            for (int row = 0; row < count; row++) {
                float[] values = rows[row].dense;
                if (denseWhole) {
                    dense.put(values);
                } else {
                    int[] places = projection.dense();
                    float[] held = projection.held();
                    for (int i = 0; i < places.length; i++) {
                        dense.put(places[i] < 0 ? held[i] : values[places[i]]);
                    }
                }
            }
        }
        if (ids != null) {
            ids.clear();
            for (int row = 0; row < count; row++) {
                int[] values = rows[row].ids;
                if (idsWhole) {
                    ids.put(values);
                } else {
                    for (int place : projection.ids()) {
                        ids.put(values[place]);
                    }
                }
            }
        }
        int first = ownSequence - projection.sequenceLength();
        if (sequenceTypes != null) {
            sequenceTypes.clear();
            for (int row = 0; row < count; row++) {
                for (int step = first; step < ownSequence; step++) {
                    sequenceTypes.put(projection.eventTypeCodes()[rows[row].sequenceTypes[step]]);
                }
            }
        }
        if (sequenceGaps != null) {
            sequenceGaps.clear();
            for (int row = 0; row < count; row++) {
                sequenceGaps.put(rows[row].sequenceGaps, first, projection.sequenceLength());
            }
        }
    }

    /** Binds inputs and outputs to tensors of that many rows over the buffers. */
    private void prepare(int rows) throws OrtException {
        if (rows == tensorRows) {
            return;
        }
        closeTensors();
        bind(OnnxContract.DENSE, dense, rows, projection.dense().length);
        bind(OnnxContract.SEQUENCE_GAPS, sequenceGaps, rows, projection.sequenceLength());
        bind(OnnxContract.SEQUENCE_TYPES, sequenceTypes, rows, projection.sequenceLength());
        bind(OnnxContract.IDS, ids, rows, projection.ids().length);
        scores.clear().limit(rows * heads);
        outputs.put(
                OnnxContract.SCORES,
                OnnxTensor.createTensor(model.runtime().environment(), scores, new long[] {rows, heads}));
        tensorRows = rows;
    }

    private void bind(String input, @Nullable FloatBuffer buffer, int rows, int columns) throws OrtException {
        if (buffer != null) {
            buffer.clear().limit(rows * columns);
            inputs.put(
                    input, OnnxTensor.createTensor(model.runtime().environment(), buffer, new long[] {rows, columns}));
        }
    }

    private void bind(String input, @Nullable IntBuffer buffer, int rows, int columns) throws OrtException {
        if (buffer != null) {
            buffer.clear().limit(rows * columns);
            inputs.put(
                    input, OnnxTensor.createTensor(model.runtime().environment(), buffer, new long[] {rows, columns}));
        }
    }

    /** Tells a model that can explain itself whether to do so now. */
    private void setExplainFlag(boolean on) throws OrtException {
        if (!model.hasInput(OnnxContract.EXPLAIN)) {
            return;
        }
        OnnxTensor wanted = on ? explainOn : explainOff;
        if (wanted == null) {
            wanted = OnnxTensor.createTensor(model.runtime().environment(), on);
            if (on) {
                explainOn = wanted;
            } else {
                explainOff = wanted;
            }
        }
        inputs.put(OnnxContract.EXPLAIN, wanted);
    }

    private void closeTensors() {
        tensorRows = -1;
        inputs.remove(OnnxContract.EXPLAIN);
        inputs.values().forEach(OnnxTensorLike::close);
        inputs.clear();
        outputs.values().forEach(OnnxValue::close);
        outputs.clear();
    }

    @Override
    public void close() {
        closeTensors();
        if (explainOn != null) {
            explainOn.close();
        }
        if (explainOff != null) {
            explainOff.close();
        }
    }
}
