package io.livepredict.trainer.graph;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;

/**
 * A tensor in memory that a {@link CompiledGraph} reads or writes in place: no copy between Java and the runtime. Several
 * may look at the same memory. Not safe for use from several threads.
 */
public final class HostTensor {
    private final ElementType element;
    private final long[] shape;
    private final ByteBuffer memory;

    private HostTensor(ElementType element, long[] shape, ByteBuffer memory) {
        this.element = element;
        this.shape = shape;
        this.memory = memory;
    }

    /** Zeros. */
    public static HostTensor allocate(ElementType element, long... shape) {
        long bytes = element.bytes * count(shape);
        return new HostTensor(
                element,
                shape.clone(),
                ByteBuffer.allocateDirect(Math.toIntExact(bytes)).order(ByteOrder.nativeOrder()));
    }

    /** A tensor over a part of this one's memory, of the same element type. */
    public HostTensor view(int firstElement, long... viewShape) {
        int start = firstElement * element.bytes;
        int bytes = Math.toIntExact(element.bytes * count(viewShape));
        return new HostTensor(
                element, viewShape.clone(), memory.slice(start, bytes).order(ByteOrder.nativeOrder()));
    }

    public ElementType element() {
        return element;
    }

    public long[] shape() {
        return shape.clone();
    }

    /** How many elements. */
    public int size() {
        return memory.capacity() / element.bytes;
    }

    /** The memory, in native order; position and limit are the caller's own. */
    public ByteBuffer bytes() {
        return memory.duplicate().order(ByteOrder.nativeOrder());
    }

    public FloatBuffer floats() {
        return memory.asFloatBuffer();
    }

    public IntBuffer ints() {
        return memory.asIntBuffer();
    }

    public LongBuffer longs() {
        return memory.asLongBuffer();
    }

    private static long count(long[] shape) {
        long count = 1;
        for (long size : shape) {
            count *= size;
        }
        return count;
    }
}
