package io.livepredict.streams.state;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Reads what {@link StateWriter} wrote. Reading past the end throws {@link IndexOutOfBoundsException}. Reused; not safe
 * for use from several threads.
 */
public final class StateReader {
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final byte[] NOTHING = {};

    private byte[] bytes = NOTHING;
    private int at;

    /** Starts reading that value. */
    public void reset(byte[] value) {
        bytes = value;
        at = 0;
    }

    /** How many bytes were read. */
    public int position() {
        return at;
    }

    /** Bytes left. */
    public int remaining() {
        return bytes.length - at;
    }

    public int readByte() {
        return bytes[at++] & 0xFF;
    }

    public long readVarint() {
        byte first = bytes[at];
        if (first >= 0) { // most are one byte
            at++;
            return first;
        }
        return bytes.length - at < Long.BYTES ? readVarintAtTheEnd() : readLongVarint();
    }

    /** Up to eight bytes at once: their sevens of bits are moved together in pairs, fours and eights. */
    private long readLongVarint() {
        long value = (long) LONG.get(bytes, at);
        long ends = ~value & 0x8080_8080_8080_8080L;
        if (ends == 0) {
            return readVarintAtTheEnd(); // nine or ten bytes
        }
        value &= ends ^ ends - 1;
        value = value & 0x007F_007F_007F_007FL | (value & 0x7F00_7F00_7F00_7F00L) >>> 1;
        value = value & 0x0000_3FFF_0000_3FFFL | (value & 0x3FFF_0000_3FFF_0000L) >>> 2;
        value = value & 0x0000_0000_0FFF_FFFFL | (value & 0x0FFF_FFFF_0000_0000L) >>> 4;
        at += (Long.numberOfTrailingZeros(ends) >>> 3) + 1;
        return value;
    }

    private long readVarintAtTheEnd() {
        long value = 0;
        for (int shift = 0; shift <= 63; shift += 7) {
            byte next = bytes[at++];
            value |= (next & 0x7FL) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new IndexOutOfBoundsException("a variable-length integer of more than ten bytes");
    }

    /** A variable-length integer that must fit an int and be at least 0. */
    public int readCount() {
        long value = readVarint();
        if (value < 0 || value > Integer.MAX_VALUE) {
            throw new IndexOutOfBoundsException("a count of " + value);
        }
        return (int) value;
    }

    public long readSigned() {
        long value = readVarint();
        return (value >>> 1) ^ -(value & 1);
    }

    public int readInt() {
        int value = (int) INT.get(bytes, at);
        at += 4;
        return value;
    }

    public long readLong() {
        long value = (long) LONG.get(bytes, at);
        at += 8;
        return value;
    }

    public float readFloat() {
        return Float.intBitsToFloat(readInt());
    }

    /** So many of them, one after the other. */
    public void readFloats(float[] into, int from, int count) {
        byte[] source = bytes;
        int place = at;
        for (int i = from; i < from + count; i++) {
            into[i] = Float.intBitsToFloat((int) INT.get(source, place));
            place += 4;
        }
        at = place;
    }

    public double readDouble() {
        return Double.longBitsToDouble(readLong());
    }

    public void readBytes(byte[] into, int from, int length) {
        if (length < 0 || length > remaining()) {
            throw new IndexOutOfBoundsException(length + " bytes wanted, " + remaining() + " left");
        }
        System.arraycopy(bytes, at, into, from, length);
        at += length;
    }

    public String readString() {
        int length = skipString();
        return new String(bytes, at - length, length, StandardCharsets.UTF_8);
    }

    /**
     * Passes over a string.
     *
     * @return how many bytes of UTF-8 it has, which are those before {@link #position} now
     */
    public int skipString() {
        int length = readCount();
        if (length > remaining()) {
            throw new IndexOutOfBoundsException("a string of " + length + " bytes, " + remaining() + " left");
        }
        at += length;
        return length;
    }
}
