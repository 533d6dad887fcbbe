package io.livepredict.trainer.learner;

import io.livepredict.contract.FeatureSchema;
import org.jspecify.annotations.Nullable;

/** Finds the feature schema that an example names. */
@FunctionalInterface
public interface SchemaSource {
    /**
     * A schema and when it was announced.
     *
     * @param order grows with each announcement: the schema with the highest is the newest
     */
    record Announced(FeatureSchema schema, long order) {}

    /** The schema with that id, or null if there is none. */
    @Nullable
    Announced find(String id);
}
