package io.livepredict.trainer.family;

import io.livepredict.trainer.graph.Dim;
import io.livepredict.trainer.graph.Graph;
import io.livepredict.trainer.graph.Op;
import io.livepredict.trainer.graph.Shape;
import io.livepredict.trainer.graph.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The trained part of a family: its parameters, and how they make one output per target of an encoded batch. */
interface Network {
    /** The layers that end in the outputs; the first of their inputs are the dense features. */
    Layers layers();

    /** Every parameter but the tables. */
    List<Parameter> parameters();

    /** Tables of which a batch touches a few rows. */
    default List<RowTable> tables() {
        return List.of();
    }

    /** How many {@link Pieces} it reads. */
    default int pieces() {
        return 0;
    }

    /**
     * Adds the network to the graph.
     *
     * @param parameter gives each parameter by name
     * @return [N, T], relative to the base rates and before any squashing
     */
    Value outputs(Graph g, Encoded in, Function<String, Value> parameter);

    /** Fully connected layers: hidden ones with an activation, then one output per target. */
    record Layers(List<Integer> hidden, Activation activation, Axis inputs, Axis targets) {
        /** Of the first hidden layer. */
        static final String FIRST_BIAS = "hidden1.bias";

        List<Parameter> parameters() {
            List<Parameter> all = new ArrayList<>();
            Axis in = inputs;
            for (int i = 0; i < hidden.size(); i++) {
                Axis out = Axis.hidden(hidden.get(i));
                all.add(new Parameter(
                        "hidden" + (i + 1) + ".weight",
                        List.of(in, out),
                        activation.initialiser(in.size(), out.size()),
                        true));
                all.add(new Parameter("hidden" + (i + 1) + ".bias", List.of(out), Initialiser.zero(), false));
                in = out;
            }
            // Zero: the first scores are the base rates, whatever the hidden layers say.
            all.add(new Parameter("head.weight", List.of(in, targets), Initialiser.zero(), true));
            all.add(new Parameter("head.bias", List.of(targets), Initialiser.zero(), false));
            return all;
        }

        Value outputs(Graph g, Value in, Function<String, Value> parameter) {
            return outputs(g, in, null, parameter);
        }

        /** @param pieces [P, N], what the first hidden layer reads besides */
        Value outputs(Graph g, Value in, @Nullable Value pieces, Function<String, Value> parameter) {
            Value activity = in;
            for (int i = 1; i <= hidden.size(); i++) {
                g.scope("hidden" + i);
                Value sums = g.linear(
                        activity, parameter.apply("hidden" + i + ".weight"), parameter.apply("hidden" + i + ".bias"));
                if (i == 1 && pieces != null) {
                    sums = g.apply(new Op.Gemm(true, false), pieces, parameter.apply(Pieces.WEIGHT), sums);
                }
                activity = activation.apply(g, sums);
            }
            g.scope("head");
            Value outputs = g.linear(activity, parameter.apply("head.weight"), parameter.apply("head.bias"));
            g.scope("");
            return outputs;
        }
    }

    /**
     * Logistic regression and MLP: layers over the dense features.
     *
     * @param pieces how many the first hidden layer reads besides
     */
    record Dense(Layers layers, int pieces) implements Network {
        @Override
        public List<Parameter> parameters() {
            List<Parameter> all = layers.parameters();
            if (pieces > 0) {
                // Zero: a piece that is placed changes nothing before it is learned from.
                all.add(new Parameter(
                        Pieces.WEIGHT,
                        List.of(Axis.pieces(pieces), Axis.hidden(layers.hidden().get(0))),
                        Initialiser.zero(),
                        true));
            }
            return all;
        }

        @Override
        public Value outputs(Graph g, Encoded in, Function<String, Value> parameter) {
            return layers.outputs(g, in.dense(), in.pieces(), parameter);
        }
    }

    /** Wide and deep: one weight per id and target, plus layers over dense features and embeddings. */
    record WideAndDeep(Layers layers, List<RowTable> tables) implements Network {
        static final String EMBEDDING = "embedding";
        static final String WIDE = "wide";

        @Override
        public List<Parameter> parameters() {
            return layers.parameters();
        }

        @Override
        public Value outputs(Graph g, Encoded in, Function<String, Value> parameter) {
            Value deep =
                    layers.outputs(g, g.concat(1, List.of(in.dense(), flat(g, required(in.embedded())))), parameter);
            return g.add(deep, g.sum(required(in.wide()), false, 1));
        }
    }

    /**
     * A GRU over the last K events, unrolled. Per step, from input a = x·W + b and state h: u = σ(a_u + h·U_u), r = σ(a_r +
     * h·U_r), n = tanh(a_n + r ⊙ (h·U_n)), h ← h + u ⊙ (n − h). Padding closes the update gate, so it leaves the state at
     * exactly 0.
     *
     * @param units width of h
     * @param steps the channels of a step
     * @param layers over the last state and the dense features
     */
    record Recurrent(int units, Axis steps, Layers layers) implements Network {
        /** Closes a sigmoid gate exactly: e^-10000 is 0 in float32. */
        private static final float CLOSED = -10_000f;

