package io.livepredict.streams.topology;

import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.Kind;
import io.livepredict.contract.KindDefinition;
import io.livepredict.contract.Target;
import io.livepredict.streams.activity.FeatureDefinitions;
import io.livepredict.streams.choice.ChoiceSettings;
import io.livepredict.streams.context.ContextReader;
import io.livepredict.streams.ingest.Source;
import io.livepredict.streams.time.TaskInput;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What is configured for one kind.
 *
 * @param definition what its events are
 * @param targets in configuration order, at least one
 * @param sources at least one
 * @param sourcePartitions by topic that is re-keyed how many partitions it has; one where there is no entry
 * @param repartitions partitions of the repartition topics; as many as the sources that need none have
 * @param contextFeatures whether vectors also say what goes on in the room or match
 * @param erasures whether requests to forget somebody are taken
 * @param choices which events are choices of a room or match; empty for none
 */
public record KindPlan(
        KindDefinition definition,
        List<Target> targets,
        List<Source> sources,
        Map<String, Integer> sourcePartitions,
        int repartitions,
        boolean contextFeatures,
        boolean erasures,
        Optional<ChoiceSettings> choices) {
    public KindPlan {
        targets = List.copyOf(targets);
        sources = List.copyOf(sources);
        sourcePartitions = Map.copyOf(sourcePartitions);
        if (sources.isEmpty() || targets.isEmpty()) {
            throw new IllegalArgumentException(
                    "kind " + definition.kind().id() + " needs at least one source and one target");
        }
    }

    /** Which kind. */
    public Kind kind() {
        return definition.kind();
    }

    /** How many partitions a topic that is re-keyed has. */
    public int partitions(Source source) {
        return sourcePartitions.getOrDefault(source.topic(), 1);
    }

    /** Where the events of its tasks come from. */
    public TaskInput input() {
        return new TaskInput(
                sources.stream()
                        .filter(source -> !source.rekey())
                        .map(Source::topic)
                        .toList(),
                sources.stream().filter(Source::rekey).collect(Collectors.toMap(Source::topic, this::partitions)));
    }

    /** The same, with events from elsewhere. */
    public KindPlan reading(List<Source> others) {
        return new KindPlan(
                definition, targets, others, sourcePartitions, repartitions, contextFeatures, erasures, choices);
    }

    /** The features of its vectors; those of the context come last. */
    public FeatureSchema schema() {
        return contextFeatures
                ? FeatureDefinitions.schema(definition, ContextReader.features(definition))
                : FeatureDefinitions.schema(definition);
    }
}
