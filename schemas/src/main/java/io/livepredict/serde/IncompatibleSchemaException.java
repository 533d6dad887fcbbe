package io.livepredict.serde;

import org.apache.kafka.common.errors.SerializationException;

/**
 * Two schemas do not go together: the registry refuses the one to be registered, or the one a record was written with
 * can't be read as the one wanted.
 */
public final class IncompatibleSchemaException extends SerializationException {
    public IncompatibleSchemaException(String message) {
        super(message);
    }

    public IncompatibleSchemaException(String message, Throwable cause) {
        super(message, cause);
    }
}
