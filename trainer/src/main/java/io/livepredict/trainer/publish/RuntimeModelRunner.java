package io.livepredict.trainer.publish;

import io.livepredict.contract.OnnxContract;
import io.livepredict.trainer.family.ExampleBatch;
import io.livepredict.trainer.graph.CompiledGraph;
import io.livepredict.trainer.graph.ElementType;
import io.livepredict.trainer.graph.GraphRuntime;
import io.livepredict.trainer.graph.HostTensor;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Runs an exported model in a session of its own, as a scorer does. */
public final class RuntimeModelRunner implements ModelRunner {
    private final GraphRuntime runtime;

    public RuntimeModelRunner(GraphRuntime runtime) {
        this.runtime = runtime;
    }

    @Override
    public Loaded load(byte[] onnx) throws ModelRunnerException {
        try {
            return new Session(OnnxInputs.of(onnx), runtime.compile(onnx));
        } catch (IllegalStateException e) {
            throw new ModelRunnerException(String.valueOf(e.getMessage()), e);
        }
    }

    /** Bound to batches of one size at a time. */
    private static final class Session implements Loaded {
        private final Set<String> names;
        private final CompiledGraph graph;
        private final Map<String, HostTensor> inputs = new HashMap<>();
        private HostTensor scores = HostTensor.allocate(ElementType.FLOAT, 0, 0);
        private CompiledGraph.@Nullable Call call;

        Session(Set<String> names, CompiledGraph graph) {
            this.names = names;
            this.graph = graph;
        }

        @Override
        public void scores(ExampleBatch rows, float[] into) throws ModelRunnerException {
            try {
                CompiledGraph.Call bound = call;
                if (bound == null || scores.shape()[0] != rows.size) {
                    bound = bind(rows);
                }
                fill(rows);
                bound.run();
            } catch (IllegalStateException e) {
                throw new ModelRunnerException(String.valueOf(e.getMessage()), e);
            }
            scores.floats().get(0, into, 0, rows.size * rows.targets);
        }

        private CompiledGraph.Call bind(ExampleBatch rows) {
            unbind();
            input(OnnxContract.DENSE, ElementType.FLOAT, rows.size, rows.denseWidth);
            input(OnnxContract.SEQUENCE_TYPES, ElementType.INT32, rows.size, rows.sequenceLength);
            input(OnnxContract.SEQUENCE_GAPS, ElementType.FLOAT, rows.size, rows.sequenceLength);
            input(OnnxContract.IDS, ElementType.INT32, rows.size, rows.idWidth);
            input(OnnxContract.EXPLAIN, ElementType.BOOL);
            scores = HostTensor.allocate(ElementType.FLOAT, rows.size, rows.targets);
            CompiledGraph.Call bound = graph.bind(inputs, Map.of(OnnxContract.SCORES, scores));
            call = bound;
            return bound;
        }

        private void input(String name, ElementType element, long... shape) {
            if (names.contains(name)) {
                inputs.put(name, HostTensor.allocate(element, shape));
            }
        }

        private void fill(ExampleBatch rows) {
            floats(OnnxContract.DENSE, rows.dense);
            ints(OnnxContract.SEQUENCE_TYPES, rows.sequenceTypes);
            floats(OnnxContract.SEQUENCE_GAPS, rows.sequenceGaps);
            ints(OnnxContract.IDS, rows.ids);
        }

        private void floats(String name, float[] values) {
            HostTensor tensor = inputs.get(name);
            if (tensor != null) {
                tensor.floats().put(0, values, 0, tensor.size());
            }
        }

        private void ints(String name, int[] values) {
            HostTensor tensor = inputs.get(name);
            if (tensor != null) {
                tensor.ints().put(0, values, 0, tensor.size());
            }
        }

        private void unbind() {
            if (call != null) {
                call.close();
                call = null;
            }
            inputs.clear();
        }

        @Override
        public void close() {
            unbind();
            graph.close();
        }
    }
}
