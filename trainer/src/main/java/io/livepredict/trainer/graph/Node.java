package io.livepredict.trainer.graph;

import java.util.List;

/** An operator applied to values. */
public record Node(String name, Op op, List<Value> inputs, List<Value> outputs) {
    public Node {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
    }

    Value input(int index) {
        return inputs.get(index);
    }

    Value output() {
        return outputs.get(0);
    }
}
