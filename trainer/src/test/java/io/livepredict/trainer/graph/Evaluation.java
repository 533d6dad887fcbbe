package io.livepredict.trainer.graph;

import io.livepredict.trainer.ort.OrtRuntime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Compiles a graph for one batch size and runs it on Java arrays. */
public final class Evaluation implements AutoCloseable {
    private static final OrtRuntime RUNTIME = new OrtRuntime();

    private final CompiledGraph compiled;
    private final CompiledGraph.Call call;
    private final Map<String, HostTensor> inputs = new LinkedHashMap<>();
    private final Map<String, HostTensor> outputs = new LinkedHashMap<>();

    /** All inputs of the graph must be needed by the outputs. */
    public Evaluation(Graph g, Map<String, Value> outputs, int rows) {
        for (Value input : g.inputs()) {
            inputs.put(
                    input.name(),
                    HostTensor.allocate(input.element(), input.shape().at(rows)));
        }
        outputs.forEach((name, value) -> this.outputs.put(
                name, HostTensor.allocate(value.element(), value.shape().at(rows))));
        compiled = RUNTIME.compile(OnnxWriter.model(g, outputs));
        call = compiled.bind(inputs, this.outputs);
    }

    public void set(String input, float... values) {
        tensor(inputs, input).floats().put(0, values);
    }

    public void set(String input, int... values) {
        tensor(inputs, input).ints().put(0, values);
    }

    public void run() {
        call.run();
    }

    public float[] get(String output) {
        HostTensor tensor = tensor(outputs, output);
        float[] values = new float[tensor.size()];
        tensor.floats().get(values);
        return values;
    }

    private static HostTensor tensor(Map<String, HostTensor> from, String name) {
        HostTensor tensor = from.get(name);
        if (tensor == null) {
            throw new IllegalArgumentException("there is no " + name + " in " + List.copyOf(from.keySet()));
        }
        return tensor;
    }

    @Override
    public void close() {
        call.close();
        compiled.close();
    }
}
