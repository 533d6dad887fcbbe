package io.livepredict.trainer.graph;

import io.livepredict.trainer.loss.Loss;
import io.livepredict.trainer.optimiser.Optimiser;
import io.livepredict.trainer.optimiser.Update;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BiFunction;

/** A network on the bare graph, trained with Adam: forward, loss, gradient and update in one graph. */
final class SmallNetwork implements AutoCloseable {
    private final Optimiser optimiser = Optimiser.Adam.defaults();
    private final Map<String, Value> parameters = new LinkedHashMap<>();
    private final Graph g = new Graph();
    private final Random random = new Random(1);
    private final Map<String, float[]> fresh = new LinkedHashMap<>();
    private final Evaluation evaluation;
    private final double rate;
    private int step;

    SmallNetwork(
            int rows, int width, int classes, Loss loss, double rate, BiFunction<SmallNetwork, Value, Value> layers) {
        this.rate = rate;
        Value x = g.input("x", ElementType.FLOAT, Graph.N, width);
        Value y = g.input("y", ElementType.FLOAT, Graph.N, classes);
        Value outputs = layers.apply(this, x);
        Value losses = loss.ofEach(g, outputs, y);
        Value mean = g.mean(losses, false, 0, 1);
        List<Value> gradients = Gradients.of(g, mean, List.copyOf(parameters.values()));
        List<Value> scalars = List.of(g.input("scalar0", ElementType.FLOAT), g.input("scalar1", ElementType.FLOAT));
        Map<String, Value> results = new LinkedHashMap<>();
        results.put("loss", mean);
        results.put("predictions", loss.predictions(g, outputs));
        int i = 0;
        for (Value p : parameters.values()) {
            List<Value> slots = new ArrayList<>();
            for (String slot : optimiser.slots()) {
                slots.add(g.input(
                        p.name() + "/" + slot,
                        ElementType.FLOAT,
                        p.shape().dims().toArray()));
            }
            Update update = optimiser.update(g, p, gradients.get(i++), slots, scalars);
            results.put(p.name() + "/after", update.parameters());
            for (int s = 0; s < slots.size(); s++) {
                results.put(slots.get(s).name() + "/after", update.slots().get(s));
            }
        }
        evaluation = new Evaluation(g, results, rows);
        fresh.forEach(evaluation::set);
    }

    Graph graph() {
        return g;
    }

    Value parameter(String name, double bound, Object... sizes) {
        Value value = g.input(name, ElementType.FLOAT, sizes);
        float[] values = new float[(int) value.shape().elements().factor()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) ((random.nextDouble() * 2 - 1) * bound);
        }
        fresh.put(name, values);
        parameters.put(name, value);
        return value;
    }

    /** Fully connected, without activation. */
    Value layer(String name, Value in, int width) {
        int from = in.shape().size(1);
        return g.linear(
                in,
                parameter(name + ".weight", Math.sqrt(6.0 / (from + width)), from, width),
                parameter(name + ".bias", 0, width));
    }

    float learn(float[] x, float[] y) {
        float[] numbers = optimiser.scalars(rate, ++step);
        evaluation.set("scalar0", numbers[0]);
        evaluation.set("scalar1", numbers[1]);
        evaluation.set("x", x);
        evaluation.set("y", y);
        evaluation.run();
        for (Value p : parameters.values()) {
            evaluation.set(p.name(), evaluation.get(p.name() + "/after"));
            for (String slot : optimiser.slots()) {
                String name = p.name() + "/" + slot;
                evaluation.set(name, evaluation.get(name + "/after"));
            }
        }
        return evaluation.get("loss")[0];
    }

    /** What the last step predicted before it learned. */
    float[] predictions() {
        return evaluation.get("predictions");
    }

    @Override
    public void close() {
        evaluation.close();
    }
}
