package io.livepredict.streams.activity;

import io.livepredict.contract.Erasure;
import io.livepredict.contract.FeatureVector;
import io.livepredict.streams.ingest.Event;
import io.livepredict.streams.ingest.IngestedEvent;
import java.util.Map;

/** What activity sends on, in order: a row for each event, or the news that time has moved on without one. */
public sealed interface ActivityOutput {
    /**
     * The task's label time after this, epoch milliseconds: after a row, no valid event older than this will follow. After an
     * advance one may, from a sender that was held up; its row then carries a label time before the advance's.
     */
    long labelTimeMillis();

    /**
     * An event and the entity's features as of it.
     *
     * @param ingested the event and the record it came from
     * @param asOfMillis the later of the event's time and the entity's latest
     * @param labelTimeMillis label time after this event
     * @param vector reused: copy what you keep before you return
     */
    record FeatureRow(IngestedEvent ingested, long asOfMillis, long labelTimeMillis, FeatureVector vector)
            implements ActivityOutput {
        /** The event. */
        public Event event() {
            return ingested.event();
        }
    }

    /** The partition went quiet and time advanced by the wall clock. */
    record LabelTimeAdvance(long labelTimeMillis) implements ActivityOutput {}

    /**
     * An entity is to be forgotten. Nothing of it is known to activity any more.
     *
     * @param removed by store how many of its entries have been removed so far; outcome adds its own. Timers of looks,
     *     last scores and what it chose are removed and not counted
     */
    record Erased(Erasure erasure, Map<String, Long> removed, long labelTimeMillis) implements ActivityOutput {}
}
