package io.livepredict.streams.score.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.livepredict.contract.OnnxContract;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * ONNX Runtime called as barely as it can be, over tensors that are there already: what a scorer is compared with. In this
 * package because only it may touch ONNX Runtime. Not safe for use from several threads.
 */
public final class BareSession implements AutoCloseable {
    private final OrtSession session;
    private final Map<String, OnnxTensor> inputs;
    private final Map<String, OnnxTensor> outputs;

    /**
     * @param onnx a model of dense features alone; where it can explain, it is not asked to
     * @param dense the rows, one after the other
     * @param batch how many rows
     * @param targets how many scores per row
     */
    public BareSession(OnnxRuntime runtime, byte[] onnx, float[] dense, int batch, int targets) {
        try {
            session = runtime.session(onnx);
            FloatBuffer ready = direct(dense.length).put(dense).flip();
            inputs = new HashMap<>();
            inputs.put(
                    OnnxContract.DENSE,
                    OnnxTensor.createTensor(runtime.environment(), ready, new long[] {batch, dense.length / batch}));
            if (session.getInputNames().contains(OnnxContract.EXPLAIN)) {
                inputs.put(OnnxContract.EXPLAIN, OnnxTensor.createTensor(runtime.environment(), false));
            }
            outputs = Map.of(
                    OnnxContract.SCORES,
                    OnnxTensor.createTensor(
                            runtime.environment(), direct(batch * targets), new long[] {batch, targets}));
        } catch (OrtException e) {
            throw new IllegalStateException("ONNX Runtime does not take the model: " + e.getMessage(), e);
        }
    }

    /** Runs it once; how many outputs it had. */
    public int run() {
        try (OrtSession.Result result = session.run(inputs, Set.of(), outputs)) {
            return result.size();
        } catch (OrtException e) {
            throw new IllegalStateException("ONNX Runtime does not run the model: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        inputs.values().forEach(OnnxTensor::close);
        outputs.values().forEach(OnnxTensor::close);
        try {
            session.close();
        } catch (OrtException e) {
            throw new IllegalStateException("ONNX Runtime does not let go of the model: " + e.getMessage(), e);
        }
    }

    private static FloatBuffer direct(int floats) {
        return ByteBuffer.allocateDirect(floats * Float.BYTES)
                .order(ByteOrder.nativeOrder())
                .asFloatBuffer();
    }
}
