package io.livepredict.streams.topology;

import io.livepredict.contract.Kind;
import io.livepredict.streams.activity.ActivityCounters;
import io.livepredict.streams.choice.ChoiceCounters;
import io.livepredict.streams.ingest.IngestCounters;
import io.livepredict.streams.outcome.OutcomeCounters;
import io.livepredict.streams.score.ActiveModel;
import io.livepredict.streams.score.ScoreCounters;

/**
 * One kind's part of the flow.
 *
 * @param plan what is configured for it
 * @param activeModel what it is scored with
 * @param counters what is counted
 */
public record KindFlow(KindPlan plan, ActiveModel activeModel, Counters counters) {
    /** What the steps report. */
    public record Counters(
            IngestCounters ingest,
            ActivityCounters activity,
            ScoreCounters score,
            OutcomeCounters outcome,
            ChoiceCounters choices) {
        /** Counts nothing. */
        public static Counters none() {
            return new Counters(
                    IngestCounters.none(),
                    ActivityCounters.none(),
                    ScoreCounters.none(),
                    OutcomeCounters.none(),
                    ChoiceCounters.none());
        }
    }

    /** Which kind. */
    public Kind kind() {
        return plan.kind();
    }
}
