package io.livepredict.model;

import ai.onnx.proto.OnnxMl;
import com.google.protobuf.InvalidProtocolBufferException;

/** What an ONNX file must not contain: references to other files, and operators that are not of the standard domain. */
public final class OnnxFile {
    private OnnxFile() {}

    /**
     * Looks at every graph of the file, nested ones included.
     *
     * @throws RefusedException UNREADABLE, EXTERNAL_DATA or NON_STANDARD_OPERATOR
     */
    public static void check(byte[] onnx) throws RefusedException {
        OnnxMl.ModelProto model;
        try {
            model = OnnxMl.ModelProto.parseFrom(onnx);
        } catch (InvalidProtocolBufferException e) {
            throw new RefusedException(Refusal.UNREADABLE, "the bytes are not an ONNX file: " + e.getMessage(), e);
        }
        if (!model.hasGraph()) {
            throw new RefusedException(Refusal.UNREADABLE, "the ONNX file has no graph");
        }
        for (OnnxMl.OperatorSetIdProto opset : model.getOpsetImportList()) {
            requireStandard(opset.getDomain(), "an operator set");
        }
        if (model.getFunctionsCount() > 0) {
            throw new RefusedException(
                    Refusal.NON_STANDARD_OPERATOR, "the ONNX file defines functions of its own; inline them");
        }
        check(model.getGraph());
    }

    private static void check(OnnxMl.GraphProto graph) throws RefusedException {
        for (OnnxMl.TensorProto tensor : graph.getInitializerList()) {
            check(tensor);
        }
        for (OnnxMl.SparseTensorProto tensor : graph.getSparseInitializerList()) {
            check(tensor.getValues());
            check(tensor.getIndices());
        }
        for (OnnxMl.NodeProto node : graph.getNodeList()) {
            requireStandard(node.getDomain(), "operator " + node.getOpType());
            for (OnnxMl.AttributeProto attribute : node.getAttributeList()) {
                if (attribute.hasT()) {
                    check(attribute.getT());
                }
                for (OnnxMl.TensorProto tensor : attribute.getTensorsList()) {
                    check(tensor);
                }
                if (attribute.hasSparseTensor()) {
                    check(attribute.getSparseTensor().getValues());
                    check(attribute.getSparseTensor().getIndices());
                }
                if (attribute.hasG()) {
                    check(attribute.getG());
                }
                for (OnnxMl.GraphProto nested : attribute.getGraphsList()) {
                    check(nested);
                }
            }
        }
    }

    private static void check(OnnxMl.TensorProto tensor) throws RefusedException {
        if (tensor.getDataLocation() == OnnxMl.TensorProto.DataLocation.EXTERNAL || tensor.getExternalDataCount() > 0) {
            throw new RefusedException(
                    Refusal.EXTERNAL_DATA,
                    "tensor '" + tensor.getName() + "' lies in another file; save the model as one file");
        }
    }

    private static void requireStandard(String domain, String what) throws RefusedException {
        if (!domain.isEmpty() && !domain.equals("ai.onnx")) {
            throw new RefusedException(
                    Refusal.NON_STANDARD_OPERATOR,
                    what + " is of domain '" + domain + "'; only the standard ONNX domain is run");
        }
    }
}
