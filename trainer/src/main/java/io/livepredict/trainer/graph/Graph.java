package io.livepredict.trainer.graph;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A computation under construction: inputs, literals and nodes, in an order in which they can run. Shapes are checked as
 * nodes are added, so a graph that exists is consistent. Append-only. Not safe for use from several threads.
 */
public final class Graph {
    /** The batch size: how many rows a run has. */
    public static final Dim N = Dim.symbol("N");

    private final Map<String, Value> values = new HashMap<>();
    private final List<Value> inputs = new ArrayList<>();
    private final Map<String, Literal> literals = new LinkedHashMap<>();
    private final Map<Literal, Value> literalValues = new HashMap<>();
    private final List<Node> nodes = new ArrayList<>();
    private final Map<String, Node> producers = new HashMap<>();
    private String scope = "";

    /** Names the nodes that follow, for errors and for whoever opens the file: {@code hidden1}. */
    public void scope(String name) {
        scope = name.isEmpty() ? "" : name + "/";
    }

    /** A tensor that is given at each run. */
    public Value input(String name, ElementType element, Object... sizes) {
        Value value = define(name, new TensorType(element, Shape.mixed(sizes)));
        inputs.add(value);
        return value;
    }

    /** A float scalar. */
    public Value scalar(float value) {
        return literal(Shape.SCALAR, value);
    }

    /** A float tensor of known values, row-major. */
    public Value literal(Shape shape, float... values) {
        return literal(Literal.floats(shape, values));
    }

    /** A float tensor of known values under a name of its own: a trained parameter. */
    public Value constant(String name, Shape shape, float[] values) {
        Literal literal = Literal.floats(shape, values);
        Value value = define(name, literal.type());
        literals.put(name, literal);
        return value;
    }

    /** An int32 tensor of known values. */
    public Value literal(Shape shape, int[] values) {
        return literal(Literal.ints(shape, values));
    }

    /** An int64 tensor of known values. */
    public Value literal(Shape shape, long[] values) {
        return literal(Literal.longs(shape, values));
    }

    /** A Boolean tensor of known values. */
    public Value literal(Shape shape, boolean[] values) {
        return literal(Literal.bools(shape, values));
    }

    private Value literal(Literal literal) {
        return literalValues.computeIfAbsent(literal, l -> {
            Value value = define("literal_" + literals.size(), l.type());
            literals.put(value.name(), l);
            return value;
        });
    }

    /** Adds a node with one output. */
    public Value apply(Op op, Value... operands) {
        return applyAll(op, operands).get(0);
    }

    /** Adds a node and returns all its outputs. */
    @SuppressWarnings("ReferenceEquality") // a value of another graph may be equal and still not be ours
    public List<Value> applyAll(Op op, Value... operands) {
        String name = scope + op.type() + "_" + nodes.size();
        List<Value> in = List.of(operands);
        for (Value operand : in) {
            if (values.get(operand.name()) != operand) {
                throw new GraphException("node " + name + ": " + operand.name() + " belongs to another graph");
            }
        }
        List<TensorType> types = ShapeRules.infer(name, op, in);
        List<Value> out = new ArrayList<>();
        for (int i = 0; i < types.size(); i++) {
            out.add(define(types.size() == 1 ? name + "_out" : name + "_out" + i, types.get(i)));
        }
        Node node = new Node(name, op, in, out);
        nodes.add(node);
        for (Value value : out) {
            producers.put(value.name(), node);
        }
        return out;
    }

    private Value define(String name, TensorType type) {
        Value value = new Value(name, type);
        if (values.putIfAbsent(name, value) != null) {
            throw new GraphException("there are two values named " + name);
        }
        return value;
    }

    public Value add(Value a, Value b) {
        return apply(new Op.Add(), a, b);
    }

    public Value sub(Value a, Value b) {
        return apply(new Op.Sub(), a, b);
    }

    public Value mul(Value a, Value b) {
        return apply(new Op.Mul(), a, b);
    }

    public Value mul(Value a, float b) {
        return mul(a, scalar(b));
    }

    public Value add(Value a, float b) {
        return add(a, scalar(b));
    }

    public Value div(Value a, Value b) {
        return apply(new Op.Div(), a, b);
    }

    public Value neg(Value a) {
        return apply(new Op.Neg(), a);
    }

    public Value exp(Value a) {
        return apply(new Op.Exp(), a);
    }

    public Value log(Value a) {
        return apply(new Op.Log(), a);
    }

    public Value sqrt(Value a) {
        return apply(new Op.Sqrt(), a);
    }

