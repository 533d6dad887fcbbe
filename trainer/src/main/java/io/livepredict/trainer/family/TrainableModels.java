package io.livepredict.trainer.family;

import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.Target;
import io.livepredict.trainer.graph.GraphRuntime;
import java.util.List;

/** Makes models of the families. */
public final class TrainableModels {
    private TrainableModels() {}

    /**
     * A fresh model. Its first scores are the targets' priors.
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
        return model(settings, new BatchLayout(schema, targets), batchCapacity, seed, runtime);
    }

    /** As {@link #create}, hedged with the base rate. */
    public static HedgedModel hedged(
            FamilySettings settings, BatchLayout layout, int batchCapacity, long seed, GraphRuntime runtime) {
        return HedgedModel.over(model(settings, layout, batchCapacity, seed, runtime), layout.targets());
    }

    private static GraphModel model(
            FamilySettings settings, BatchLayout layout, int batchCapacity, long seed, GraphRuntime runtime) {
        if (batchCapacity < 1) {
            throw new IllegalArgumentException("batch capacity must be positive, got " + batchCapacity);
        }
        return new GraphModel(Blueprint.of(settings, layout.schema(), layout.targets()), batchCapacity, seed, runtime);
    }
}
