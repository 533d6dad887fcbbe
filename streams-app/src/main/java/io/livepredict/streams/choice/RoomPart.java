package io.livepredict.streams.choice;

import io.livepredict.streams.state.StateReader;
import io.livepredict.streams.state.StateWriter;
import org.jspecify.annotations.Nullable;

/**
 * What one choice means for one room: somebody came to it, or somebody who was there came to another next.
 *
 * @param to the other room; empty if somebody came to this one
 * @param timeMillis event time of the choice
 */
record RoomPart(String to, long timeMillis) {
    private static final int VERSION = 1;

    void addTo(RoomStats room) {
        if (to.isEmpty()) {
            room.arrived(timeMillis);
        } else {
            room.moved(to, timeMillis);
        }
    }

    byte[] write(StateWriter writer) {
        writer.reset();
        writer.writeByte(VERSION);
        writer.writeLong(timeMillis);
        writer.writeString(to);
        return writer.toBytes();
    }

    /** What {@link #write} gave; null if it was another build's. */
    static @Nullable RoomPart read(byte[] value) {
        StateReader reader = new StateReader();
        reader.reset(value);
        try {
            if (reader.readByte() != VERSION) {
                return null;
            }
            long timeMillis = reader.readLong();
            return new RoomPart(reader.readString(), timeMillis);
        } catch (IndexOutOfBoundsException e) {
            return null;
        }
    }
}
