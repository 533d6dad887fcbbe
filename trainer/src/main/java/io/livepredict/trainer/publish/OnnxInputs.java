package io.livepredict.trainer.publish;

import ai.onnx.proto.OnnxMl;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.LinkedHashSet;
import java.util.Set;

/** Which inputs an ONNX file asks for. */
final class OnnxInputs {
    private OnnxInputs() {}

    /** Names of the graph's inputs that have no default; empty if the bytes are not an ONNX model. */
    static Set<String> of(byte[] onnx) {
        Set<String> names = new LinkedHashSet<>();
        try {
            OnnxMl.GraphProto graph = OnnxMl.ModelProto.parseFrom(onnx).getGraph();
            graph.getInputList().forEach(input -> names.add(input.getName()));
            graph.getInitializerList().forEach(constant -> names.remove(constant.getName()));
        } catch (InvalidProtocolBufferException e) {
            return Set.of();
        }
        return names;
    }
}
