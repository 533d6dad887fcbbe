package io.livepredict.model;

import ai.onnx.proto.OnnxMl;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.Set;
import java.util.TreeSet;

/**
 * What an ONNX file must not contain: references to other files, and operators other than those of ONNX itself and those of
 * classical machine learning ({@code ai.onnx.ml}) that ONNX Runtime runs.
 */
public final class OnnxFile {
    private static final String LEARNED = "ai.onnx.ml";

    /** What ONNX Runtime has kernels for on a CPU; on a GPU they run on the CPU, and the rows are copied there and back. */
    private static final Set<String> LEARNED_OPERATORS = Set.of(
            "ArrayFeatureExtractor",
            "Binarizer",
            "CastMap",
            "CategoryMapper",
            "DictVectorizer",
            "FeatureVectorizer",
            "Imputer",
            "LabelEncoder",
            "LinearClassifier",
            "LinearRegressor",
            "Normalizer",
            "OneHotEncoder",
            "SVMClassifier",
            "SVMRegressor",
            "Scaler",
            "TreeEnsemble",
            "TreeEnsembleClassifier",
            "TreeEnsembleRegressor",
            "ZipMap");

    private OnnxFile() {}

    /**
     * Looks at every graph of the file, nested ones included.
     *
     * @throws RefusedException UNREADABLE, EXTERNAL_DATA or NON_STANDARD_OPERATOR
     */
    public static void check(byte[] onnx) throws RefusedException {
        check(parse(onnx));
    }

    private static OnnxMl.ModelProto parse(byte[] onnx) throws RefusedException {
        try {
            return OnnxMl.ModelProto.parseFrom(onnx);
        } catch (InvalidProtocolBufferException e) {
            throw new RefusedException(Refusal.UNREADABLE, "the bytes are not an ONNX file: " + e.getMessage(), e);
        }
    }

    /**
     * The operators of the file that no GPU runs.
     *
     * @throws RefusedException UNREADABLE
     */
    public static Set<String> onCpuOnly(byte[] onnx) throws RefusedException {
        Set<String> operators = new TreeSet<>();
        for (OnnxMl.NodeProto node : parse(onnx).getGraph().getNodeList()) {
            if (node.getDomain().equals(LEARNED)) {
                operators.add(node.getOpType());
            }
        }
        return operators;
    }

    /** As {@link #check(byte[])}, of a file that is read already. */
    public static void check(OnnxMl.ModelProto model) throws RefusedException {
        if (!model.hasGraph()) {
            throw new RefusedException(Refusal.UNREADABLE, "the ONNX file has no graph");
        }
        for (OnnxMl.OperatorSetIdProto opset : model.getOpsetImportList()) {
            requireStandard(opset.getDomain(), "", "an operator set");
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
            requireStandard(node.getDomain(), node.getOpType(), "operator " + node.getOpType());
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

    private static void requireStandard(String domain, String operator, String what) throws RefusedException {
        boolean learned = domain.equals(LEARNED) && (operator.isEmpty() || LEARNED_OPERATORS.contains(operator));
        if (!domain.isEmpty() && !domain.equals("ai.onnx") && !learned) {
            throw new RefusedException(
                    Refusal.NON_STANDARD_OPERATOR,
                    what + " is of domain '" + domain + "'; only ONNX's own operators and, of ai.onnx.ml, those that"
                            + " ONNX Runtime runs are taken");
        }
    }
}
