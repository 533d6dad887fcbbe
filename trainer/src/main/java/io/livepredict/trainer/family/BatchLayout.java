package io.livepredict.trainer.family;

import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.Target;
import java.util.List;

/**
 * What the columns of a batch mean, and so what goes into a model and what comes out of it.
 *
 * @param schema the features, in the order of the inputs
 * @param targets the targets, in the order of the labels and scores
 */
public record BatchLayout(FeatureSchema schema, List<Target> targets) {
    public BatchLayout {
        targets = List.copyOf(targets);
    }
}
