package io.livepredict.trainer.learner;

import io.livepredict.trainer.family.ExampleBatch;
import io.livepredict.trainer.family.ModelState;
import io.livepredict.trainer.family.TrainableModel;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;

/** One of the learners that train side by side: its model, and what that last said of a batch. */
final class Learner implements AutoCloseable {
    private final LearnerFactory factory;
    private final TrainableModel model;
    private final float[] scores;
    private final long resets;

    /**
     * @param factory which learner it is, and what makes its models
     * @param model what learns
     * @param scores how many scores the largest batch has
     * @param resets how often it was started again after it had diverged
     */
    Learner(LearnerFactory factory, TrainableModel model, int scores, long resets) {
        this.factory = factory;
        this.model = model;
        this.scores = new float[scores];
        this.resets = resets;
    }

    LearnerFactory factory() {
        return factory;
    }

    String name() {
        return factory.name();
    }

    TrainableModel model() {
        return model;
    }

    long resets() {
        return resets;
    }

    /** Its scores of the batch, computed before training on it, [size, targets]; reused from batch to batch. */
    float[] scores() {
        return scores;
    }

    /**
     * Scores the batch, then learns from it.
     *
     * @param priors by target, what takes the place of a score that is not finite
     * @return whether its loss and all of its scores were finite
     */
    boolean step(ExampleBatch batch, double learningRateScale, float[] priors) {
        boolean finite = Double.isFinite(model.step(batch, learningRateScale, scores));
        for (int i = 0; i < batch.size * priors.length; i++) {
            if (!Float.isFinite(scores[i])) {
                scores[i] = priors[i % priors.length];
                finite = false;
            }
        }
        return finite;
    }

    /** Goes on from where another is, if that one is sound and of the same shape; returns whether it does. */
    boolean copy(Learner other) {
        ModelState state = other.model.state();
        if (!other.model.isFinite() || !sameShape(state, model.state())) {
            return false;
        }
        model.restore(state);
        return true;
    }

    private static boolean sameShape(ModelState a, ModelState b) {
        Map<String, ModelState.Tensor> others = b.tensors();
        return a.tensors().keySet().equals(others.keySet())
                && a.tensors().entrySet().stream()
                        .allMatch(entry -> Arrays.equals(
                                entry.getValue().shape(),
                                Objects.requireNonNull(others.get(entry.getKey()))
                                        .shape()));
    }

    @Override
    public void close() {
        model.close();
    }
}
