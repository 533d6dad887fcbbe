package io.livepredict.trainer.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Reverse-mode differentiation (Griewank and Walther, Evaluating Derivatives, 2008, chapter 3): adds to a graph the nodes
 * that compute the derivative of one of its values, as plain operators. Not safe for use from several threads.
 */
public final class Gradients {
    private final Graph g;
    private final Map<String, Value> gradients = new HashMap<>();
    private final Set<String> needed = new HashSet<>();

    private Gradients(Graph g) {
        this.g = g;
    }

    /** The gradient of a scalar by each of the values; zeros where it does not depend on one. */
    public static List<Value> of(Graph g, Value scalar, List<Value> by) {
        if (scalar.shape().rank() != 0) {
            throw new GraphException("the gradient of " + scalar + " needs a seed: it is not a scalar");
        }
        return of(g, scalar, g.scalar(1f), by);
    }

    /**
     * The gradient of {@code sum(seed ⊙ output)} by each of the values.
     *
     * @param seed of the shape of the output
     */
    public static List<Value> of(Graph g, Value output, Value seed, List<Value> by) {
        if (!seed.shape().equals(output.shape())) {
            throw new GraphException("the seed " + seed + " must have the shape of " + output);
        }
        return new Gradients(g).run(output, seed, by);
    }

    private List<Value> run(Value output, Value seed, List<Value> by) {
        by.forEach(v -> needed.add(v.name()));
        List<Node> before = List.copyOf(g.nodes());
        for (Node node : before) {
            if (node.inputs().stream().anyMatch(v -> needed.contains(v.name()))) {
                node.outputs().stream()
                        .filter(v -> v.element() == ElementType.FLOAT)
                        .forEach(v -> needed.add(v.name()));
            }
        }
        gradients.put(output.name(), seed);
        for (int i = before.size() - 1; i >= 0; i--) {
            Node node = before.get(i);
            if (node.outputs().stream().anyMatch(v -> needed.contains(v.name()) && gradients.containsKey(v.name()))) {
                backward(node);
            }
        }
        return by.stream()
                .map(v -> {
                    Value gradient = gradients.get(v.name());
                    return gradient == null ? g.zerosLike(v) : gradient;
                })
                .toList();
    }

    private boolean needs(Node node, int input) {
        return input < node.inputs().size() && needed.contains(node.input(input).name());
    }

    private @Nullable Value gradientOf(Value value) {
        return gradients.get(value.name());
    }

    /** Adds a contribution to the gradient of one of the node's inputs, summed over what was broadcast. */
    private void give(Node node, int input, Value contribution) {
        Value target = node.input(input);
        Value reduced = reduceTo(contribution, target.shape());
        gradients.merge(target.name(), reduced, g::add);
    }

    private Value reduceTo(Value value, Shape shape) {
        int extra = value.shape().rank() - shape.rank();
        Value reduced = value;
        if (extra > 0) {
            reduced = g.sum(reduced, false, IntStream.range(0, extra).boxed().toArray(Integer[]::new));
        }
        List<Integer> axes = new ArrayList<>();
        for (int i = 0; i < shape.rank(); i++) {
            if (shape.dim(i).isOne() && !reduced.shape().dim(i).isOne()) {
                axes.add(i);
            }
        }
        return axes.isEmpty() ? reduced : g.sum(reduced, true, axes.toArray(Integer[]::new));
    }

