package io.livepredict.streams.wiring;

/** The app can't start, or had to stop. One line: what, where, and what to do. */
public final class StartException extends RuntimeException {
    public StartException(String message, Throwable cause) {
        super(message, cause);
    }

    public StartException(String message) {
        super(message);
    }
}
