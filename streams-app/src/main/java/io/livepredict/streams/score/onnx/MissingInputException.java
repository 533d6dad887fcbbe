package io.livepredict.streams.score.onnx;

/** A model needs an input that this app does not have. Names the inputs, in one line. */
public final class MissingInputException extends Exception {
    public MissingInputException(String message) {
        super(message);
    }
}
