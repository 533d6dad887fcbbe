package io.livepredict.trainer.imports;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import java.util.List;
import java.util.Locale;

/** What to do at the exporter about a fault that shows here. */
final class Remedy {
    private Remedy() {}

    /** For operators that are not run. */
    static String ofOperators(ModelProto model) {
        List<String> domains = model.getGraph().getNodeList().stream()
                .map(NodeProto::getDomain)
                .distinct()
                .toList();
        if (domains.contains("com.microsoft")) {
            return "; save the model before ONNX Runtime optimises it, and quantise to the standard operators"
                    + " (quantize_static with QuantFormat.QDQ)";
        }
        return domains.stream().anyMatch(domain -> domain.startsWith("pkg.") || domain.contains("torch"))
                ? "; export with torch.onnx.export(…, dynamo=True, optimize=True)"
                : "";
    }

    /** For rows that see each other. */
    static String ofSharedRows(ModelProto model) {
        if (model.getGraph().getNodeList().stream()
                .anyMatch(node -> node.getOpType().equals("DynamicQuantizeLinear"))) {
            return "; dynamic quantisation takes one scale for a batch: quantise statically"
                    + " (onnxruntime.quantization.quantize_static)";
        }
        return model.getGraph().getNodeList().stream()
                        .anyMatch(node -> node.getOpType().equals("BatchNormalization") && node.getOutputCount() > 1)
                ? "; the model was exported while training: call model.eval() before the export"
                : "";
    }

    /** For what ONNX Runtime says of a model that it does not run. */
    static String ofFailure(String message) {
        String text = message.toLowerCase(Locale.ROOT);
        if (text.contains(GraphNames.ONLY_COLUMN)) {
            return "; the output has several columns: say which, --output TARGET=OUTPUT:COLUMN, counted from 0";
        }
        if (text.contains("opset") && (text.contains("under development") || text.contains("not supported"))
                || text.contains("unsupported model ir version")) {
            return "; export it for an older operator set (skl2onnx and onnxmltools: target_opset=, torch:"
                    + " opset_version=)";
        }
        if (text.contains("reshape") || text.contains("dimension") || text.contains("shape")) {
            return "; if it was exported for a fixed number of rows, export it with a free one (torch: dynamic_axes= or"
                    + " dynamic_shapes=, Keras: an input of shape (None, columns), skl2onnx: FloatTensorType([None,"
                    + " columns]))";
        }
        return "";
    }
}
