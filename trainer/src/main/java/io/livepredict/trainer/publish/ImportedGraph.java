package io.livepredict.trainer.publish;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.InvalidProtocolBufferException;
import io.livepredict.contract.DenseFeature;
import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.OnnxContract;
import io.livepredict.contract.Target;
import io.livepredict.model.OnnxFile;
import io.livepredict.model.RefusedException;
import io.livepredict.trainer.graph.OnnxWriter;
import io.livepredict.trainer.publish.ModelOperator.RefusedOperationException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Puts a graph that someone else made between the inputs and outputs of {@link OnnxContract}: what it calls its values gets a
 * prefix, its inputs take their columns of {@code dense}, and the wanted columns of its outputs become {@code scores}. Its
 * operators and their operator set stay as they are. A fixed number of rows, as exporters write it down, is made free.
 */
final class ImportedGraph {
    /** The oldest operator set in which every operator that is put around has the form used here. */
    private static final long OLDEST_OPSET = 6;

    private static final String THEIRS = "imported/";
    private static final String OURS = "contract/";

    private final GraphProto graph;
    private final FeatureSchema schema;
    private final List<Target> targets;
    private final ImportMapping mapping;
    private final Map<String, ValueInfoProto> inputs = new LinkedHashMap<>();
    private final Map<String, ValueInfoProto> outputs = new LinkedHashMap<>();
    private final GraphProto.Builder around = GraphProto.newBuilder();
    /** Features in the order in which they are asked for first. */
    private final Map<String, Integer> columns = new LinkedHashMap<>();

    /**
     * The wrapped model.
     *
     * @param schema the dense features it takes, in the order of its input
     * @param heads the targets it predicts, in the order of its scores
     */
    @SuppressWarnings("ArrayRecordComponent") // moved, never compared
    record Wrapped(byte[] onnx, FeatureSchema schema, List<Target> heads) {}

    private ImportedGraph(GraphProto graph, FeatureSchema schema, List<Target> targets, ImportMapping mapping) {
        this.graph = graph;
        this.schema = schema;
        this.targets = targets;
        this.mapping = mapping;
        graph.getInputList().forEach(input -> inputs.put(input.getName(), input));
        // Up to IR version 3 every constant is an input too.
        graph.getInitializerList().forEach(constant -> inputs.remove(constant.getName()));
        graph.getOutputList().forEach(output -> outputs.put(output.getName(), output));
    }

    /**
     * Wraps a file.
     *
     * @param schema the kind's features
     * @param targets the kind's targets
     * @throws RefusedOperationException if it can't be; the message is one line
     */
    static Wrapped wrap(byte[] file, ImportMapping mapping, FeatureSchema schema, List<Target> targets) {
        ModelProto model;
        try {
            model = ModelProto.parseFrom(file);
        } catch (InvalidProtocolBufferException e) {
            throw new RefusedOperationException("the file is not an ONNX model: " + e.getMessage(), e);
        }
        if (!model.hasGraph() || model.getGraph().getNodeCount() == 0) {
            throw new RefusedOperationException("the file is not an ONNX model: it has no graph");
        }
        Wrapped wrapped = new ImportedGraph(model.getGraph(), schema, targets, mapping).wrap(model);
        try {
            OnnxFile.check(wrapped.onnx());
        } catch (RefusedException e) {
            throw new RefusedOperationException(e.reason() + ": " + e.getMessage(), e);
        }
        return wrapped;
    }

