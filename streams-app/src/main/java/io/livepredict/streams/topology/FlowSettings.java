package io.livepredict.streams.topology;

import io.livepredict.contract.DeadLetters.Payload;
import io.livepredict.streams.ingest.TimeBounds;
import io.livepredict.streams.outcome.OutcomeSettings;
import io.livepredict.streams.output.OutputSettings;
import io.livepredict.streams.score.ScoreSettings;
import io.livepredict.streams.time.TimeSettings;
import java.time.Duration;

/**
 * What is configured once for all kinds.
 *
 * @param time how event time moves
 * @param bounds which event times are refused
 * @param score how rows are batched
 * @param outcome how many snapshots may wait
 * @param outputs what leaves besides labelled examples
 * @param contextSlack how far in event time tasks may be apart for features of the room or match to be whole
 * @param deadLetters what dead letters keep of a source record
 * @param lastScores whether the last scores of every entity are kept, for the API
 */
public record FlowSettings(
        TimeSettings time,
        TimeBounds bounds,
        ScoreSettings score,
        OutcomeSettings outcome,
        OutputSettings outputs,
        Duration contextSlack,
        Payload deadLetters,
        boolean lastScores) {
    /** The same, with rows batched that way. */
    public FlowSettings with(ScoreSettings other) {
        return new FlowSettings(time, bounds, other, outcome, outputs, contextSlack, deadLetters, lastScores);
    }
}
