package io.livepredict.contract;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * One entity's features as of one moment, laid out as its {@link FeatureSchema} says. Mutable and reused on the hot
 * path: whoever receives one copies what it needs before returning. Not safe for use from several threads.
 */
public final class FeatureVector {
    /** Raw dense values, in schema order. */
    public final float[] dense;
    /** Codes of the last K event types, oldest first, 0 for padding (at the front). */
    public final int[] sequenceTypes;
    /** ln(1 + seconds since the event before) of those events, 0 for padding. */
    public final float[] sequenceGaps;
    /** Hashed ids, in schema order, 0 for absent. */
    public final int[] ids;

    public FeatureVector(int dense, int sequenceLength, int ids) {
        this.dense = new float[dense];
        this.sequenceTypes = new int[sequenceLength];
        this.sequenceGaps = new float[sequenceLength];
        this.ids = new int[ids];
    }

    public FeatureVector(FeatureSchema schema) {
        this(schema.dense().size(), schema.sequenceLength(), schema.ids().size());
    }

    /** Makes this vector equal to the other, which must have the same sizes. */
    public void set(FeatureVector other) {
        System.arraycopy(other.dense, 0, dense, 0, dense.length);
        System.arraycopy(other.sequenceTypes, 0, sequenceTypes, 0, sequenceTypes.length);
        System.arraycopy(other.sequenceGaps, 0, sequenceGaps, 0, sequenceGaps.length);
        System.arraycopy(other.ids, 0, ids, 0, ids.length);
    }

    /** A new vector with the same values. */
    public FeatureVector copy() {
        FeatureVector copy = new FeatureVector(dense.length, sequenceTypes.length, ids.length);
        copy.set(this);
        return copy;
    }

    /** The floats as little-endian bytes, bit for bit. */
    public static byte[] bytes(float[] values) {
        ByteBuffer buffer = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        buffer.asFloatBuffer().put(values);
        return buffer.array();
    }

    /** The ints as little-endian bytes. */
    public static byte[] bytes(int[] values) {
        ByteBuffer buffer = ByteBuffer.allocate(values.length * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        buffer.asIntBuffer().put(values);
        return buffer.array();
    }

    /** Reads what {@link #bytes(float[])} wrote into {@code into}; the sizes must agree. */
    public static void read(ByteBuffer bytes, float[] into) {
        check(bytes, into.length);
        bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(into);
    }

    /** Reads what {@link #bytes(int[])} wrote into {@code into}; the sizes must agree. */
    public static void read(ByteBuffer bytes, int[] into) {
        check(bytes, into.length);
        bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN).asIntBuffer().get(into);
    }

    private static void check(ByteBuffer bytes, int length) {
        if (bytes.remaining() != length * 4) {
            throw new IllegalArgumentException(
                    "wanted " + length * 4 + " bytes for " + length + " values, got " + bytes.remaining());
        }
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof FeatureVector v
                && Arrays.equals(dense, v.dense)
                && Arrays.equals(sequenceTypes, v.sequenceTypes)
                && Arrays.equals(sequenceGaps, v.sequenceGaps)
                && Arrays.equals(ids, v.ids);
    }

    @Override
    public int hashCode() {
        return 31
                        * (31 * (31 * Arrays.hashCode(dense) + Arrays.hashCode(sequenceTypes))
                                + Arrays.hashCode(sequenceGaps))
                + Arrays.hashCode(ids);
    }

    @Override
    public String toString() {
        return "FeatureVector[dense=" + Arrays.toString(dense) + ", types=" + Arrays.toString(sequenceTypes) + ", gaps="
                + Arrays.toString(sequenceGaps) + ", ids=" + Arrays.toString(ids) + "]";
    }
}
