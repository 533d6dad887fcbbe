package io.livepredict.trainer.learner;

import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.Target;
import io.livepredict.trainer.family.ModelState;
import io.livepredict.trainer.family.TrainableModel;
import java.util.List;

/** Makes the learners. */
public interface LearnerFactory {
    /** Which there are, the first champion first. */
    List<LearnerSpec> learners();

    /** A fresh learner; the same arguments give the same parameters. */
    TrainableModel create(
            LearnerSpec learner, FeatureSchema schema, List<Target> targets, int batchCapacity, long seed);

    /**
     * Carries a state over to other inputs or targets: weights are kept by the features' and targets' names and
     * definitions, new inputs start at zero, new heads at their prior.
     *
     * @param seed decides the initial values of what is new
     */
    ModelState migrate(
            LearnerSpec learner,
            ModelState old,
            FeatureSchema oldSchema,
            List<Target> oldTargets,
            FeatureSchema newSchema,
            List<Target> newTargets,
            long seed);
}
