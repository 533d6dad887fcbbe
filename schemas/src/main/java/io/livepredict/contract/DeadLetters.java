package io.livepredict.contract;

/**
 * Headers of a record in the dead-letters topic. Key and value are the source record's own; a value above
 * {@link #MAX_VALUE_BYTES} is truncated. The {@code __streams.errors} names are those of Kafka Streams (KIP-1034).
 */
public final class DeadLetters {
    /** A {@link DeadLetterReason}. */
    public static final String REASON = "livepredict.reason";
    /** One line for a person. */
    public static final String MESSAGE = "__streams.errors.message";

    public static final String TOPIC = "__streams.errors.topic";
    public static final String PARTITION = "__streams.errors.partition";
    public static final String OFFSET = "__streams.errors.offset";
    /** The source record's own timestamp, epoch milliseconds. */
    public static final String TIMESTAMP = "livepredict.timestamp";

    /**
     * On a source record that was sent again, and on the dead letter that it may become: topic, partition and offset of the dead
     * letter it was made of, {@code livepredict.dead-letters/2/1042}.
     */
    public static final String REPLAYED = "livepredict.replayed";
    /** Marks a record of the topic that is no dead letter, but says which of its partition have been sent again. */
    public static final String RECEIPT = "livepredict.receipt";

    /** A {@link Payload}, where key and value were not kept as they were. */
    public static final String PAYLOAD = "livepredict.payload";

    /** Length of the original value or key, where it was truncated. */
    public static final String VALUE_LENGTH = "livepredict.value.length";

    public static final String VALUE_SHA256 = "livepredict.value.sha256";
    public static final String KEY_LENGTH = "livepredict.key.length";
    /** Longer values and keys are cut to this many bytes: a dead letter too large for its topic kills the thread. */
    public static final int MAX_VALUE_BYTES = 256 * 1024;

    /** What is kept of the record that could not be used. */
    public enum Payload {
        /** Its key and value. */
        KEEP,
        /** The SHA-256 of its value, and its length. */
        HASH,
        /** Nothing. */
        NONE
    }

    private DeadLetters() {}
}