        @Override
        public List<Parameter> parameters() {
            Axis gates = Axis.hidden(3 * units);
            List<Parameter> all = new ArrayList<>();
            all.add(new Parameter(
                    "gru.input.weight", List.of(steps, gates), Activation.TANH.initialiser(steps.size(), units), true));
            all.add(new Parameter(
                    "gru.recurrent.weight",
                    List.of(Axis.hidden(units), gates),
                    Activation.TANH.initialiser(units, units),
                    true));
            all.add(new Parameter("gru.bias", List.of(gates), Initialiser.zero(), false));
            all.addAll(layers.parameters());
            return all;
        }

        @Override
        public Value outputs(Graph g, Encoded in, Function<String, Value> parameter) {
            g.scope("gru");
            Value steps = required(in.steps());
            Dim rows = steps.shape().dim(0);
            int length = steps.shape().size(1);
            Value flat = g.reshape(steps, rows.times(length), steps.shape().dim(2));
            Value sums = g.linear(flat, parameter.apply("gru.input.weight"), parameter.apply("gru.bias"));
            float[] closing = new float[3 * units];
            Arrays.fill(closing, 0, units, CLOSED);
            Value closed = g.mul(required(in.padding()), g.literal(Shape.of(1, 1, 3L * units), closing));
            Value byStep = g.transpose(g.add(g.reshape(sums, rows, length, 3 * units), closed), 1, 0, 2);
            List<Value> inputs = g.split(byStep, 0, Collections.nCopies(length, 1));
            Value recurrent = parameter.apply("gru.recurrent.weight");
            Value state = null;
            for (Value input : inputs) {
                List<Value> a = g.split(g.squeeze(input, 0), 1, List.of(2 * units, units));
                state = step(g, a.get(0), a.get(1), state, recurrent);
            }
            g.scope("");
            return layers.outputs(g, g.concat(1, List.of(in.dense(), required(state))), parameter);
        }

        private Value step(Graph g, Value gateInput, Value candidateInput, @Nullable Value state, Value recurrent) {
            if (state == null) {
                Value update =
                        g.split(g.sigmoid(gateInput), 1, List.of(units, units)).get(0);
                return g.mul(update, g.tanh(candidateInput));
            }
            List<Value> own =
                    g.split(g.apply(new Op.Gemm(false, false), state, recurrent), 1, List.of(2 * units, units));
            List<Value> gates = g.split(g.sigmoid(g.add(gateInput, own.get(0))), 1, List.of(units, units));
            Value candidate = g.tanh(g.add(candidateInput, g.mul(gates.get(1), own.get(1))));
            return g.add(state, g.mul(gates.get(0), g.sub(candidate, state)));
        }
    }

    /**
     * A 1-D convolution over the last K events, ReLU, and the largest response of each filter over time. Written as one
     * matrix product over the windows laid side by side, which was faster than Conv for so few channels (RATIONALE.md).
     *
     * @param filters how many
     * @param window events a filter sees
     * @param steps the channels of a step
     * @param layers over the responses and the dense features
     */
    record Convolutional(int filters, int window, Axis steps, Layers layers) implements Network {
        @Override
        public List<Parameter> parameters() {
            Axis seen = null;
            for (int i = 0; i < window; i++) {
                String position = " at " + i;
                Axis at = new Axis(
                        steps.lines().stream().map(line -> line + position).toList(), false);
                seen = seen == null ? at : seen.then(at);
            }
            Axis out = Axis.hidden(filters);
            List<Parameter> all = new ArrayList<>();
            all.add(new Parameter(
                    "filter.weight",
                    List.of(Objects.requireNonNull(seen), out),
                    Activation.RELU.initialiser(window * 2, filters),
                    true));
            all.add(new Parameter("filter.bias", List.of(out), Initialiser.zero(), false));
            all.addAll(layers.parameters());
            return all;
        }

        @Override
        public Value outputs(Graph g, Encoded in, Function<String, Value> parameter) {
            g.scope("filter");
            Value steps = required(in.steps());
            Dim rows = steps.shape().dim(0);
            int positions = steps.shape().size(1) - window + 1;
            int seen = window * steps.shape().size(2);
            List<Value> shifted = new ArrayList<>();
            for (int i = 0; i < window; i++) {
                shifted.add(g.slice(steps, 1, i, i + positions));
            }
            Value windows = g.reshape(g.concat(2, shifted), rows.times(positions), seen);
            Value responses =
                    g.relu(g.linear(windows, parameter.apply("filter.weight"), parameter.apply("filter.bias")));
            Value largest = g.max(g.reshape(responses, rows, positions, filters), false, 1);
            g.scope("");
            return layers.outputs(g, g.concat(1, List.of(in.dense(), largest)), parameter);
        }
    }

    /** The value, which a network that declared its need is sure to get. */
    static Value required(@Nullable Value value) {
        return Objects.requireNonNull(value, "an input this network needs is missing");
    }

    /** [N, rows, width] as [N, rows · width]. */
    static Value flat(Graph g, Value value) {
        Shape shape = value.shape();
        return g.reshape(value, shape.dim(0), (long) shape.size(1) * shape.size(2));
    }
}
