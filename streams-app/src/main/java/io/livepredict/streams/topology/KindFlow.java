package io.livepredict.streams.topology;

import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.Kind;
import io.livepredict.contract.KindDefinition;
import io.livepredict.contract.Target;
import io.livepredict.streams.activity.ActivityCounters;
import io.livepredict.streams.ingest.IngestCounters;
import io.livepredict.streams.ingest.Source;
import io.livepredict.streams.outcome.OutcomeCounters;
import io.livepredict.streams.score.ActiveModel;
import io.livepredict.streams.score.ScoreCounters;
import java.util.List;

/**
 * One kind's part of the flow.
 *
 * @param definition what its events are
 * @param schema of its vectors
 * @param targets in configuration order
 * @param sources at least one
 * @param repartitions partitions of the repartition topics; as many as the sources that need none have
 * @param activeModel what it is scored with
 * @param counters what is counted
 * @param contextFeatures whether vectors also say what goes on in the room or match; the schema then ends with those
 *     features
 */
public record KindFlow(
        KindDefinition definition,
        FeatureSchema schema,
        List<Target> targets,
        List<Source> sources,
        int repartitions,
        ActiveModel activeModel,
        Counters counters,
        boolean contextFeatures) {

    /** Without features of the room or match. */
    public KindFlow(
            KindDefinition definition,
            FeatureSchema schema,
            List<Target> targets,
            List<Source> sources,
            int repartitions,
            ActiveModel activeModel,
            Counters counters) {
        this(definition, schema, targets, sources, repartitions, activeModel, counters, false);
    }

    /** What the steps report. */
    public record Counters(
            IngestCounters ingest, ActivityCounters activity, ScoreCounters score, OutcomeCounters outcome) {
        /** Counts nothing. */
        public static Counters none() {
            return new Counters(
                    IngestCounters.none(), ActivityCounters.none(), ScoreCounters.none(), OutcomeCounters.none());
        }
    }

    public KindFlow {
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
}
