package io.livepredict.streams.topology;

import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.Kind;
import io.livepredict.contract.KindDefinition;
import io.livepredict.contract.Target;
import io.livepredict.streams.activity.FeatureDefinitions;
import io.livepredict.streams.context.ContextReader;
import io.livepredict.streams.ingest.Source;
import java.util.List;

/**
 * What is configured for one kind.
 *
 * @param definition what its events are
 * @param targets in configuration order, at least one
 * @param sources at least one
 * @param repartitions partitions of the repartition topics; as many as the sources that need none have
 * @param contextFeatures whether vectors also say what goes on in the room or match
 */
public record KindPlan(
        KindDefinition definition,
        List<Target> targets,
        List<Source> sources,
        int repartitions,
        boolean contextFeatures) {
    public KindPlan {
        targets = List.copyOf(targets);
        sources = List.copyOf(sources);
        if (sources.isEmpty() || targets.isEmpty()) {
            throw new IllegalArgumentException(
                    "kind " + definition.kind().id() + " needs at least one source and one target");
        }
    }

    /** Which kind. */
    public Kind kind() {
        return definition.kind();
    }

    /** The features of its vectors; those of the context come last. */
    public FeatureSchema schema() {
        return contextFeatures
                ? FeatureDefinitions.schema(definition, ContextReader.features(definition))
                : FeatureDefinitions.schema(definition);
    }
}