    // One screen per operator family would hide how alike they are; one switch shows that none is missing.
    @SuppressWarnings("MethodLength")
    private void backward(Node node) {
        Value dy = gradientOf(node.output());
        if (node.op() instanceof Op.Split split) {
            splitBackward(node, split);
            return;
        }
        if (dy == null) {
            return;
        }
        Value y = node.output();
        Value a = node.input(0);
        switch (node.op()) {
            case Op.Add o -> {
                if (needs(node, 0)) {
                    give(node, 0, dy);
                }
                if (needs(node, 1)) {
                    give(node, 1, dy);
                }
            }
            case Op.Sub o -> {
                if (needs(node, 0)) {
                    give(node, 0, dy);
                }
                if (needs(node, 1)) {
                    give(node, 1, g.neg(dy));
                }
            }
            case Op.Mul o -> {
                if (needs(node, 0)) {
                    give(node, 0, g.mul(dy, node.input(1)));
                }
                if (needs(node, 1)) {
                    give(node, 1, g.mul(dy, a));
                }
            }
            case Op.Div o -> {
                Value da = g.div(dy, node.input(1));
                if (needs(node, 0)) {
                    give(node, 0, da);
                }
                if (needs(node, 1)) {
                    give(node, 1, g.neg(g.mul(da, y)));
                }
            }
            case Op.Where o -> {
                Value zero = g.scalar(0f);
                if (needs(node, 1)) {
                    give(node, 1, g.where(a, dy, zero));
                }
                if (needs(node, 2)) {
                    give(node, 2, g.where(a, zero, dy));
                }
            }
            case Op.Identity o -> give(node, 0, dy);
            case Op.Neg o -> give(node, 0, g.neg(dy));
            case Op.Exp o -> give(node, 0, g.mul(dy, y));
            case Op.Log o -> give(node, 0, g.div(dy, a));
            case Op.Sqrt o -> give(node, 0, g.div(dy, g.mul(y, 2f)));
            case Op.Abs o -> give(node, 0, g.mul(dy, g.sign(a)));
            case Op.Sign o -> {}
            case Op.Relu o -> give(node, 0, g.where(g.greater(y, g.scalar(0f)), dy, g.scalar(0f)));
            case Op.Sigmoid o -> give(node, 0, g.mul(dy, g.mul(y, g.sub(g.scalar(1f), y))));
            case Op.Tanh o -> give(node, 0, g.mul(dy, g.sub(g.scalar(1f), g.square(y))));
            case Op.Softplus o -> give(node, 0, g.mul(dy, g.sigmoid(a)));
            case Op.Clip o -> give(node, 0, g.where(g.equal(a, y), dy, g.scalar(0f)));
            case Op.Softmax o -> give(node, 0, g.mul(y, g.sub(dy, g.sum(g.mul(dy, y), true, o.axis()))));
            case Op.LogSoftmax o -> give(node, 0, g.sub(dy, g.mul(g.exp(y), g.sum(dy, true, o.axis()))));
            case Op.ReduceSum o -> give(node, 0, g.expandLike(restoreAxes(dy, o), a));
            case Op.ReduceMean o -> {
                Value scaled = dy;
                for (int axis : o.axes()) {
                    Dim dim = a.shape().dim(axis);
                    scaled = dim.isFixed()
                            ? g.mul(scaled, 1f / dim.factor())
                            : g.div(scaled, g.apply(new Op.DimSize(axis), a));
                }
                give(node, 0, g.expandLike(restoreAxes(scaled, o), a));
            }
            case Op.ReduceMax o -> {
                Value isMax = g.cast(g.equal(a, restoreAxes(y, o)), ElementType.FLOAT);
                Value ties = g.sum(isMax, true, axes(o.axes()));
                give(node, 0, g.mul(isMax, g.div(restoreAxes(dy, o), ties)));
            }
            case Op.Reshape o -> give(node, 0, reshapeLike(dy, a));
            case Op.Squeeze o -> give(node, 0, g.unsqueeze(dy, axes(o.axes())));
            case Op.Unsqueeze o -> give(node, 0, g.squeeze(dy, axes(o.axes())));
            case Op.Transpose o -> {
                Integer[] inverse = new Integer[o.permutation().size()];
                for (int i = 0; i < inverse.length; i++) {
                    inverse[o.permutation().get(i)] = i;
                }
                give(node, 0, g.transpose(dy, inverse));
            }
            case Op.Concat o -> concatBackward(node, o, dy);
            case Op.Slice o ->
                give(node, 0, g.apply(new Op.Pad(o.axis(), o.start(), a.shape().size(o.axis()) - o.end()), dy));
            case Op.Pad o ->
                give(
                        node,
                        0,
                        g.slice(dy, o.axis(), o.before(), o.before() + a.shape().size(o.axis())));
            case Op.ExpandLike o -> {
                if (needs(node, 0)) {
                    give(node, 0, dy);
                }
            }
            case Op.Cast o -> {
                if (a.element() == ElementType.FLOAT) {
                    give(node, 0, dy);
                }
            }
            case Op.MatMul o -> {
                if (needs(node, 0)) {
                    give(node, 0, g.matMul(dy, swapLast(node.input(1))));
                }
                if (needs(node, 1)) {
                    give(node, 1, g.matMul(swapLast(a), dy));
                }
            }
            case Op.Gemm o -> gemmBackward(node, o, dy);
            case Op.Gather o -> {
                if (needs(node, 0)) {
                    Value indices = g.cast(node.input(1), ElementType.INT64);
                    indices = g.unsqueeze(indices, indices.shape().rank());
                    give(node, 0, g.apply(new Op.ScatterND(true), g.zerosLike(a), indices, dy));
                }
            }
            case Op.GatherElements o -> {
                if (needs(node, 0)) {
                    give(node, 0, g.apply(new Op.ScatterElements(o.axis(), true), g.zerosLike(a), node.input(1), dy));
                }
            }
            case Op.ScatterND o -> scatterNdBackward(node, o, dy);
            case Op.ScatterElements o -> {
                if (needs(node, 0)) {
                    give(
                            node,
                            0,
                            o.add()
                                    ? dy
                                    : g.apply(
                                            new Op.ScatterElements(o.axis(), false),
                                            dy,
                                            node.input(1),
                                            g.zerosLike(node.input(2))));
                }
                if (needs(node, 2)) {
                    give(node, 2, g.apply(new Op.GatherElements(o.axis()), dy, node.input(1)));
                }
            }
            case Op.Conv o -> convBackward(node, o, dy);
            case Op.MaxPool o -> {
                // Each window's gradient goes to the element it took; windows may overlap, so they add up.
                Dim all = a.shape().elements();
                Dim pooled = y.shape().elements();
                Value flat = g.apply(
                        new Op.ScatterElements(0, true),
                        g.zerosLike(g.reshape(a, all)),
                        g.reshape(node.outputs().get(1), pooled),
                        g.reshape(dy, pooled));
                give(node, 0, reshapeLike(flat, a));
            }
            // No output of these depends smoothly on an input.
            case Op.ZerosLike o -> {}
            case Op.DimSize o -> {}
            case Op.Comparison o -> {}
            case Op.Not o -> {}
            case Op.And o -> {}
            case Op.Mod o -> throw notDifferentiable(node);
            case Op.ConvTranspose o -> throw notDifferentiable(node);
            case Op.Split o -> throw new IllegalStateException("handled above");
        }
    }

