package io.livepredict.trainer.imports;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Small pieces of ONNX graphs, and what values say of themselves. */
final class Onnx {
    private Onnx() {}

    static NodeProto.Builder node(String operator, String output, String... inputs) {
        return NodeProto.newBuilder()
                .setOpType(operator)
                .addAllInput(List.of(inputs))
                .addOutput(output);
    }

    static NodeProto.Builder cast(String output, String input, DataType to) {
        return node("Cast", output, input).addAttribute(attribute("to", to.getNumber()));
    }

    static AttributeProto attribute(String name, long value) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeProto.AttributeType.INT)
                .setI(value)
                .build();
    }

    /** The attribute of that name, or null. */
    static @Nullable AttributeProto attribute(NodeProto node, String name) {
        return node.getAttributeList().stream()
                .filter(attribute -> attribute.getName().equals(name))
                .findFirst()
                .orElse(null);
    }

    static TensorProto longs(String name, long... values) {
        TensorProto.Builder tensor = TensorProto.newBuilder()
                .setName(name)
                .setDataType(DataType.INT64.getNumber())
                .addDims(values.length);
        for (long value : values) {
            tensor.addInt64Data(value);
        }
        return tensor.build();
    }

    static TensorProto strings(String name, String[] values) {
        TensorProto.Builder tensor = TensorProto.newBuilder()
                .setName(name)
                .setDataType(DataType.STRING.getNumber())
                .addDims(values.length);
        for (String value : values) {
            tensor.addStringData(ByteString.copyFromUtf8(value));
        }
        return tensor.build();
    }

    /** [N, width]. */
    static ValueInfoProto rows(String name, DataType type, int width) {
        return ValueInfoProto.newBuilder()
                .setName(name)
                .setType(TypeProto.newBuilder()
                        .setTensorType(TypeProto.Tensor.newBuilder()
                                .setElemType(type.getNumber())
                                .setShape(TensorShapeProto.newBuilder()
                                        .addDim(TensorShapeProto.Dimension.newBuilder()
                                                .setDimParam("N"))
                                        .addDim(TensorShapeProto.Dimension.newBuilder()
                                                .setDimValue(width)))))
                .build();
    }

    /** UNDEFINED for what is not a tensor. */
    static DataType type(ValueInfoProto value) {
        DataType type = DataType.forNumber(value.getType().getTensorType().getElemType());
        return type == null ? DataType.UNDEFINED : type;
    }

    /** -1 where it is not said. */
    static int rank(ValueInfoProto value) {
        TypeProto.Tensor tensor = value.getType().getTensorType();
        return tensor.hasShape() ? tensor.getShape().getDimCount() : -1;
    }

    /** -1 where it is not said. */
    static long size(ValueInfoProto value, int dimension) {
        if (rank(value) <= dimension) {
            return -1;
        }
        TensorShapeProto.Dimension dim =
                value.getType().getTensorType().getShape().getDim(dimension);
        return dim.hasDimValue() && dim.getDimValue() > 0 ? dim.getDimValue() : -1;
    }

    static String shape(ValueInfoProto value) {
        return rank(value) < 0
                ? "of unknown shape"
                : value.getType().getTensorType().getShape().getDimList().stream()
                        .map(dim -> dim.hasDimValue()
                                ? Long.toString(dim.getDimValue())
                                : dim.getDimParam().isEmpty() ? "?" : dim.getDimParam())
                        .collect(Collectors.joining(", ", "[", "]"));
    }

    static String words(DataType type) {
        return type.name().toLowerCase(Locale.ROOT);
    }

    static String names(Collection<String> named) {
        return named.stream().map(name -> "'" + name + "'").collect(Collectors.joining(", "));
    }

    static String text(ByteString bytes) {
        return bytes.toStringUtf8();
    }
}
