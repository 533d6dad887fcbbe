package io.livepredict.streams.wiring;

import io.livepredict.contract.Kind;
import io.livepredict.contract.KindDefinition;
import io.livepredict.contract.Target;
import io.livepredict.streams.config.StreamsAppConfig;
import io.livepredict.streams.topology.FlowSettings;
import io.livepredict.streams.topology.KindPlan;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What is configured of a flow: for all kinds, and for each kind that has a target. */
public record FlowPlan(FlowSettings settings, List<KindPlan> kinds) {
    public FlowPlan {
        kinds = List.copyOf(kinds);
    }

    /**
     * What a configuration says.
     *
     * @param repartitions by kind the partitions of its repartition topics; as many as topics are created with where there
     *     is no entry
     */
    public static FlowPlan of(StreamsAppConfig config, Map<Kind, Integer> repartitions) {
        List<Target> targets = config.resolvedTargets();
        Map<Kind, KindDefinition> definitions = config.definitions();
        List<KindPlan> kinds = new ArrayList<>();
        for (Kind kind : config.activeKinds()) {
            KindDefinition definition = definitions.get(kind);
            if (definition == null) {
                throw new IllegalStateException("no definition of " + kind);
            }
            kinds.add(new KindPlan(
                    definition,
                    Target.of(targets, kind),
                    config.resolvedSources().stream()
                            .filter(source -> source.kind() == kind)
                            .toList(),
                    repartitions.getOrDefault(kind, config.resolvedPartitions()),
                    config.withContextFeatures()));
        }
        return new FlowPlan(
                new FlowSettings(
                        config.timeSettings(), config.timeBounds(), config.scoreSettings(), config.outcomeSettings()),
                kinds);
    }

    /** The same, with other settings for all kinds. */
    public FlowPlan with(FlowSettings others) {
        return new FlowPlan(others, kinds);
    }
}
