package io.livepredict.serde;

import org.apache.kafka.common.errors.SerializationException;

/** The registry answered, and has no schema with the id in the record. The record is to blame. */
public final class UnknownSchemaIdException extends SerializationException {
    private final int id;

    public UnknownSchemaIdException(int id, String where) {
        super("schema id " + id + " is not in the registry at " + where
                + ": the record was written with another registry, or is not Avro");
        this.id = id;
    }

    /** The id that is not there. */
    public int id() {
        return id;
    }
}
