package io.livepredict.streams.mapping;

/** Why a sound record is left out; counted, not dead-lettered. */
public enum Skip {
    /** The kind declares no such event type, or the mapping's {@code type.map} does not name the value. */
    UNDECLARED_TYPE,
    /** One of the mapping's {@code skip} rules matched. */
    SKIP_RULE,
    /** The value is null, and the mapping says {@code tombstones: skip}. */
    TOMBSTONE
}