    private static GraphException notDifferentiable(Node node) {
        return new GraphException(
                "node " + node.name() + ": the gradient of " + node.op().type() + " is not defined here");
    }

    private Value reshapeLike(Value value, Value like) {
        return g.reshape(value, like.shape().dims().toArray());
    }

    /** Puts the reduced axes back as 1. */
    private Value restoreAxes(Value value, Op.Reduction o) {
        return o.keepDims() ? value : g.unsqueeze(value, axes(o.axes()));
    }

    private static Integer[] axes(List<Integer> axes) {
        return axes.toArray(Integer[]::new);
    }

    private Value swapLast(Value value) {
        int rank = value.shape().rank();
        Integer[] axes = Graph.allAxes(value).toArray(Integer[]::new);
        axes[rank - 2] = rank - 1;
        axes[rank - 1] = rank - 2;
        return g.transpose(value, axes);
    }

    private void gemmBackward(Node node, Op.Gemm o, Value dy) {
        Value a = node.input(0);
        Value b = node.input(1);
        if (needs(node, 0)) {
            give(
                    node,
                    0,
                    o.transposeA()
                            ? g.apply(new Op.Gemm(o.transposeB(), true), b, dy)
                            : g.apply(new Op.Gemm(false, !o.transposeB()), dy, b));
        }
        if (needs(node, 1)) {
            give(
                    node,
                    1,
                    o.transposeB()
                            ? g.apply(new Op.Gemm(true, o.transposeA()), dy, a)
                            : g.apply(new Op.Gemm(!o.transposeA(), false), a, dy));
        }
        if (needs(node, 2)) {
            give(node, 2, dy);
        }
    }

