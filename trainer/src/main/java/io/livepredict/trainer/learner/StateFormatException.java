package io.livepredict.trainer.learner;

/** A saved learner state can't be read; the message says why and what to do. */
public final class StateFormatException extends RuntimeException {
    public StateFormatException(String message) {
        super(message);
    }

    public StateFormatException(String message, Throwable cause) {
        super(message, cause);
    }
}
