package io.livepredict.streams.score;

/** A batch, or one row of it, could not be scored. Says why in one line. */
public final class ScoringException extends Exception {
    public ScoringException(String message) {
        super(message);
    }

    public ScoringException(String message, Throwable cause) {
        super(message, cause);
    }
}
