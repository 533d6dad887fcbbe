package io.livepredict.trainer.imports;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;

/** Keeps what a model calls its values apart from what is put around it. */
final class GraphNames {
    static final String OURS = "contract/";
    /** Ends the name of the node that fails where an output of unknown width has more than one column. */
    static final String ONLY_COLUMN = "only-column";

    private static final String THEIRS = "imported/";

    private GraphNames() {}

    /** An empty name says that an optional input or output is left out. */
    static String theirs(String name) {
        return name.isEmpty() ? name : THEIRS + name;
    }

    /** Columns of a value [N, …]. */
    static String gather(GraphProto.Builder around, String value, String name, long... indices) {
        around.addInitializer(Onnx.longs(name + "/columns", indices));
        around.addNode(Onnx.node("Gather", name, value, name + "/columns").addAttribute(Onnx.attribute("axis", 1)));
        return name;
    }

    /**
     * The same graph with another name for every value, those of nested graphs included.
     *
     * @param fixedRows the number of rows that the model was exported for and that no longer holds, -1 for none
     */
    static GraphProto prefixed(GraphProto graph, long fixedRows) {
        GraphProto.Builder renamed = graph.toBuilder();
        // Shapes that were noted for a fixed number of rows no longer hold; no operator needs them.
        renamed.clearValueInfo().clearQuantizationAnnotation();
        renamed.getNodeBuilderList().forEach(node -> prefix(node, fixedRows));
        renamed.getInitializerBuilderList().forEach(tensor -> tensor.setName(theirs(tensor.getName())));
        renamed.getSparseInitializerBuilderList()
                .forEach(tensor -> tensor.getValuesBuilder()
                        .setName(theirs(tensor.getValues().getName())));
        // Inputs and outputs of nested graphs keep their shapes: Loop and Scan need them.
        renamed.getInputBuilderList().forEach(value -> prefix(value, fixedRows));
        renamed.getOutputBuilderList().forEach(value -> prefix(value, fixedRows));
        return renamed.build();
    }

    private static void prefix(ValueInfoProto.Builder value, long fixedRows) {
        value.setName(theirs(value.getName()));
        if (value.getType().hasTensorType() && value.getType().getTensorType().hasShape()) {
            TensorShapeProto.Builder shape =
                    value.getTypeBuilder().getTensorTypeBuilder().getShapeBuilder();
            if (shape.getDimCount() > 0 && shape.getDim(0).getDimValue() == fixedRows) {
                shape.getDimBuilder(0).clearValue();
            }
        }
    }

    private static void prefix(NodeProto.Builder node, long fixedRows) {
        IntStream.range(0, node.getInputCount()).forEach(i -> node.setInput(i, theirs(node.getInput(i))));
        IntStream.range(0, node.getOutputCount()).forEach(i -> node.setOutput(i, theirs(node.getOutput(i))));
        for (AttributeProto.Builder attribute : node.getAttributeBuilderList()) {
            if (attribute.hasG()) {
                attribute.setG(prefixed(attribute.getG(), fixedRows));
            }
            IntStream.range(0, attribute.getGraphsCount())
                    .forEach(i -> attribute.setGraphs(i, prefixed(attribute.getGraphs(i), fixedRows)));
        }
    }

    /** Leaves out what the graph's outputs do not need: labels, dictionaries and what only they rest on. */
    static GraphProto needed(GraphProto graph) {
        Set<String> needed = new HashSet<>();
        graph.getOutputList().forEach(output -> needed.add(output.getName()));
        GraphProto.Builder pruned = graph.toBuilder().clearNode().clearInitializer();
        for (int i = graph.getNodeCount() - 1; i >= 0; i--) { // a node comes after those it takes from
            NodeProto node = graph.getNode(i);
            if (node.getOutputList().stream().anyMatch(needed::contains)) {
                use(node, needed);
                pruned.addNode(0, node);
            }
        }
        graph.getInitializerList().stream()
                .filter(tensor -> needed.contains(tensor.getName()))
                .forEach(pruned::addInitializer);
        return pruned.build();
    }

    private static void use(NodeProto node, Set<String> needed) {
        needed.addAll(node.getInputList());
        for (AttributeProto attribute : node.getAttributeList()) {
            if (attribute.hasG()) {
                use(attribute.getG(), needed);
            }
            attribute.getGraphsList().forEach(nested -> use(nested, needed));
        }
    }

    /** A nested graph may take any value of those around it. */
    private static void use(GraphProto nested, Set<String> needed) {
        nested.getNodeList().forEach(node -> use(node, needed));
        nested.getOutputList().forEach(output -> needed.add(output.getName()));
    }
}
