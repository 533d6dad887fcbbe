package io.livepredict.streams.ingest;

import org.jspecify.annotations.Nullable;

/**
 * A record as it lies in the source topic. Immutable by convention; the arrays are not copied.
 *
 * @param key raw key
 * @param value raw value
 * @param topic where it lies; through a re-keying this stays the user's topic
 * @param partition where it lies
 * @param offset where it lies
 * @param timestampMillis transport time: the record's timestamp as the broker has it, which may be ahead of the clock here
 */
@SuppressWarnings("ArrayRecordComponent") // passed along one call chain, never compared
public record SourceRecord(
        byte @Nullable [] key,
        byte @Nullable [] value,
        String topic,
        int partition,
        long offset,
        long timestampMillis) {}