    private void concatBackward(Node node, Op.Concat o, Value dy) {
        if (node.inputs().size() == 1) {
            give(node, 0, dy);
            return;
        }
        if (node.inputs().stream().anyMatch(v -> !v.shape().dim(o.axis()).isFixed())) {
            throw new GraphException("node " + node.name() + ": the gradient of Concat along the open axis " + o.axis()
                    + " is not defined here");
        }
        List<Value> parts = g.split(
                dy,
                o.axis(),
                node.inputs().stream().map(v -> v.shape().size(o.axis())).toList());
        for (int i = 0; i < parts.size(); i++) {
            if (needs(node, i)) {
                give(node, i, parts.get(i));
            }
        }
    }

    private void splitBackward(Node node, Op.Split o) {
        if (!needs(node, 0)) {
            return;
        }
        List<Value> parts = new ArrayList<>();
        for (Value part : node.outputs()) {
            Value gradient = gradientOf(part);
            parts.add(gradient == null ? g.zerosLike(part) : gradient);
        }
        give(node, 0, g.concat(o.axis(), parts));
    }

    private void scatterNdBackward(Node node, Op.ScatterND o, Value dy) {
        Value indices = node.input(1);
        if (needs(node, 0)) {
            give(node, 0, o.add() ? dy : g.apply(new Op.ScatterND(false), dy, indices, g.zerosLike(node.input(2))));
        }
        if (needs(node, 2)) {
            give(node, 2, g.gather(dy, g.squeeze(indices, indices.shape().rank() - 1)));
        }
    }

    /**
     * By the input: the transposed convolution of dy with the same weights. By the weights: the convolution of the input
     * with dy, rows taken as channels, strides and dilations exchanged (Dumoulin and Visin 2016, arXiv 1603.07285).
     */
    private void convBackward(Node node, Op.Conv o, Value dy) {
        Value x = node.input(0);
        Value w = node.input(1);
        Op.Window window = o.window();
        int axes = window.axes();
        if (needs(node, 0)) {
            List<Integer> lost = new ArrayList<>();
            for (int i = 0; i < axes; i++) {
                int span = (w.shape().size(i + 2) - 1) * window.dilations().get(i) + 1;
                int reached = (dy.shape().size(i + 2) - 1) * window.strides().get(i)
                        + span
                        - window.padBefore().get(i)
                        - window.padAfter().get(i);
                lost.add(x.shape().size(i + 2) - reached);
            }
            give(node, 0, transposed(dy, w, window, lost));
        }
        if (needs(node, 1)) {
            Op.Window exchanged =
                    new Op.Window(window.dilations(), window.padBefore(), window.padAfter(), window.strides());
            Integer[] rowsAsChannels = Graph.allAxes(x).toArray(Integer[]::new);
            rowsAsChannels[0] = 1;
            rowsAsChannels[1] = 0;
            Value dw = g.apply(new Op.Conv(exchanged), g.transpose(x, rowsAsChannels), g.transpose(dy, rowsAsChannels));
            for (int i = 0; i < axes; i++) {
                // Where the stride does not divide the input, the last elements met no window.
                int kernel = w.shape().size(i + 2);
                if (dw.shape().size(i + 2) > kernel) {
                    dw = g.slice(dw, i + 2, 0, kernel);
                }
            }
            give(node, 1, g.transpose(dw, rowsAsChannels));
        }
        if (needs(node, 2)) {
            Integer[] allButChannels =
                    Graph.allAxes(dy).stream().filter(i -> i != 1).toArray(Integer[]::new);
            give(node, 2, g.sum(dy, false, allButChannels));
        }
    }

    /** ONNX wants an output padding below the stride; what is more than that is added as zeros. */
    private Value transposed(Value dy, Value w, Op.Window window, List<Integer> lost) {
        int axes = window.axes();
        Integer[] within = new Integer[axes];
        Arrays.setAll(within, i -> Math.min(lost.get(i), window.strides().get(i) - 1));
        Value dx = g.apply(new Op.ConvTranspose(window, List.of(within)), dy, w);
        for (int i = 0; i < axes; i++) {
            if (lost.get(i) > within[i]) {
                dx = g.apply(new Op.Pad(i + 2, 0, lost.get(i) - within[i]), dx);
            }
        }
        return dx;
    }
}
