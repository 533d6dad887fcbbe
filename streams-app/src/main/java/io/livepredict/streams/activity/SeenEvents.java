package io.livepredict.streams.activity;

import io.livepredict.streams.state.StateReader;
import io.livepredict.streams.state.StateWriter;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The hashes of the last {@value #CAPACITY} event ids, to know a repeat. Six bytes each: a new event is taken for a
 * repeat once in four million million, and an entity's value stays small.
 */
final class SeenEvents {
    static final int CAPACITY = 64;
    private static final int WIDTH = 6;
    private static final long MASK = (1L << 8 * WIDTH) - 1;
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    /** Two spare bytes, so that the last hash can be read as a long. */
    private final byte[] ring = new byte[CAPACITY * WIDTH + Long.BYTES - WIDTH];

    private int size;
    /** Where the next goes once the ring is full. */
    private int next;

    void clear() {
        size = 0;
        next = 0;
    }

    boolean contains(long hash) {
        long wanted = hash & MASK;
        for (int at = 0, end = size * WIDTH; at < end; at += WIDTH) {
            if (((long) LONG.get(ring, at) & MASK) == wanted) {
                return true;
            }
        }
        return false;
    }

    void add(long hash) {
        int place = size < CAPACITY ? size++ : next;
        next = place + 1 == CAPACITY ? 0 : place + 1;
        long rest = hash & MASK;
        for (int i = 0; i < WIDTH; i++) {
            ring[place * WIDTH + i] = (byte) rest;
            rest >>>= 8;
        }
    }

    void write(StateWriter out) {
        out.writeByte(size);
        out.writeByte(next);
        out.writeBytes(ring, 0, size * WIDTH);
    }

    void read(StateReader in) {
        size = in.readByte();
        next = in.readByte();
        if (size > CAPACITY || next >= CAPACITY) {
            throw new IndexOutOfBoundsException(size + " seen events, next at " + next);
        }
        in.readBytes(ring, 0, size * WIDTH);
    }

    /** Takes over what the other has. */
    void copy(SeenEvents other) {
        size = other.size;
        next = other.next;
        System.arraycopy(other.ring, 0, ring, 0, ring.length);
    }
}
