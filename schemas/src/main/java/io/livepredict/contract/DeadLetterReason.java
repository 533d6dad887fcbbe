package io.livepredict.contract;

/** Why a record went to the dead-letters topic. Skipped types and repeats are counted, not dead-lettered. */
public enum DeadLetterReason {
    /** The key is null or empty where the entity id is needed. */
    NULL_KEY,
    /** The value is null. */
    NULL_VALUE,
    /** The bytes are not in the source's format. */
    UNDECODABLE,
    /** The schema id in the bytes is not in the registry, or is not a schema that this source can read. */
    UNKNOWN_SCHEMA,
    /** A field that is needed is missing or empty. */
    MISSING_FIELD,
    /** A field has a value of the wrong type or form. */
    BAD_FIELD,
    /** A number is NaN or infinite. */
    NOT_FINITE,
    /** An id is longer than the bound. */
    ID_TOO_LONG,
    /** The key is not the entity id, and the source is not re-keyed. */
    KEY_MISMATCH,
    /** The event time is too far ahead of the transport time. */
    TIME_AHEAD,
    /** The event time is too far behind the transport time. */
    TIME_BEHIND,
    /** The event time is behind the watermark. */
    LATE,
    /** The row could not be scored. */
    SCORING_FAILED
}
