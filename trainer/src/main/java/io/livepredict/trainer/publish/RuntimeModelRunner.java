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

/** Runs an exported model in a session of its own, as a scorer does. */
public final class RuntimeModelRunner implements ModelRunner {
    private final GraphRuntime runtime;

    public RuntimeModelRunner(GraphRuntime runtime) {
        this.runtime = runtime;
    }

    @Override
    public float[] scores(byte[] onnx, ExampleBatch rows) throws ModelRunnerException {
        Set<String> names = OnnxInputs.of(onnx);
        Map<String, HostTensor> inputs = new HashMap<>();
        if (names.contains(OnnxContract.DENSE)) {
            inputs.put(OnnxContract.DENSE, floats(rows.dense, rows.size, rows.denseWidth));
        }
        if (names.contains(OnnxContract.SEQUENCE_TYPES)) {
            inputs.put(OnnxContract.SEQUENCE_TYPES, ints(rows.sequenceTypes, rows.size, rows.sequenceLength));
        }
        if (names.contains(OnnxContract.SEQUENCE_GAPS)) {
            inputs.put(OnnxContract.SEQUENCE_GAPS, floats(rows.sequenceGaps, rows.size, rows.sequenceLength));
        }
        if (names.contains(OnnxContract.IDS)) {
            inputs.put(OnnxContract.IDS, ints(rows.ids, rows.size, rows.idWidth));
        }
        if (names.contains(OnnxContract.EXPLAIN)) {
            inputs.put(OnnxContract.EXPLAIN, HostTensor.allocate(ElementType.BOOL));
        }
        HostTensor scores = HostTensor.allocate(ElementType.FLOAT, rows.size, rows.targets);
        try (CompiledGraph graph = runtime.compile(onnx);
                CompiledGraph.Call call = graph.bind(inputs, Map.of(OnnxContract.SCORES, scores))) {
            call.run();
        } catch (IllegalStateException e) {
            throw new ModelRunnerException(String.valueOf(e.getMessage()), e);
        }
        float[] values = new float[rows.size * rows.targets];
        scores.floats().get(values);
        return values;
    }

    private static HostTensor floats(float[] values, int rows, int width) {
        HostTensor tensor = HostTensor.allocate(ElementType.FLOAT, rows, width);
        tensor.floats().put(values, 0, rows * width);
        return tensor;
    }

    private static HostTensor ints(int[] values, int rows, int width) {
        HostTensor tensor = HostTensor.allocate(ElementType.INT32, rows, width);
        tensor.ints().put(values, 0, rows * width);
        return tensor;
    }
}
