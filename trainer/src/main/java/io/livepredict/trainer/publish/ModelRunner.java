package io.livepredict.trainer.publish;

import io.livepredict.trainer.family.ExampleBatch;

/** Runs exported ONNX bytes as a scorer would: the other side of the parity check before publishing. */
@FunctionalInterface
public interface ModelRunner {
    /**
     * Loads a model into a session of its own.
     *
     * @param onnx an ordinary ONNX file with the inputs and outputs of {@code OnnxContract}
     * @throws ModelRunnerException if it does not load
     */
    Loaded load(byte[] onnx) throws ModelRunnerException;

    /**
     * Scores the rows once, with a session of its own.
     *
     * @param rows rows in the model's own order; inputs that it does not have are left out
     * @return [size, targets]
     * @throws ModelRunnerException if it does not load or run
     */
    default float[] scores(byte[] onnx, ExampleBatch rows) throws ModelRunnerException {
        try (Loaded loaded = load(onnx)) {
            float[] scores = new float[rows.size * rows.targets];
            loaded.scores(rows, scores);
            return scores;
        }
    }

    /** A model ready to score. Not safe for use from several threads. */
    interface Loaded extends AutoCloseable {
        /**
         * Scores rows in the model's own order.
         *
         * @param into [size, targets]
         * @throws ModelRunnerException if it does not run
         */
        void scores(ExampleBatch rows, float[] into) throws ModelRunnerException;

        @Override
        void close();
    }

    /** The model does not load or run; the message is one line. */
    final class ModelRunnerException extends Exception {
        public ModelRunnerException(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
