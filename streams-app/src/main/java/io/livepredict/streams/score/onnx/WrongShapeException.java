package io.livepredict.streams.score.onnx;

/** A model's inputs or outputs are not what its manifest or the contract says. One line. */
public final class WrongShapeException extends Exception {
    public WrongShapeException(String message) {
        super(message);
    }
}
