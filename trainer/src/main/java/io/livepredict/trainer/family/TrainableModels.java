package io.livepredict.trainer.family;

import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.Target;
import io.livepredict.trainer.graph.GraphRuntime;
import java.util.List;

/** Makes learners. */
public final class TrainableModels {
    private TrainableModels() {}

    /**
     * A fresh learner. Its first scores are the targets' priors.
     *
     * @param settings which family, how large, how it learns
     * @param schema the features of its batches
     * @param targets its outputs, in this order
     * @param batchCapacity most rows of a batch
     * @param seed decides its initial weights, with nothing else
     * @param runtime what runs its graphs
     * @throws IllegalArgumentException if the schema lacks what the family needs
     */
    public static TrainableModel create(
            FamilySettings settings,
            FeatureSchema schema,
            List<Target> targets,
            int batchCapacity,
            long seed,
            GraphRuntime runtime) {
        if (batchCapacity < 1) {
            throw new IllegalArgumentException("batch capacity must be positive, got " + batchCapacity);
        }
        return new GraphModel(Blueprint.of(settings, schema, targets), batchCapacity, seed, runtime);
    }
}
