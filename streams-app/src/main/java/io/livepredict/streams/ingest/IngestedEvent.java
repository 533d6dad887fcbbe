package io.livepredict.streams.ingest;

/**
 * An event together with the record it came from, so that a later step can still send that record to the dead letters.
 *
 * @param event the event
 * @param source the record as it lies in the source topic
 */
public record IngestedEvent(Event event, SourceRecord source) {}