    public Value square(Value a) {
        return mul(a, a);
    }

    public Value abs(Value a) {
        return apply(new Op.Abs(), a);
    }

    public Value sign(Value a) {
        return apply(new Op.Sign(), a);
    }

    public Value relu(Value a) {
        return apply(new Op.Relu(), a);
    }

    public Value sigmoid(Value a) {
        return apply(new Op.Sigmoid(), a);
    }

    public Value tanh(Value a) {
        return apply(new Op.Tanh(), a);
    }

    public Value softplus(Value a) {
        return apply(new Op.Softplus(), a);
    }

    public Value clip(Value a, float min, float max) {
        return apply(new Op.Clip(min, max), a);
    }

    public Value greater(Value a, Value b) {
        return apply(new Op.Greater(), a, b);
    }

    public Value equal(Value a, Value b) {
        return apply(new Op.Equal(), a, b);
    }

    public Value where(Value condition, Value yes, Value no) {
        return apply(new Op.Where(), condition, yes, no);
    }

    public Value cast(Value a, ElementType to) {
        return a.element() == to ? a : apply(new Op.Cast(to), a);
    }

    public Value matMul(Value a, Value b) {
        return apply(new Op.MatMul(), a, b);
    }

    /** x · w + bias. */
    public Value linear(Value x, Value w, Value bias) {
        return apply(new Op.Gemm(false, false), x, w, bias);
    }

    public Value sum(Value a, boolean keepDims, Integer... axes) {
        return apply(new Op.ReduceSum(List.of(axes), keepDims), a);
    }

    /** The sum of everything, a scalar. */
    public Value sumAll(Value a) {
        return a.shape().rank() == 0 ? a : apply(new Op.ReduceSum(allAxes(a), false), a);
    }

    public Value mean(Value a, boolean keepDims, Integer... axes) {
        return apply(new Op.ReduceMean(List.of(axes), keepDims), a);
    }

    public Value max(Value a, boolean keepDims, Integer... axes) {
        return apply(new Op.ReduceMax(List.of(axes), keepDims), a);
    }

    public Value reshape(Value a, Object... sizes) {
        Shape shape = Shape.mixed(sizes);
        return a.shape().equals(shape) ? a : apply(new Op.Reshape(shape), a);
    }

    public Value transpose(Value a, Integer... permutation) {
        return apply(new Op.Transpose(List.of(permutation)), a);
    }

    public Value concat(int axis, List<Value> parts) {
        return parts.size() == 1 ? parts.get(0) : apply(new Op.Concat(axis), parts.toArray(Value[]::new));
    }

    public List<Value> split(Value a, int axis, List<Integer> sizes) {
        return sizes.size() == 1 ? List.of(a) : applyAll(new Op.Split(axis, sizes), a);
    }

    public Value slice(Value a, int axis, int start, int end) {
        return apply(new Op.Slice(axis, start, end), a);
    }

    public Value unsqueeze(Value a, Integer... axes) {
        return apply(new Op.Unsqueeze(List.of(axes)), a);
    }

    public Value squeeze(Value a, Integer... axes) {
        return apply(new Op.Squeeze(List.of(axes)), a);
    }

    public Value expandLike(Value a, Value like) {
        return a.shape().equals(like.shape()) ? a : apply(new Op.ExpandLike(), a, like);
    }

    public Value zerosLike(Value a) {
        return a.shape().isFixed() && a.shape().elements().factor() <= 4096
                ? literal(a.shape(), new float[(int) a.shape().elements().factor()])
                : apply(new Op.ZerosLike(), a);
    }

    public Value gather(Value table, Value indices) {
        return apply(new Op.Gather(), table, indices);
    }

    /** The inputs, in the order they were added. */
    public List<Value> inputs() {
        return Collections.unmodifiableList(inputs);
    }

    /** The nodes, each after those it needs. */
    public List<Node> nodes() {
        return Collections.unmodifiableList(nodes);
    }

    /** The input of that name. */
    public Value input(String name) {
        return inputs.stream()
                .filter(v -> v.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new GraphException("there is no input named " + name));
    }

    /** The node that gives the value; null for an input or a literal. */
    @Nullable
    Node producer(Value value) {
        return producers.get(value.name());
    }

    /** The literals by name. */
    Map<String, Literal> literals() {
        return Collections.unmodifiableMap(literals);
    }

    static List<Integer> allAxes(Value a) {
        List<Integer> axes = new ArrayList<>();
        for (int i = 0; i < a.shape().rank(); i++) {
            axes.add(i);
        }
        return axes;
    }
}
