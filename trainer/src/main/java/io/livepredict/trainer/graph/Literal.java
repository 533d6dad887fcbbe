package io.livepredict.trainer.graph;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A tensor whose values are in the graph itself.
 *
 * @param type all sizes fixed
 * @param bytes the elements, little-endian, row-major; not to be changed
 */
record Literal(TensorType type, ByteBuffer bytes) {
    Literal {
        long wanted = type.shape().elements().factor() * type.element().bytes;
        if (!type.shape().isFixed() || bytes.remaining() != wanted) {
            throw new GraphException("a literal of " + type + " needs " + wanted + " bytes, got " + bytes.remaining());
        }
    }

    static Literal floats(Shape shape, float[] values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * 4).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return new Literal(new TensorType(ElementType.FLOAT, shape), bytes);
    }

    static Literal ints(Shape shape, int[] values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * 4).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asIntBuffer().put(values);
        return new Literal(new TensorType(ElementType.INT32, shape), bytes);
    }

    static Literal longs(Shape shape, long[] values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * 8).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asLongBuffer().put(values);
        return new Literal(new TensorType(ElementType.INT64, shape), bytes);
    }

    static Literal bools(Shape shape, boolean[] values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length);
        for (int i = 0; i < values.length; i++) {
            bytes.put(i, (byte) (values[i] ? 1 : 0));
        }
        return new Literal(new TensorType(ElementType.BOOL, shape), bytes);
    }
}
