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
 * @param numbers one per declared number, in declaration order; NaN where the event has none
 * @param attributeIds one per declared attribute, in declaration order: hashed into [1, buckets), 0 where absent
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

    /** An event to fill in: of that entity, without context, id, numbers, attributes or tokens, at time 0, of type 0. */
    public static Builder of(String entityId) {
        return new Builder(new Event(entityId, "", "", 0, 0, NO_NUMBERS, NONE, NONE));
    }

    /** This event, to change. */
    public Builder change() {
        return new Builder(this);
    }

    /** Names at the call what is filled in. Not safe for use from several threads. */
    public static final class Builder {
        private String entityId;
        private String contextId;
        private String eventId;
        private long timeMillis;
        private int type;
        private double[] numbers;
        private int[] attributeIds;
        private int[] tokens;

        private Builder(Event event) {
            entityId = event.entityId;
            contextId = event.contextId;
            eventId = event.eventId;
            timeMillis = event.timeMillis;
            type = event.type;
            numbers = event.numbers;
            attributeIds = event.attributeIds;
            tokens = event.tokens;
        }

        /** Sets the entity. */
        public Builder entity(String id) {
            entityId = id;
            return this;
        }

        /** Sets the room or match; empty for none. */
        public Builder context(String id) {
            contextId = id;
            return this;
        }

        /** Sets the event's own id. */
        public Builder id(String id) {
            eventId = id;
            return this;
        }

        /** Sets the event time, epoch milliseconds. */
        public Builder at(long millis) {
            timeMillis = millis;
            return this;
        }

        /** Sets the index into the declared event types. */
        public Builder type(int index) {
            type = index;
            return this;
        }

        /** Sets one number per declared number. */
        public Builder numbers(double[] values) {
            numbers = values;
            return this;
        }

        /** Sets one hashed id per declared attribute. */
        public Builder attributes(int[] ids) {
            attributeIds = ids;
            return this;
        }

        /** Sets the hashed tokens of the chat text. */
        public Builder tokens(int[] hashed) {
            tokens = hashed;
            return this;
        }

        /** The event. */
        public Event build() {
            return new Event(entityId, contextId, eventId, timeMillis, type, numbers, attributeIds, tokens);
        }
    }
}
