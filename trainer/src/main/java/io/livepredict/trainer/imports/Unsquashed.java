package io.livepredict.trainer.imports;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.livepredict.contract.OnnxContract;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A model without the last functions that press its scores into 0..1: near 0 and 1 they hide what differs before them. Only
 * to see whether rows are scored by themselves.
 */
final class Unsquashed {
    private static final Set<String> SQUASH = Set.of("Sigmoid", "Softmax", "HardSigmoid", "Tanh", "Clip");
    private static final Set<String> COMBINE = Set.of("Concat", "Add", "Sub", "Mul", "Div", "Sum", "Where");
    private static final String NONE = "NONE";
    private static final String AFTER = "post_transform";

    private Unsquashed() {}

    /** The changed model; nothing where there is no such function, or none that the graph shows. */
    static Optional<byte[]> of(byte[] onnx) {
        ModelProto.Builder model;
        try {
            model = ModelProto.parseFrom(onnx).toBuilder();
        } catch (InvalidProtocolBufferException e) {
            return Optional.empty();
        }
        GraphProto.Builder graph = model.getGraphBuilder();
        Map<String, Integer> makers = new HashMap<>();
        for (int i = 0; i < graph.getNodeCount(); i++) {
            for (String output : graph.getNode(i).getOutputList()) {
                makers.put(output, i);
            }
        }
        boolean changed = false;
        Set<String> seen = new HashSet<>();
        Deque<String> open = new ArrayDeque<>(Set.of(OnnxContract.SCORES));
        while (!open.isEmpty()) {
            String value = open.pop();
            Integer at = makers.get(value);
            if (at == null || !seen.add(value)) {
                continue;
            }
            NodeProto node = graph.getNode(at);
            String operator = node.getOpType();
            if (SQUASH.contains(operator) || operator.equals("Normalizer")) {
                graph.setNode(at, Onnx.node("Identity", node.getOutput(0), node.getInput(0)));
                changed = true;
                if (operator.equals("Normalizer")) {
                    open.push(node.getInput(0));
                }
            } else if (Onnx.attribute(node, AFTER) != null) {
                graph.setNode(at, withoutLastFunction(node));
                changed = true;
            } else if (COMBINE.contains(operator)) {
                node.getInputList().forEach(open::push);
            } else if (Candidates.ARRANGE.contains(operator) && node.getInputCount() > 0) {
                open.push(node.getInput(0));
            }
        }
        return changed ? Optional.of(model.build().toByteArray()) : Optional.empty();
    }

    private static NodeProto withoutLastFunction(NodeProto node) {
        NodeProto.Builder without = node.toBuilder();
        for (AttributeProto.Builder attribute : without.getAttributeBuilderList()) {
            if (attribute.getName().equals(AFTER)) {
                attribute.setS(ByteString.copyFromUtf8(NONE));
            }
        }
        return without.build();
    }
}
