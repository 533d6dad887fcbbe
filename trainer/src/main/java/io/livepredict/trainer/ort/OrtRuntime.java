package io.livepredict.trainer.ort;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.livepredict.onnx.OrtProcess;
import io.livepredict.trainer.graph.CompiledGraph;
import io.livepredict.trainer.graph.GraphRuntime;
import io.livepredict.trainer.graph.HostTensor;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * ONNX Runtime on the CPU, one thread, no spinning: the same graph and inputs give the same bytes. {@code
 * session.set_denormal_as_zero} stays off: it changes the arithmetic, Java's too, of whichever thread makes the process's first
 * session, and of no other. Safe for use from several threads; what it compiles is not.
 */
public final class OrtRuntime implements GraphRuntime {
    private final OrtEnvironment environment = OrtProcess.environment();

    @Override
    public CompiledGraph compile(byte[] onnx) {
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(1);
            options.setInterOpNumThreads(1);
            options.addConfigEntry("session.intra_op.allow_spinning", "0");
            options.addConfigEntry("session.inter_op.allow_spinning", "0");
            return new Session(environment, environment.createSession(onnx, options));
        } catch (OrtException e) {
            throw new IllegalStateException("ONNX Runtime refused the graph: " + e.getMessage(), e);
        }
    }

    private record Session(OrtEnvironment environment, OrtSession session) implements CompiledGraph {
        @Override
        public Call bind(Map<String, HostTensor> inputs, Map<String, HostTensor> outputs) {
            return new PinnedCall(session, tensors(inputs), tensors(outputs));
        }

        private Map<String, OnnxTensor> tensors(Map<String, HostTensor> from) {
            Map<String, OnnxTensor> tensors = new LinkedHashMap<>();
            try {
                for (Map.Entry<String, HostTensor> entry : from.entrySet()) {
                    tensors.put(entry.getKey(), tensor(entry.getValue()));
                }
            } catch (OrtException e) {
                tensors.values().forEach(OnnxTensor::close);
                throw new IllegalStateException("ONNX Runtime refused a tensor: " + e.getMessage(), e);
            }
            return tensors;
        }

        private OnnxTensor tensor(HostTensor from) throws OrtException {
            return switch (from.element()) {
                case FLOAT -> OnnxTensor.createTensor(environment, from.floats(), from.shape());
                case INT32 -> OnnxTensor.createTensor(environment, from.ints(), from.shape());
                case INT64 -> OnnxTensor.createTensor(environment, from.longs(), from.shape());
                case BOOL -> OnnxTensor.createTensor(environment, from.bytes(), from.shape(), OnnxJavaType.BOOL);
            };
        }

        @Override
        public void close() {
            try {
                session.close();
            } catch (OrtException e) {
                throw new IllegalStateException("ONNX Runtime could not close a session: " + e.getMessage(), e);
            }
        }
    }

    private record PinnedCall(OrtSession session, Map<String, OnnxTensor> inputs, Map<String, OnnxTensor> outputs)
            implements CompiledGraph.Call {
        @Override
        public void run() {
            // Outputs that are pinned stay ours: closing the result does not close them.
            try (OrtSession.Result result = session.run(inputs, outputs)) {
                assert result.size() == outputs.size();
            } catch (OrtException e) {
                throw new IllegalStateException("ONNX Runtime could not run a graph: " + e.getMessage(), e);
            }
        }

        @Override
        public void close() {
            inputs.values().forEach(OnnxTensor::close);
            outputs.values().forEach(OnnxTensor::close);
        }
    }
}
