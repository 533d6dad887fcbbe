package io.livepredict.streams.topology;

import io.livepredict.streams.ingest.TimeBounds;
import io.livepredict.streams.outcome.OutcomeSettings;
import io.livepredict.streams.score.ScoreSettings;
import io.livepredict.streams.time.OutputGate;
import io.livepredict.streams.time.TimeSettings;
import java.time.Duration;

/**
 * What is configured once for all kinds.
 *
 * @param time how event time moves
 * @param bounds which event times are refused
 * @param score how rows are batched
 * @param outcome how many snapshots may wait
 * @param gate which outputs leave
 * @param contextSlack how far in event time tasks may be apart for features of the room or match to be whole
 */
public record FlowSettings(
        TimeSettings time,
        TimeBounds bounds,
        ScoreSettings score,
        OutcomeSettings outcome,
        OutputGate gate,
        Duration contextSlack) {
    /** The same, with rows batched that way. */
    public FlowSettings with(ScoreSettings other) {
        return new FlowSettings(time, bounds, other, outcome, gate, contextSlack);
    }
}
