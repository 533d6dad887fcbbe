package io.livepredict.streams.score.onnx;

/** ONNX Runtime does not load a model. One line with its reason. */
public final class SessionFailedException extends Exception {
    public SessionFailedException(String message, Throwable cause) {
        super(message, cause);
    }
}
