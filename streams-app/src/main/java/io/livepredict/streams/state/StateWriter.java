package io.livepredict.streams.state;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Writes a compact binary value: variable-length integers, little-endian fixed ones. Grows as needed and is reused; not
 * safe for use from several threads.
 */
public final class StateWriter {
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private byte[] bytes = new byte[1024];
    private int at;

    /** Starts a new value. */
    public void reset() {
        at = 0;
    }

    /** Bytes written so far. */
    public int size() {
        return at;
    }

    public void writeByte(int value) {
        room(1);
        bytes[at++] = (byte) value;
    }

    /** Seven bits per byte, lowest first; a negative value takes ten bytes. */
    public void writeVarint(long value) {
        room(10);
        if ((value & ~0x7FL) == 0) { // most are
            bytes[at++] = (byte) value;
        } else if (value >>> 56 == 0) {
            writeLongVarint(value);
        } else {
            writeVarintOfManyBytes(value);
        }
    }

    /** Up to eight bytes at once: the sevens of bits are moved apart by eights, fours and pairs. */
    private void writeLongVarint(long value) {
        long spread = value & 0x0000_0000_0FFF_FFFFL | (value & 0x00FF_FFFF_F000_0000L) << 4;
        spread = spread & 0x0000_3FFF_0000_3FFFL | (spread & 0x0FFF_C000_0FFF_C000L) << 2;
        spread = spread & 0x007F_007F_007F_007FL | (spread & 0x3F80_3F80_3F80_3F80L) << 1;
        int last = (Long.SIZE - 1 - Long.numberOfLeadingZeros(spread)) >>> 3;
        LONG.set(bytes, at, spread | 0x8080_8080_8080_8080L & (1L << 8 * last) - 1);
        at += last + 1;
    }

    private void writeVarintOfManyBytes(long value) {
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            bytes[at++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[at++] = (byte) rest;
    }

    /** As {@link #writeVarint}, with small negative values small too. */
    public void writeSigned(long value) {
        writeVarint((value << 1) ^ (value >> 63));
    }

    public void writeInt(int value) {
        room(4);
        INT.set(bytes, at, value);
        at += 4;
    }

    public void writeLong(long value) {
        room(8);
        LONG.set(bytes, at, value);
        at += 8;
    }

    public void writeFloat(float value) {
        writeInt(Float.floatToRawIntBits(value));
    }

    /** So many of them, one after the other. */
    public void writeFloats(float[] values, int from, int count) {
        room(4 * count);
        byte[] into = bytes;
        int place = at;
        for (int i = from; i < from + count; i++) {
            INT.set(into, place, Float.floatToRawIntBits(values[i]));
            place += 4;
        }
        at = place;
    }

    public void writeDouble(double value) {
        writeLong(Double.doubleToRawLongBits(value));
    }

    public void writeBytes(byte[] value, int from, int length) {
        room(length);
        System.arraycopy(value, from, bytes, at, length);
        at += length;
    }

    /** UTF-8 after its length. */
    public void writeString(String value) {
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        writeVarint(utf8.length);
        writeBytes(utf8, 0, utf8.length);
    }

    /** A copy of what was written. */
    public byte[] toBytes() {
        return Arrays.copyOf(bytes, at);
    }

    private void room(int more) {
        if (at + more > bytes.length) {
            grow(more);
        }
    }

    private void grow(int more) {
        bytes = Arrays.copyOf(bytes, Math.max(at + more, 2 * bytes.length));
    }
}
