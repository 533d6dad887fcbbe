package io.livepredict.trainer.publish;

import io.livepredict.trainer.family.ExampleBatch;

/** Runs exported ONNX bytes as a scorer would: the other side of the parity check before publishing. */
@FunctionalInterface
public interface ModelRunner {
    /**
     * Scores the rows with a session of its own.
     *
     * @param onnx an ordinary ONNX file with the inputs and outputs of {@code OnnxContract}
     * @param rows rows in the model's own order; inputs that it does not have are left out
     * @return [size, targets]
     * @throws ModelRunnerException if it does not load or run
     */
    float[] scores(byte[] onnx, ExampleBatch rows) throws ModelRunnerException;

    /** The model does not load or run; the message is one line. */
    final class ModelRunnerException extends Exception {
        public ModelRunnerException(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
