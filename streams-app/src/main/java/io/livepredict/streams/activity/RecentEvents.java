package io.livepredict.streams.activity;

import io.livepredict.contract.FeatureVector;
import io.livepredict.streams.state.StateReader;
import io.livepredict.streams.state.StateWriter;

/**
 * The last K events by time (those of equal time by arrival), and the one before them, which the first gap needs. Oldest
 * first. An event that follows all others, as most do, leaves the gaps between those as they were read: they are copied, not
 * encoded again.
 */
final class RecentEvents {
    private final int capacity;
    private final byte[] types;
    private final long[] times;
    private int size;

    /** What has been added since {@link #read}. */
    private Added added = Added.OTHERS;
    /** In the value that was read: where the second gap begins, the last one, and where that ends. */
    private int secondGap;

    private int lastGap;
    private int gapsEnd;

    private enum Added {
        NONE,
        ONE_THAT_FOLLOWS,
        /** Whether the oldest event was dropped to make room for it. */
        ONE_IN_PLACE,
        OTHERS
    }

    RecentEvents(int sequenceLength) {
        capacity = sequenceLength == 0 ? 0 : sequenceLength + 1;
        types = new byte[capacity];
        times = new long[capacity];
    }

    void clear() {
        size = 0;
        added = Added.OTHERS;
    }

    void add(long timeMillis, int type) {
        int place = size;
        while (place > 0 && times[place - 1] > timeMillis) {
            place--;
        }
        added = added != Added.NONE || place < size || size == 0
                ? Added.OTHERS
                : size < capacity ? Added.ONE_THAT_FOLLOWS : Added.ONE_IN_PLACE;
        if (size < capacity) {
            System.arraycopy(types, place, types, place + 1, size - place);
            System.arraycopy(times, place, times, place + 1, size - place);
            size++;
        } else if (place == 0) {
            return; // older than all that are kept
        } else {
            place--;
            System.arraycopy(types, 1, types, 0, place);
            System.arraycopy(times, 1, times, 0, place);
        }
        types[place] = (byte) type;
        times[place] = timeMillis;
    }

    /** @param source the value that was read */
    void write(StateWriter out, long latestMillis, byte[] source) {
        out.writeVarint(size);
        out.writeBytes(types, 0, size);
        if (added == Added.ONE_THAT_FOLLOWS || added == Added.ONE_IN_PLACE) {
            out.writeVarint(latestMillis - times[size - 1]);
            out.writeVarint(times[size - 1] - times[size - 2]);
            int end = added == Added.ONE_IN_PLACE ? lastGap : gapsEnd;
            out.writeBytes(source, secondGap, end - secondGap);
            return;
        }
        long after = latestMillis;
        for (int i = size - 1; i >= 0; i--) {
            out.writeVarint(after - times[i]);
            after = times[i];
        }
    }

    void read(StateReader in, long latestMillis) {
        size = in.readCount();
        if (size > capacity) {
            throw new IndexOutOfBoundsException(size + " recent events");
        }
        in.readBytes(types, 0, size);
        long after = latestMillis;
        lastGap = in.position();
        secondGap = lastGap;
        for (int i = size - 1; i >= 0; i--) {
            lastGap = in.position();
            after -= in.readVarint();
            times[i] = after;
            secondGap = i == size - 1 ? in.position() : secondGap;
        }
        gapsEnd = in.position();
        added = Added.NONE;
    }

    void fill(FeatureVector vector) {
        int length = vector.sequenceTypes.length;
        int from = Math.max(0, size - length);
        int padding = length - (size - from);
        for (int i = 0; i < padding; i++) {
            vector.sequenceTypes[i] = 0;
            vector.sequenceGaps[i] = 0;
        }
        for (int i = from; i < size; i++) {
            int at = padding + i - from;
            vector.sequenceTypes[at] = types[i] + 1;
            vector.sequenceGaps[at] = i == 0 ? 0 : LogSeconds.of(times[i] - times[i - 1]);
        }
    }

    /** Takes over the events of the other whose types are still there. */
    void copy(RecentEvents other, LayoutMapping mapping) {
        clear();
        for (int i = 0; i < other.size; i++) {
            int type = mapping.types[other.types[i]];
            if (type >= 0) {
                add(other.times[i], type);
            }
        }
    }
}
