package io.livepredict.serde;

import org.apache.kafka.common.errors.SerializationException;
import org.jspecify.annotations.Nullable;

/**
 * The registry could not be asked: it is down, refuses the credentials, or is not at that address. No record is to
 * blame; whoever meets this stops or tries again, and dead-letters nothing.
 */
public final class RegistryUnavailableException extends SerializationException {
    public RegistryUnavailableException(String message) {
        super(message);
    }

    public RegistryUnavailableException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
