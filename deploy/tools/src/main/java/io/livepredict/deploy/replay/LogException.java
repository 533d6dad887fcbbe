package io.livepredict.deploy.replay;

/** A log can't be read. The message is one line for a person: file, line, and what is wrong. */
public final class LogException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public LogException(String message) {
        super(message);
    }

    public LogException(String message, Throwable cause) {
        super(message, cause);
    }
}
