package io.livepredict.streams.ingest;

/**
 * A valid event of a declared type, with everything resolved against the kind's definition: types, numbers and
 * attributes are positions, not names. Immutable by convention; the arrays are not copied.
 *
 * @param entityId the viewer or player
 * @param contextId the room or match, empty for none
 * @param eventId unique id
 * @param timeMillis event time, epoch milliseconds
 * @param type index into the kind's declared event types
 * @param numbers one a declared number, in declaration order; NaN where the event has none
 * @param attributeIds one a declared attribute, in declaration order: hashed into [1, buckets), 0 where absent
 * @param tokens hashed chat tokens in [0, text buckets); empty for none
 */
@SuppressWarnings("ArrayRecordComponent") // passed along one call chain, never compared
public record Event(
        String entityId,
        String contextId,
        String eventId,
        long timeMillis,
        int type,
        double[] numbers,
        int[] attributeIds,
        int[] tokens) {
    public static final double[] NO_NUMBERS = {};
    public static final int[] NONE = {};
}
