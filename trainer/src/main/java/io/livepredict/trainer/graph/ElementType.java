package io.livepredict.trainer.graph;

/** What a tensor is made of. */
public enum ElementType {
    FLOAT(1, 4),
    INT32(6, 4),
    INT64(7, 8),
    BOOL(9, 1);

    /** The code of ONNX's TensorProto.DataType. */
    public final int onnxCode;
    /** Size of one element in memory. */
    public final int bytes;

    ElementType(int onnxCode, int bytes) {
        this.onnxCode = onnxCode;
        this.bytes = bytes;
    }
}
