package io.livepredict.streams.topology;

import io.livepredict.streams.ingest.TimeBounds;
import io.livepredict.streams.outcome.OutcomeSettings;
import io.livepredict.streams.output.OutputSettings;
import io.livepredict.streams.score.ScoreSettings;
import io.livepredict.streams.time.TimeSettings;

/**
 * What is configured once for all kinds.
 *
 * @param time how event time moves
 * @param bounds which event times are refused
 * @param score how rows are batched
 * @param outcome how many snapshots may wait
 * @param outputs what leaves besides labelled examples
 */
public record FlowSettings(
        TimeSettings time, TimeBounds bounds, ScoreSettings score, OutcomeSettings outcome, OutputSettings outputs) {
    /** The same, with rows batched that way. */
    public FlowSettings with(ScoreSettings other) {
        return new FlowSettings(time, bounds, other, outcome, outputs);
    }
}
