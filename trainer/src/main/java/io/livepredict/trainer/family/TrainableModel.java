package io.livepredict.trainer.family;

import io.livepredict.contract.ModelManifest;
import java.util.List;

/**
 * What a learner learns with: parameters and a training step. Test-then-train: a step returns the scores the parameters gave
 * before they were updated. Deterministic: the same state and batches give the same bytes. Not safe for use from several
 * threads.
 */
public interface TrainableModel extends AutoCloseable {
    /** Its family, e.g. {@code mlp}. */
    String family();

    /**
     * Predicts the batch, then learns from it.
     *
     * @param batch between 1 and its capacity rows
     * @param learningRateScale multiplies the scheduled learning rate (1 in normal times; raised after drift)
     * @param scores [size, targets] receives the scores before the update: probabilities, or values for sum-of targets
     * @return the mean masked loss of the batch before the update; NaN or infinite when the learner has diverged
     */
    double step(ExampleBatch batch, double learningRateScale, float[] scores);

    /**
     * Learns once more from examples that it learned from before: only its parameters change. What it keeps count of (moments of
     * features and labels, evidence) and what is said of it knows nothing of it.
     *
     * @param batch between 1 and its capacity rows
     * @param learningRateScale as in {@link #step}
     */
    void rehearse(ExampleBatch batch, double learningRateScale);

    /** Predicts only; {@code scores} is [size, targets]. */
    void predict(ExampleBatch batch, float[] scores);

    /** The forward half with the current parameters as constants: an ordinary ONNX file (see OnnxContract). */
    byte[] export();

    /** What its dense inputs usually were, and how much hangs on each, when it was last exported; empty if that is not known. */
    default List<ModelManifest.Usual> usual() {
        return List.of();
    }

    /** A copy of everything it knows. */
    ModelState state();

    /** Goes on from that state, which must be of the same family, shapes and settings. */
    void restore(ModelState state);

    /**
     * Whether it has learned from any label of that target.
     *
     * @param target its place among the targets
     */
    default boolean hasLearned(int target) {
        return true;
    }

    /** Whether every parameter is finite. */
    boolean isFinite();

    @Override
    void close();
}
