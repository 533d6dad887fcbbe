package io.livepredict.trainer.imports;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Runs a graph that holds fast to the number of rows of its export, such as by the shapes of its constants: a Scan takes one
 * row after the other, and each fills all the places that the graph has for rows. So no row can see another. What it costs is
 * the time of a whole batch for each row.
 */
final class RowByRow {
    /** Whoever exported more rows at once would wait long for each. */
    static final long MOST_ROWS = 256;

    /** The first operator set in which Scan has the form used here. */
    static final long OLDEST_OPSET = 9;

    private static final String OURS = GraphNames.OURS + "by-row/";

    private final GraphProto graph;
    private final long rows;
    private final Map<String, ValueInfoProto> inputs;

    /**
     * @param graph as it was brought
     * @param rows how many it takes
     * @param inputs those of its inputs that are no constants, by name
     */
    RowByRow(GraphProto graph, long rows, Map<String, ValueInfoProto> inputs) {
        this.graph = graph;
        this.rows = rows;
        this.inputs = new LinkedHashMap<>(inputs);
    }

    /** In place of the graph's nodes one that runs them row by row; what is around it feeds it and takes from it as before. */
    GraphProto.Builder put(GraphProto.Builder fed, GraphProto theirs, List<NodeProto> takers) {
        Set<String> made = new LinkedHashSet<>();
        theirs.getNodeList().forEach(node -> made.addAll(node.getOutputList()));
        Set<String> taken = new LinkedHashSet<>();
        takers.forEach(
                node -> node.getInputList().stream().filter(made::contains).forEach(taken::add));
        NodeProto.Builder scan = Onnx.node("Scan", "").clearOutput();
        GraphProto.Builder body = GraphProto.newBuilder().setName("row");
        Set<String> names = new LinkedHashSet<>();
        inputs.forEach((name, info) -> {
            String value = GraphNames.theirs(name);
            names.add(value);
            scan.addInput(OURS + value);
            boolean single = Onnx.rank(info) == 1;
            body.addInput(info(OURS + value + "/row", Onnx.type(info)));
            long width = Onnx.size(info, 1);
            // A row of unknown width keeps the one it has: what is spread over [rows, 1] has as many columns as itself.
            body.addInitializer(
                    single
                            ? Onnx.longs(OURS + value + "/places", rows)
                            : Onnx.longs(OURS + value + "/places", rows, Math.max(1, width)));
            body.addNode(Onnx.node("Expand", value, OURS + value + "/row", OURS + value + "/places"));
        });
        body.addAllNode(theirs.getNodeList());
        List<NodeProto> renamed = new ArrayList<>(takers);
        body.addInitializer(
                Onnx.longs(OURS + "first", 0).toBuilder().clearDims().build());
        for (String value : taken) {
            body.addNode(Onnx.node("Gather", OURS + value + "/one", value, OURS + "first")
                    .addAttribute(Onnx.attribute("axis", 0)));
            body.addOutput(info(OURS + value + "/one", type(value)));
            scan.addOutput(OURS + value);
            renamed.replaceAll(node -> withInput(node, value));
        }
        scan.addAttribute(Onnx.attribute("num_scan_inputs", inputs.size()));
        scan.addAttribute(AttributeProto.newBuilder()
                .setName("body")
                .setType(AttributeProto.AttributeType.GRAPH)
                .setG(body));
        GraphProto.Builder around = fed.clone();
        IntStream.range(0, around.getNodeCount()).forEach(i -> {
            NodeProto.Builder node = around.getNodeBuilder(i);
            if (names.contains(node.getOutput(0))) {
                node.setOutput(0, OURS + node.getOutput(0));
            }
        });
        return around.addAllInitializer(theirs.getInitializerList())
                .addAllSparseInitializer(theirs.getSparseInitializerList())
                .addNode(scan)
                .addAllNode(renamed);
    }

    private static NodeProto withInput(NodeProto node, String value) {
        NodeProto.Builder changed = node.toBuilder();
        IntStream.range(0, node.getInputCount())
                .filter(i -> node.getInput(i).equals(value))
                .forEach(i -> changed.setInput(i, OURS + value));
        return changed.build();
    }

    /** An output's own type; what ZipMap makes dictionaries of is a tensor of floats. */
    private DataType type(String value) {
        return graph.getOutputList().stream()
                .filter(output -> GraphNames.theirs(output.getName()).equals(value)
                        && output.getType().hasTensorType())
                .map(Onnx::type)
                .findFirst()
                .orElse(DataType.FLOAT);
    }

    /** Of whatever shape: it follows from what the value is made of. */
    private static ValueInfoProto info(String name, DataType type) {
        return ValueInfoProto.newBuilder()
                .setName(name)
                .setType(TypeProto.newBuilder()
                        .setTensorType(TypeProto.Tensor.newBuilder().setElemType(type.getNumber())))
                .build();
    }
}
