package io.livepredict.trainer.graph;

import java.util.List;

/**
 * The operators a graph may hold: those of ONNX's standard domain that the model families, losses and optimisers need.
 * Each one's meaning is ONNX's (opset {@link io.livepredict.contract.OnnxContract#OPSET}); {@link ShapeRules} says what
 * it gives, {@link Gradients} its derivative and {@link OnnxWriter} how it is written. Elementwise operators broadcast as
 * NumPy does.
 */
public sealed interface Op {
    /** The ONNX operator type. */
    default String type() {
        return getClass().getSimpleName();
    }

    /** Two floats (or integers) in, one out, elementwise. */
    sealed interface Binary extends Op {}

    record Add() implements Binary {}

    record Sub() implements Binary {}

    record Mul() implements Binary {}

    record Div() implements Binary {}

    /** Integer remainder, with the sign of the divisor. No gradient. */
    record Mod() implements Binary {}

    /** Two tensors in, a Boolean out. No gradient. */
    sealed interface Comparison extends Op {}

    record Greater() implements Comparison {}

    record Less() implements Comparison {}

    record Equal() implements Comparison {}

    record Not() implements Op {}

    record And() implements Op {}

    /** Condition, value where true, value where false. */
    record Where() implements Op {}

    /** One float tensor in, one of the same shape out. */
    sealed interface Unary extends Op {}

    record Identity() implements Unary {}

    record Neg() implements Unary {}

    record Exp() implements Unary {}

    record Log() implements Unary {}

    record Sqrt() implements Unary {}

    record Abs() implements Unary {}

    /** -1, 0 or 1. Its gradient is 0. */
    record Sign() implements Unary {}

    record Relu() implements Unary {}

    record Sigmoid() implements Unary {}

    record Tanh() implements Unary {}

    /** ln(1 + e^x), computed so that it does not overflow. */
    record Softplus() implements Unary {}

    /** Limits to [min, max]; the gradient passes inside and at the bounds. */
    record Clip(float min, float max) implements Unary {}

    record Softmax(int axis) implements Unary {}

    record LogSoftmax(int axis) implements Unary {}

    /** Folds those axes. */
    sealed interface Reduction extends Op {
        List<Integer> axes();

        boolean keepDims();
    }

    record ReduceSum(List<Integer> axes, boolean keepDims) implements Reduction {}

    record ReduceMean(List<Integer> axes, boolean keepDims) implements Reduction {}

    /** The gradient is shared evenly among equal maxima. */
    record ReduceMax(List<Integer> axes, boolean keepDims) implements Reduction {}

    record Reshape(Shape shape) implements Op {}

    record Squeeze(List<Integer> axes) implements Op {}

    record Unsqueeze(List<Integer> axes) implements Op {}

    record Transpose(List<Integer> permutation) implements Op {}

    record Concat(int axis) implements Op {}

    /** One output per size. */
    record Split(int axis, List<Integer> sizes) implements Op {}

    /** [start, end) of one axis of fixed size. */
    record Slice(int axis, int start, int end) implements Op {}

    /** Zeros before and after, along one axis. */
    record Pad(int axis, int before, int after) implements Op {}

    /** The first input broadcast to the shape of the second, whose values do not matter. Written as Shape and Expand. */
    record ExpandLike() implements Op {}

    /** Zeros in the shape of the input. Written as Shape and ConstantOfShape. */
    record ZerosLike() implements Op {}

    /** The size of one axis as a float scalar. Written as Shape, Cast and Squeeze. */
    record DimSize(int axis) implements Op {}

    record Cast(ElementType to) implements Op {}

    /** Matrix product of the last two axes; the axes before them broadcast. */
    record MatMul() implements Op {}

    /** op(A) · op(B), plus C where there is a third input, which broadcasts. */
    record Gemm(boolean transposeA, boolean transposeB) implements Op {}

    /** Rows (axis 0) of the first input at the indices of the second: [R, …] and [I…] give [I…, …]. */
    record Gather() implements Op {}

    /** Elements along an axis: data and indices of the same rank. */
    record GatherElements(int axis) implements Op {}

    /**
     * Rows of the first input (data, [R, …]) replaced by, or added to, those of the third (updates, [I…, …]) at the indices
     * of the second ([I…, 1], integers).
     */
    record ScatterND(boolean add) implements Op {}

    /** Elements along an axis replaced or added to: data, indices, updates (of the shape of indices). */
    record ScatterElements(int axis, boolean add) implements Op {}

    /** Convolution over [N, C, spatial…] with weights [F, C, kernel…] and, where there is a third input, a bias [F]. */
    record Conv(Window window) implements Op {}

    /** The transpose of a convolution: what its gradient by the input needs. */
    record ConvTranspose(Window window, List<Integer> outputPadding) implements Op {}

    /** Largest of each window of [N, C, spatial…]; the second output holds where it was in the flattened input. */
    record MaxPool(List<Integer> kernel, Window window) implements Op {}

    /**
     * How a window moves, one entry per spatial axis.
     *
     * @param strides steps between windows
     * @param padBefore zeros (for a pool: nothing) before the axis
     * @param padAfter and after it
     * @param dilations steps between the elements of a window
     */
    record Window(List<Integer> strides, List<Integer> padBefore, List<Integer> padAfter, List<Integer> dilations) {
        public Window {
            strides = List.copyOf(strides);
            padBefore = List.copyOf(padBefore);
            padAfter = List.copyOf(padAfter);
            dilations = List.copyOf(dilations);
            int axes = strides.size();
            if (padBefore.size() != axes || padAfter.size() != axes || dilations.size() != axes) {
                throw new GraphException("strides, pads and dilations must have one entry per spatial axis");
            }
            if (strides.stream().anyMatch(s -> s < 1) || dilations.stream().anyMatch(d -> d < 1)) {
                throw new GraphException("strides and dilations must be positive");
            }
        }

        /** Stride 1, no padding. */
        public static Window plain(int axes) {
            return new Window(fill(axes, 1), fill(axes, 0), fill(axes, 0), fill(axes, 1));
        }

        int axes() {
            return strides.size();
        }

        private static List<Integer> fill(int n, int value) {
            return java.util.Collections.nCopies(n, value);
        }
    }
}
