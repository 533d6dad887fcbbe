package io.livepredict.trainer.learner;

import io.livepredict.trainer.family.BatchLayout;
import io.livepredict.trainer.family.ModelState;
import io.livepredict.trainer.family.TrainableModel;

/** One of the learners that train side by side, as it is configured: makes the models that it learns with. */
public interface LearnerFactory {
    /** Its name in metrics, logs and saved states, unique among the learners. */
    String name();

    /** Names family, sizes, optimiser and every other setting: a saved state is only taken up under the same fingerprint. */
    String fingerprint();

    /** Whether it also learns from examples that are drawn again ({@link ReplaySettings}). */
    boolean rehearses();

    /** A fresh model; the same arguments give the same parameters. */
    TrainableModel create(BatchLayout layout, int batchCapacity, long seed);

    /**
     * Carries a state over to other inputs or targets: weights are kept by the features' and targets' names and
     * definitions, new inputs start at zero, new heads at their prior.
     *
     * @param seed decides the initial values of what is new
     */
    ModelState migrate(ModelState old, BatchLayout from, BatchLayout to, long seed);
}
