package io.livepredict.streams.score;

import io.livepredict.contract.FeatureVector;
import io.livepredict.streams.ingest.Event;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What score sends on, in the order in which it came. */
public sealed interface ScoreOutput {
    /** The task's watermark after this, epoch milliseconds. */
    long watermarkMillis();

    /**
     * An event with its features and scores.
     *
     * @param event the event
     * @param asOfMillis the later of the event's time and the entity's latest
     * @param watermarkMillis the watermark after this event
     * @param vector the vector that was scored, bit for bit; reused: copy what you keep before you return
     * @param scores one a configured target of the kind, in configuration order; null when no target is predicted at
     *     this event type, or when scoring this row failed (then a dead letter says so)
     * @param model what made the scores
     * @param reasons for each target its reasons, largest first; null when this row was not explained
     * @param scoredAtMillis wall clock
     */
    @SuppressWarnings("ArrayRecordComponent") // passed along one call chain, never compared
    record ScoredRow(
            Event event,
            long asOfMillis,
            long watermarkMillis,
            FeatureVector vector,
            float @Nullable [] scores,
            ModelIdentity model,
            @Nullable List<List<Reason>> reasons,
            long scoredAtMillis)
            implements ScoreOutput {}

    /** The watermark advanced without an event. */
    record WatermarkAdvance(long watermarkMillis) implements ScoreOutput {}
}
