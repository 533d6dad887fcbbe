package io.livepredict.serde;

import org.apache.kafka.common.errors.SerializationException;

/** The bytes are not in the Confluent wire format, or not what the schema they name says. The record is to blame. */
public final class NotInWireFormatException extends SerializationException {
    public NotInWireFormatException(String message) {
        super(message);
    }

    public NotInWireFormatException(String message, Throwable cause) {
        super(message, cause);
    }
}
