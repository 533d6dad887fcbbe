package io.livepredict.streams.score;

import io.livepredict.contract.Erasure;
import io.livepredict.contract.FeatureVector;
import io.livepredict.streams.activity.ActivityOutput.FeatureRow;
import io.livepredict.streams.ingest.Event;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What score sends on, in the order in which it came. */
public sealed interface ScoreOutput {
    /** The task's label time after this, epoch milliseconds. */
    long labelTimeMillis();

    /**
     * An event with its features and scores.
     *
     * @param row the event and the vector that was scored, bit for bit; the vector is reused: copy what you keep before
     *     you return
     * @param scores one per configured target of the kind, in configuration order; null when no target is predicted at this
     *     event type, or when scoring this row failed (then a dead letter says so)
     * @param reasons for each target its reasons, largest first; null when this row was not explained
     * @param origins what made each of the scores
     * @param scoredAtMillis wall clock
     */
    @SuppressWarnings("ArrayRecordComponent") // passed along one call chain, never compared
    record ScoredRow(
            FeatureRow row,
            float @Nullable [] scores,
            @Nullable List<List<Reason>> reasons,
            ScoreOrigins origins,
            long scoredAtMillis)
            implements ScoreOutput {
        /** The event. */
        public Event event() {
            return row.event();
        }

        /** The later of the event's time and the entity's latest. */
        public long asOfMillis() {
            return row.asOfMillis();
        }

        @Override
        public long labelTimeMillis() {
            return row.labelTimeMillis();
        }

        /** The vector that was scored; reused. */
        public FeatureVector vector() {
            return row.vector();
        }
    }

    /** Label time advanced without an event. */
    record LabelTimeAdvance(long labelTimeMillis) implements ScoreOutput {}

    /**
     * An entity is to be forgotten; rows of it that were waiting to be scored came before this.
     *
     * @param removed by store how many of its entries have been removed so far
     */
    record Erased(Erasure erasure, Map<String, Long> removed, long labelTimeMillis) implements ScoreOutput {}
}
