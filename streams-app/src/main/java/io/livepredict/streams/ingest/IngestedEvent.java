package io.livepredict.streams.ingest;

import java.util.OptionalLong;

/**
 * An event together with the record it came from, so that a later step can still send that record to the dead letters.
 *
 * @param event the event
 * @param source the record as it lies in the source topic
 * @param sourceWatermarkMillis behind a re-keying the watermark of the record's source partition, the record itself included;
 *     empty where the task reads the source topic itself and keeps that watermark
 */
public record IngestedEvent(Event event, SourceRecord source, OptionalLong sourceWatermarkMillis) implements Ingested {
    /** Of a source topic that the task reads itself. */
    public IngestedEvent(Event event, SourceRecord source) {
        this(event, source, OptionalLong.empty());
    }
}
