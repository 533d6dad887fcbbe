package io.livepredict.model;

/** A model, manifest or pointer is not used. The message is one line: which, why, and what to do. */
public final class RefusedException extends Exception {
    private final Refusal reason;

    public RefusedException(Refusal reason, String message) {
        super(message);
        this.reason = reason;
    }

    public RefusedException(Refusal reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    public Refusal reason() {
        return reason;
    }
}