    private Wrapped wrap(ModelProto model) {
        long opset = model.getOpsetImportList().stream()
                .filter(imported ->
                        imported.getDomain().isEmpty() || imported.getDomain().equals("ai.onnx"))
                .mapToLong(OperatorSetIdProto::getVersion)
                .findFirst()
                .orElse(1);
        if (opset < OLDEST_OPSET) {
            throw new RefusedOperationException("the model is of ONNX operator set " + opset
                    + "; export it again with set " + OLDEST_OPSET + " or newer");
        }
        Map<String, List<String>> features = features();
        features.values().forEach(names -> names.forEach(name -> columns.putIfAbsent(name, columns.size())));
        features.forEach(this::feed);
        GraphProto theirs = prefixed(graph);
        around.addAllNode(theirs.getNodeList())
                .addAllInitializer(theirs.getInitializerList())
                .addAllSparseInitializer(theirs.getSparseInitializerList());
        List<Target> heads = heads();
        GraphProto whole = around.setName(graph.getName())
                .addInput(rows(OnnxContract.DENSE, columns.size()))
                .addOutput(rows(OnnxContract.SCORES, heads.size()))
                .build();
        ModelProto wrapped = model.toBuilder()
                .setIrVersion(OnnxWriter.IR_VERSION)
                .clearOpsetImport() // an operator set that is imported and not used does no harm
                .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(opset))
                .clearTrainingInfo()
                .setGraph(whole)
                .build();
        Map<String, DenseFeature> byName = byName();
        return new Wrapped(
                wrapped.toByteArray(),
                new FeatureSchema(
                        schema.kind(),
                        columns.keySet().stream()
                                .map(name -> wanted(byName.get(name), name))
                                .toList(),
                        schema.eventTypes(),
                        0,
                        "",
                        List.of()),
                heads);
    }

    // ---- inputs ----

    /** By input the features it takes, checked. */
    private Map<String, List<String>> features() {
        Map<String, List<String>> asked = mapping.inputs();
        if (asked.isEmpty()) {
            if (inputs.size() != 1) {
                throw new RefusedOperationException("the model has the inputs " + names(inputs)
                        + "; say for each which features it takes, --input NAME=FEATURE,…");
            }
            asked = Map.of(
                    inputs.keySet().iterator().next(),
                    schema.dense().stream().map(DenseFeature::name).toList());
        }
        for (String input : asked.keySet()) {
            if (!inputs.containsKey(input)) {
                throw new RefusedOperationException(
                        "the model has no input '" + input + "'; its inputs are " + names(inputs));
            }
        }
        Map<String, DenseFeature> known = byName();
        Map<String, List<String>> features = new LinkedHashMap<>();
        for (Map.Entry<String, ValueInfoProto> input : inputs.entrySet()) {
            List<String> own = asked.get(input.getKey());
            if (own == null) {
                throw new RefusedOperationException("nothing is said of the model's input '" + input.getKey()
                        + "'; say which features it takes, --input " + input.getKey() + "=FEATURE,…");
            }
            own.forEach(name -> wanted(known.get(name), name));
            requireColumns(input.getKey(), input.getValue(), own.size());
            features.put(input.getKey(), own);
        }
        return features;
    }

    private Map<String, DenseFeature> byName() {
        Map<String, DenseFeature> features = new HashMap<>();
        schema.dense().forEach(feature -> features.put(feature.name(), feature));
        return features;
    }

    private DenseFeature wanted(@Nullable DenseFeature feature, String name) {
        if (feature == null) {
            throw new RefusedOperationException("there is no dense feature '" + name + "' of "
                    + schema.kind().id() + "; the " + schema.dense().size() + " there are begin with "
                    + schema.dense().stream().limit(5).map(DenseFeature::name).collect(Collectors.joining(", ")));
        }
        return feature;
    }

    private static void requireColumns(String name, ValueInfoProto input, int features) {
        requireFloats("input", name, input);
        if (rank(input) != 2) {
            throw new RefusedOperationException("input '" + name + "' is of shape " + shape(input)
                    + "; it must take a row of features each, [rows, " + features + "]");
        }
        TensorShapeProto.Dimension width =
                input.getType().getTensorType().getShape().getDim(1);
        if (width.hasDimValue() && width.getDimValue() != features) {
            throw new RefusedOperationException("input '" + name + "' takes " + width.getDimValue() + " columns, "
                    + shape(input) + ", and " + features + " features are given to it; say which, --input " + name
                    + "=FEATURE,…");
        }
    }

    /** Its columns of the dense vector become their input. */
    private void feed(String input, List<String> features) {
        String value = OnnxContract.DENSE;
        if (!features.equals(List.copyOf(columns.keySet()))) {
            value = gather(
                    value,
                    OURS + "input/" + input,
                    features.stream()
                            .mapToLong(name -> columns.getOrDefault(name, 0))
                            .toArray());
        }
        NodeProto.Builder last = node("Identity", THEIRS + input, value);
        if (type(inputs.get(input)) == DataType.DOUBLE) {
            last = cast(THEIRS + input, value, DataType.DOUBLE);
        }
        around.addNode(last);
    }

    // ---- outputs ----

    /** Concatenates the heads; returns their targets. */
    private List<Target> heads() {
        Map<String, String> asked = mapping.outputs();
        if (asked.isEmpty()) {
            if (outputs.size() != 1 || targets.size() != 1) {
                throw new RefusedOperationException("say which output predicts which target, --output TARGET=OUTPUT or"
                        + " --output TARGET=OUTPUT:COLUMN; the outputs are " + names(outputs) + ", the targets "
                        + targets.stream().map(Target::name).toList());
            }
            asked = Map.of(targets.get(0).name(), outputs.keySet().iterator().next());
        }
        for (String name : asked.keySet()) {
            if (targets.stream().noneMatch(target -> target.name().equals(name))) {
                throw new RefusedOperationException("there is no target '" + name + "' of "
                        + schema.kind().id() + "; there are "
                        + targets.stream().map(Target::name).toList());
            }
        }
        List<Target> heads = new ArrayList<>();
        NodeProto.Builder scores = node("Concat", OnnxContract.SCORES).addAttribute(attribute("axis", 1));
        for (Target target : targets) {
            String output = asked.get(target.name());
            if (output != null) {
                scores.addInput(head(target, output));
                heads.add(target);
            }
        }
        around.addNode(scores);
        return heads;
    }

    /** One column of an output; returns the name of a value float32 [N, 1]. */
    private String head(Target target, String asked) {
        String name = asked;
        int column = -1;
        int colon = asked.lastIndexOf(':');
        // A name may itself have a colon in it.
        if (!outputs.containsKey(asked)
                && colon > 0
                && asked.substring(colon + 1).matches("\\d{1,9}")) {
            name = asked.substring(0, colon);
            column = Integer.parseInt(asked.substring(colon + 1));
        }
        ValueInfoProto output = outputs.get(name);
        if (output == null) {
            throw new RefusedOperationException(
                    "the model has no output '" + name + "'; its outputs are " + names(outputs));
        }
        requireFloats("output", name, output);
        String value = THEIRS + name;
        String own = OURS + "head/" + target.name();
        if (type(output) == DataType.DOUBLE) {
            around.addNode(cast(own + "/float", value, DataType.FLOAT));
            value = own + "/float";
        }
        value = rank(output) == 1 ? asColumn(value, own) : gather(value, own, column(name, output, column));
        if (mapping.logits() && target.isBinary()) {
            around.addNode(node("Sigmoid", own + "/sigmoid", value));
            value = own + "/sigmoid";
        }
        return value;
    }

    private static long[] column(String name, ValueInfoProto output, int asked) {
        int rank = rank(output);
        if (rank > 2) {
            throw new RefusedOperationException(
                    "output '" + name + "' is of shape " + shape(output) + "; it must be [rows] or [rows, columns]");
        }
        TensorShapeProto.Dimension width = rank == 2
                ? output.getType().getTensorType().getShape().getDim(1)
                : TensorShapeProto.Dimension.getDefaultInstance();
        if (width.hasDimValue() && asked >= width.getDimValue()) {
            throw new RefusedOperationException("output '" + name + "' has " + width.getDimValue()
                    + " columns, counted from 0, and column " + asked + " is asked for");
        }
        if (asked < 0 && width.getDimValue() != 1) {
            throw new RefusedOperationException("output '" + name + "' is of shape " + shape(output)
                    + "; say which column, --output TARGET=" + name + ":COLUMN, counted from 0");
        }
        return new long[] {Math.max(0, asked)};
    }

    // ---- ONNX ----

    private String asColumn(String value, String name) {
        around.addInitializer(longs(name + "/shape", -1, 1));
        around.addNode(node("Reshape", name, value, name + "/shape"));
        return name;
    }

    private String gather(String value, String name, long... indices) {
        around.addInitializer(longs(name + "/columns", indices));
        around.addNode(node("Gather", name, value, name + "/columns").addAttribute(attribute("axis", 1)));
        return name;
    }

    private static NodeProto.Builder node(String operator, String output, String... inputs) {
        return NodeProto.newBuilder()
                .setOpType(operator)
                .addAllInput(List.of(inputs))
                .addOutput(output);
    }

    private static NodeProto.Builder cast(String output, String input, DataType to) {
        return node("Cast", output, input).addAttribute(attribute("to", to.getNumber()));
    }

    private static AttributeProto attribute(String name, long value) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeProto.AttributeType.INT)
                .setI(value)
                .build();
    }

    private static TensorProto longs(String name, long... values) {
        TensorProto.Builder tensor = TensorProto.newBuilder()
                .setName(name)
                .setDataType(DataType.INT64.getNumber())
                .addDims(values.length);
        for (long value : values) {
            tensor.addInt64Data(value);
        }
        return tensor.build();
    }

    private static ValueInfoProto rows(String name, int width) {
        return ValueInfoProto.newBuilder()
                .setName(name)
                .setType(TypeProto.newBuilder()
                        .setTensorType(TypeProto.Tensor.newBuilder()
                                .setElemType(DataType.FLOAT.getNumber())
                                .setShape(TensorShapeProto.newBuilder()
                                        .addDim(TensorShapeProto.Dimension.newBuilder()
                                                .setDimParam("N"))
                                        .addDim(TensorShapeProto.Dimension.newBuilder()
                                                .setDimValue(width)))))
                .build();
    }

    /** The same graph with another name for every value, those of nested graphs included. */
    private static GraphProto prefixed(GraphProto graph) {
        // Shapes that were noted for a fixed number of rows no longer hold.
        GraphProto.Builder renamed = graph.toBuilder().clearValueInfo().clearQuantizationAnnotation();
        renamed.getNodeBuilderList().forEach(ImportedGraph::prefix);
        renamed.getInitializerBuilderList().forEach(tensor -> tensor.setName(prefixed(tensor.getName())));
        renamed.getSparseInitializerBuilderList()
                .forEach(tensor -> tensor.getValuesBuilder()
                        .setName(prefixed(tensor.getValues().getName())));
        renamed.getInputBuilderList().forEach(ImportedGraph::prefix);
        renamed.getOutputBuilderList().forEach(ImportedGraph::prefix);
        return renamed.build();
    }

    private static void prefix(ValueInfoProto.Builder value) {
        value.setName(prefixed(value.getName()));
        if (value.getType().hasTensorType()) {
            value.getTypeBuilder().getTensorTypeBuilder().clearShape();
        }
    }

    private static void prefix(NodeProto.Builder node) {
        IntStream.range(0, node.getInputCount()).forEach(i -> node.setInput(i, prefixed(node.getInput(i))));
        IntStream.range(0, node.getOutputCount()).forEach(i -> node.setOutput(i, prefixed(node.getOutput(i))));
        for (AttributeProto.Builder attribute : node.getAttributeBuilderList()) {
            if (attribute.hasG()) {
                attribute.setG(prefixed(attribute.getG()));
            }
            IntStream.range(0, attribute.getGraphsCount())
                    .forEach(i -> attribute.setGraphs(i, prefixed(attribute.getGraphs(i))));
        }
    }

    /** An empty name says that an optional input or output is left out. */
    private static String prefixed(String name) {
        return name.isEmpty() ? name : THEIRS + name;
    }

    private static void requireFloats(String what, String name, ValueInfoProto value) {
        DataType type = type(value);
        if (type != DataType.FLOAT && type != DataType.DOUBLE) {
            throw new RefusedOperationException(
                    what + " '" + name + "' is of type " + type + "; it must be a tensor of FLOAT or DOUBLE");
        }
    }

    private static DataType type(@Nullable ValueInfoProto value) {
        DataType type = value == null
                ? null
                : DataType.forNumber(value.getType().getTensorType().getElemType());
        return type == null ? DataType.UNDEFINED : type;
    }

    /** -1 where it is not said. */
    private static int rank(ValueInfoProto value) {
        TypeProto.Tensor tensor = value.getType().getTensorType();
        return tensor.hasShape() ? tensor.getShape().getDimCount() : -1;
    }

    private static String shape(ValueInfoProto value) {
        return rank(value) < 0
                ? "unknown"
                : value.getType().getTensorType().getShape().getDimList().stream()
                        .map(dim -> dim.hasDimValue()
                                ? Long.toString(dim.getDimValue())
                                : dim.getDimParam().isEmpty() ? "?" : dim.getDimParam())
                        .collect(Collectors.joining(", ", "[", "]"));
    }

    private static String names(Map<String, ?> named) {
        return named.keySet().stream().map(name -> "'" + name + "'").collect(Collectors.joining(", "));
    }
}
