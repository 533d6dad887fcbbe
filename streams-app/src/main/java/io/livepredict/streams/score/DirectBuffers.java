package io.livepredict.streams.score;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;

/**
 * Off-heap buffers by name, kept and reused from one model version to the next, so that a swap allocates nothing: freed
 * direct memory waits for the garbage collector, and frequent swaps would look like a leak. One thread's.
 */
public final class DirectBuffers {
    private final Map<String, ByteBuffer> buffers = new HashMap<>();

    /** A buffer in native order whose position is 0 and whose limit is {@code bytes}. Its content is what it was. */
    public ByteBuffer get(String name, int bytes) {
        ByteBuffer buffer = buffers.get(name);
        if (buffer == null || buffer.capacity() < bytes) {
            buffer = ByteBuffer.allocateDirect(Math.max(bytes, 64)).order(ByteOrder.nativeOrder());
            buffers.put(name, buffer);
        }
        return buffer.clear().limit(bytes);
    }
}
