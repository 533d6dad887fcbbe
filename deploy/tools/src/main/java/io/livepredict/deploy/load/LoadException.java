package io.livepredict.deploy.load;

/** A load can't go on; the message says why in one line and what to do. What was loaded so far stays, and counts. */
public final class LoadException extends RuntimeException {
    private static final long serialVersionUID = 1;

    LoadException(String message) {
        super(message);
    }

    LoadException(String message, Throwable cause) {
        super(message, cause);
    }
}
