package io.livepredict.trainer.graph;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import io.livepredict.contract.OnnxContract;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Writes a graph as an ONNX model: the standard operator domain, no external data, and only the nodes and inputs that the
 * outputs need. The same graph and outputs give the same bytes.
 */
public final class OnnxWriter {
    /**
     * An output that is computed only when a Boolean scalar input is true: its nodes go into the then-branch of an If. ONNX
     * Runtime computes every output, also those that nobody asked for, so optional work must hide behind a condition.
     *
     * @param output its name
     * @param condition a Boolean scalar
     * @param value float, what it is when the condition holds; otherwise it is empty, with 0 at the first axis
     */
    public record Optional(String output, Value condition, Value value) {}

    private final Graph g;
    private final Map<String, TensorProto> ownLiterals = new LinkedHashMap<>();

    private OnnxWriter(Graph g) {
        this.g = g;
    }

    /** The model that gives those outputs, by name. */
    public static byte[] model(Graph g, Map<String, Value> outputs) {
        return model(g, outputs, null);
    }

    /** The model that gives those outputs and one that is optional. */
    public static byte[] model(Graph g, Map<String, Value> outputs, @Nullable Optional optional) {
        return new OnnxWriter(g).write(outputs, optional).toByteArray();
    }

    private ModelProto write(Map<String, Value> outputs, @Nullable Optional optional) {
        GraphProto.Builder graph = GraphProto.newBuilder().setName("livepredict");
        Set<Node> always = ancestors(outputs.values());
        Set<String> used = new HashSet<>();
        for (Node node : g.nodes()) {
            if (always.contains(node)) {
                graph.addAllNode(write(node)).addAllValueInfo(shapes(node));
                node.inputs().forEach(v -> used.add(v.name()));
            }
        }
        outputs.forEach((name, value) -> {
            used.add(value.name());
            graph.addNode(node("Identity", name + "_as_output", List.of(value.name()), List.of(name)));
            graph.addOutput(info(name, value.type()));
        });
        if (optional != null) {
            graph.addNode(conditional(optional, always, used));
            Shape shape = optional.value().shape();
            graph.addOutput(
                    info(optional.output(), new TensorType(ElementType.FLOAT, shape.with(0, Dim.symbol("explained")))));
        }
        for (Value input : g.inputs()) {
            if (used.contains(input.name())) {
                graph.addInput(info(input.name(), input.type()));
            }
        }
        for (String name : new TreeSet<>(used)) {
            Literal literal = literal(name);
            if (literal != null) {
                graph.addInitializer(tensor(name, literal));
            }
        }
        graph.addAllInitializer(ownLiterals.values());
        return ModelProto.newBuilder()
                .setIrVersion(OnnxContract.IR_VERSION)
                .setProducerName("livepredict")
                .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(OnnxContract.OPSET))
                .setGraph(graph)
                .build();
    }

    private @Nullable Literal literal(String name) {
        return g.literals().get(name);
    }

    private NodeProto conditional(Optional optional, Set<Node> always, Set<String> used) {
        Set<Node> wanted = ancestors(List.of(optional.value()));
        wanted.removeAll(always);
        GraphProto.Builder then = GraphProto.newBuilder().setName("explained");
        for (Node node : g.nodes()) {
            if (wanted.contains(node)) {
                then.addAllNode(write(node)).addAllValueInfo(shapes(node));
                node.inputs().forEach(v -> used.add(v.name()));
            }
        }
        String thenName = optional.output() + "_then";
        then.addNode(node(
                "Identity", thenName + "_as_output", List.of(optional.value().name()), List.of(thenName)));
        used.add(optional.value().name());
        used.add(optional.condition().name());
        then.addOutput(info(thenName, optional.value().type()));
        String elseName = optional.output() + "_else";
        Shape empty = optional.value().shape().with(0, Dim.of(0));
        GraphProto otherwise = GraphProto.newBuilder()
                .setName("unexplained")
                .addInitializer(tensor(elseName + "_empty", Literal.floats(empty, new float[0])))
                .addNode(node("Identity", elseName + "_as_output", List.of(elseName + "_empty"), List.of(elseName)))
                .addOutput(info(elseName, new TensorType(ElementType.FLOAT, empty)))
                .build();
        return node(
                        "If",
                        optional.output() + "_if",
                        List.of(optional.condition().name()),
                        List.of(optional.output()))
                .toBuilder()
                .addAttribute(AttributeProto.newBuilder()
                        .setName("then_branch")
                        .setType(AttributeProto.AttributeType.GRAPH)
                        .setG(then))
                .addAttribute(AttributeProto.newBuilder()
                        .setName("else_branch")
                        .setType(AttributeProto.AttributeType.GRAPH)
                        .setG(otherwise))
                .build();
    }

    private Set<Node> ancestors(Iterable<Value> values) {
        Set<Node> found = new HashSet<>();
        Set<String> seen = new HashSet<>();
        Deque<Value> open = new ArrayDeque<>();
        values.forEach(open::add);
        while (!open.isEmpty()) {
            Value value = open.remove();
            if (!seen.add(value.name())) {
                continue;
            }
            Node producer = g.producer(value);
            if (producer != null) {
                found.add(producer);
                open.addAll(producer.inputs());
            }
        }
        return found;
    }

    /**
     * The shapes, for ONNX Runtime to know. It can't infer all of them, and where it does not know a size, everything after has
     * unknown sizes too, and opening a session on an unrolled network takes several times as long.
     */
    private static List<ValueInfoProto> shapes(Node node) {
        return node.outputs().stream().map(v -> info(v.name(), v.type())).toList();
    }

    private List<NodeProto> write(Node node) {
        return switch (node.op()) {
            case Op.Clip o -> plain(node, List.of(scalar(o.min()), scalar(o.max())));
            case Op.Softmax o -> plain(node, List.of(), number("axis", o.axis()));
            case Op.LogSoftmax o -> plain(node, List.of(), number("axis", o.axis()));
            case Op.Reduction o -> plain(node, List.of(longs(o.axes())), number("keepdims", o.keepDims() ? 1 : 0));
            case Op.Reshape o -> plain(node, List.of(longs(o.shape())));
            case Op.Squeeze o -> plain(node, List.of(longs(o.axes())));
            case Op.Unsqueeze o -> plain(node, List.of(longs(o.axes())));
            case Op.Transpose o -> plain(node, List.of(), numbers("perm", o.permutation()));
            case Op.Concat o -> plain(node, List.of(), number("axis", o.axis()));
            case Op.Split o -> plain(node, List.of(longs(o.sizes())), number("axis", o.axis()));
            case Op.Slice o ->
                plain(node, List.of(longs(List.of(o.start())), longs(List.of(o.end())), longs(List.of(o.axis()))));
            case Op.Pad o -> {
                int[] pads = new int[2 * node.input(0).shape().rank()];
                pads[o.axis()] = o.before();
                pads[pads.length / 2 + o.axis()] = o.after();
                yield plain(node, List.of(longs(IntStream.of(pads).boxed().toList())));
            }
            case Op.ExpandLike o -> {
                Value like = node.input(1);
                if (like.shape().isFixed()) {
                    yield List.of(node(
                            "Expand", node.name(), List.of(node.input(0).name(), longs(like.shape())), names(node)));
                }
                String shape = node.name() + "_shape";
                yield List.of(
                        node("Shape", shape, List.of(like.name()), List.of(shape)),
                        node("Expand", node.name(), List.of(node.input(0).name(), shape), names(node)));
            }
            case Op.ZerosLike o -> {
                String shape = node.name() + "_shape";
                yield List.of(
                        node("Shape", shape, List.of(node.input(0).name()), List.of(shape)),
                        node("ConstantOfShape", node.name(), List.of(shape), names(node)));
            }
            case Op.DimSize o -> {
                String shape = node.name() + "_shape";
                String size = node.name() + "_size";
                yield List.of(
                        node("Shape", shape, List.of(node.input(0).name()), List.of(shape)).toBuilder()
                                .addAttribute(number("start", o.axis()))
                                .addAttribute(number("end", o.axis() + 1))
                                .build(),
                        node("Squeeze", size, List.of(shape, longs(List.of(0))), List.of(size)),
                        node("Cast", node.name(), List.of(size), names(node)).toBuilder()
                                .addAttribute(number("to", ElementType.FLOAT.onnxCode))
                                .build());
            }
            case Op.Cast o -> plain(node, List.of(), number("to", o.to().onnxCode));
            case Op.Gemm o ->
                plain(
                        node,
                        List.of(),
                        number("transA", o.transposeA() ? 1 : 0),
                        number("transB", o.transposeB() ? 1 : 0));
            case Op.Gather o -> plain(node, List.of(), number("axis", 0));
            case Op.GatherElements o -> plain(node, List.of(), number("axis", o.axis()));
            case Op.ScatterND o -> plain(node, List.of(), text("reduction", o.add() ? "add" : "none"));
            case Op.ScatterElements o ->
                plain(node, List.of(), number("axis", o.axis()), text("reduction", o.add() ? "add" : "none"));
            case Op.Conv o -> plain(node, List.of(), window(o.window()));
            case Op.ConvTranspose o -> {
                AttributeProto[] window = window(o.window());
                AttributeProto[] all = Arrays.copyOf(window, window.length + 1);
                all[window.length] = numbers("output_padding", o.outputPadding());
                yield plain(node, List.of(), all);
            }
            case Op.MaxPool o -> {
                AttributeProto[] window = window(o.window());
                AttributeProto[] all = Arrays.copyOf(window, window.length + 1);
                all[window.length] = numbers("kernel_shape", o.kernel());
                yield plain(node, List.of(), all);
            }
            case Op.Binary o -> plain(node, List.of());
            case Op.Comparison o -> plain(node, List.of());
            case Op.Unary o -> plain(node, List.of());
            case Op.Not o -> plain(node, List.of());
            case Op.And o -> plain(node, List.of());
            case Op.Where o -> plain(node, List.of());
            case Op.MatMul o -> plain(node, List.of());
        };
    }

    private static List<NodeProto> plain(Node node, List<String> more, AttributeProto... attributes) {
        List<String> inputs =
                new ArrayList<>(node.inputs().stream().map(Value::name).toList());
        inputs.addAll(more);
        return List.of(node(node.op().type(), node.name(), inputs, names(node)).toBuilder()
                .addAllAttribute(List.of(attributes))
                .build());
    }

    private static List<String> names(Node node) {
        return node.outputs().stream().map(Value::name).toList();
    }

    private static NodeProto node(String type, String name, List<String> inputs, List<String> outputs) {
        return NodeProto.newBuilder()
                .setOpType(type)
                .setName(name)
                .addAllInput(inputs)
                .addAllOutput(outputs)
                .build();
    }

    private static AttributeProto[] window(Op.Window window) {
        List<Integer> pads = new ArrayList<>(window.padBefore());
        pads.addAll(window.padAfter());
        return new AttributeProto[] {
            numbers("strides", window.strides()), numbers("pads", pads), numbers("dilations", window.dilations())
        };
    }

    private String scalar(float value) {
        return own("float_" + value, Literal.floats(Shape.SCALAR, new float[] {value}));
    }

    private String longs(List<Integer> values) {
        long[] numbers = values.stream().mapToLong(Integer::longValue).toArray();
        return own("int64_" + Arrays.toString(numbers), Literal.longs(Shape.of(numbers.length), numbers));
    }

    /** As a shape for Reshape: -1 where the size is open. */
    private String longs(Shape shape) {
        return longs(shape.dims().stream()
                .map(d -> d.isFixed() ? Math.toIntExact(d.factor()) : -1)
                .toList());
    }

    private String own(String name, Literal literal) {
        ownLiterals.computeIfAbsent(name, n -> tensor(n, literal));
        return name;
    }

    private static TensorProto tensor(String name, Literal literal) {
        TensorProto.Builder tensor = TensorProto.newBuilder()
                .setName(name)
                .setDataType(literal.type().element().onnxCode);
        literal.type().shape().dims().forEach(d -> tensor.addDims(d.factor()));
        return tensor.setRawData(ByteString.copyFrom(literal.bytes().duplicate()))
                .build();
    }

    private static ValueInfoProto info(String name, TensorType type) {
        TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
        for (Dim dim : type.shape().dims()) {
            TensorShapeProto.Dimension.Builder d = TensorShapeProto.Dimension.newBuilder();
            shape.addDim(dim.isFixed() ? d.setDimValue(dim.factor()) : d.setDimParam(dim.toString()));
        }
        return ValueInfoProto.newBuilder()
                .setName(name)
                .setType(TypeProto.newBuilder()
                        .setTensorType(TypeProto.Tensor.newBuilder()
                                .setElemType(type.element().onnxCode)
                                .setShape(shape)))
                .build();
    }

    private static AttributeProto number(String name, long value) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeProto.AttributeType.INT)
                .setI(value)
                .build();
    }

    private static AttributeProto numbers(String name, List<Integer> values) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeProto.AttributeType.INTS)
                .addAllInts(values.stream().map(Integer::longValue).toList())
                .build();
    }

    private static AttributeProto text(String name, String value) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeProto.AttributeType.STRING)
                .setS(ByteString.copyFromUtf8(value))
                .build();
    }
}
