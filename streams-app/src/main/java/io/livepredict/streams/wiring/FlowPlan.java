package io.livepredict.streams.wiring;

import io.livepredict.contract.Kind;
import io.livepredict.streams.config.StreamsAppSettings;
import io.livepredict.streams.topology.FlowSettings;
import io.livepredict.streams.topology.KindPlan;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What is configured of a flow: for all kinds, and for each kind that has a target. */
public record FlowPlan(FlowSettings settings, List<KindPlan> kinds) {
    public FlowPlan {
        kinds = List.copyOf(kinds);
    }

    /**
     * What a configuration says, for sources of one partition.
     *
     * @param repartitions by kind the partitions of its repartition topics; as many as topics are created with where there
     *     is no entry
     */
    public static FlowPlan of(StreamsAppSettings config, Map<Kind, Integer> repartitions) {
        return of(config, repartitions, Map.of());
    }

    /**
     * What a configuration says.
     *
     * @param repartitions by kind the partitions of its repartition topics; as many as topics are created with where there
     *     is no entry
     * @param partitions by topic that is re-keyed how many it has; one where there is no entry
     */
    static FlowPlan of(StreamsAppSettings config, Map<Kind, Integer> repartitions, Map<String, Integer> partitions) {
        List<KindPlan> kinds = new ArrayList<>();
        for (Kind kind : config.kinds().active()) {
            kinds.add(new KindPlan(
                    config.kinds().definition(kind),
                    config.kinds().targets(kind),
                    config.sources(kind),
                    partitions,
                    repartitions.getOrDefault(kind, config.partitions()),
                    config.contextFeatures(),
                    config.erasures(),
                    Optional.ofNullable(config.choices().get(kind))));
        }
        return new FlowPlan(
                new FlowSettings(
                        config.time(),
                        config.timeBounds(),
                        config.score(),
                        config.outcome(),
                        config.outputs(),
                        config.contextSlack(),
                        config.privacy().deadLetters(),
                        config.api().isPresent()),
                kinds);
    }

    /** The same, with other settings for all kinds. */
    public FlowPlan with(FlowSettings others) {
        return new FlowPlan(others, kinds);
    }
}
