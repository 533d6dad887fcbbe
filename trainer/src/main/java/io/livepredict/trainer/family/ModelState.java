package io.livepredict.trainer.family;

import java.util.Map;

/**
 * Everything a learner needs to go on as if it had never stopped: parameters, optimiser slots, running means and
 * variances, step counters. Names are stable; rows of an input weight belong to features in the order of the schema the
 * state was saved with.
 *
 * @param tensors by name
 */
public record ModelState(Map<String, Tensor> tensors) {
    /** A float32 tensor. */
    @SuppressWarnings("ArrayRecordComponent") // moved, never compared
    public record Tensor(long[] shape, float[] values) {}
}
