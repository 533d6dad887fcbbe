package io.livepredict.trainer.learner;

/** Training can't go on; the message is one line that says what to do. */
public final class TrainerException extends RuntimeException {
    public TrainerException(String message) {
        super(message);
    }

    public TrainerException(String message, Throwable cause) {
        super(message, cause);
    }
}
