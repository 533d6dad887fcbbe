package io.livepredict.streams.choice;

import io.livepredict.streams.state.StateReader;
import io.livepredict.streams.state.StateWriter;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The rooms that one entity has been in: how often, since when, and where it went from there. At most {@value #MOST}; then the
 * one that it came to longest ago is forgotten. What is late changes nothing that something newer has said. Not safe for use
 * from several threads.
 */
public final class OwnRooms {
    private static final int MOST = 64;
    private static final int VERSION = 1;

    /** What is remembered of one room. */
    static final class Visits {
        final String room;
        int count;
        long lastMillis = Long.MIN_VALUE;
        /** {@link Long#MIN_VALUE} while it is there. */
        long leftMillis = Long.MIN_VALUE;
        /** Where it went from here the last time; empty for nowhere yet. */
        String next = "";

        private Visits(String room) {
            this.room = room;
        }

        boolean isHere() {
            return leftMillis == Long.MIN_VALUE;
        }
    }

    private final Map<String, Visits> rooms = new LinkedHashMap<>();
    private String last = "";
    private long total;
    private long latestMillis = Long.MIN_VALUE;

    /** It came to that room. */
    public void came(String room, long timeMillis) {
        if (movesOn(timeMillis)) {
            Visits before = rooms.get(last);
            if (before != null) {
                before.next = room;
            }
            last = room;
        }
        Visits visits = rooms.computeIfAbsent(room, Visits::new);
        visits.count++;
        visits.lastMillis = Math.max(visits.lastMillis, timeMillis);
        if (timeMillis >= visits.leftMillis) {
            visits.leftMillis = Long.MIN_VALUE;
        }
        total++;
        latestMillis = Math.max(latestMillis, timeMillis);
        if (rooms.size() > MOST) {
            Visits oldest = visits;
            for (Visits each : rooms.values()) {
                oldest = each.lastMillis < oldest.lastMillis ? each : oldest;
            }
            rooms.remove(oldest.room);
            total -= oldest.count;
        }
    }

    /** Whether no arrival is known that is newer than that time: then it went on from {@link #last}. */
    boolean movesOn(long timeMillis) {
        Visits newest = rooms.get(last);
        return newest == null || timeMillis >= newest.lastMillis;
    }

    /** It left that room; returns whether that changes anything: it was there, and has not come again since. */
    public boolean left(String room, long timeMillis) {
        Visits visits = rooms.get(room);
        if (visits == null || timeMillis < Math.max(visits.lastMillis, visits.leftMillis)) {
            return false;
        }
        visits.leftMillis = timeMillis;
        latestMillis = Math.max(latestMillis, timeMillis);
        return true;
    }

    @Nullable
    Visits of(String room) {
        return rooms.get(room);
    }

    Collection<Visits> all() {
        return rooms.values();
    }

    /** The room it came to last; empty for none. */
    public String last() {
        return last;
    }

    /** Visits to all of these rooms. */
    long total() {
        return total;
    }

    /** As stored. */
    byte[] write(StateWriter writer) {
        writer.reset();
        writer.writeByte(VERSION);
        writer.writeLong(latestMillis);
        writer.writeString(last);
        writer.writeVarint(rooms.size());
        for (Visits each : rooms.values()) {
            writer.writeString(each.room);
            writer.writeVarint(each.count);
            writer.writeLong(each.lastMillis);
            writer.writeLong(each.leftMillis);
            writer.writeString(each.next);
        }
        return writer.toBytes();
    }

    /** What {@link #write} gave; null if it was another build's. */
    static @Nullable OwnRooms read(byte[] stored) {
        StateReader reader = new StateReader();
        reader.reset(stored);
        try {
            if (reader.readByte() != VERSION) {
                return null;
            }
            OwnRooms own = new OwnRooms();
            own.latestMillis = reader.readLong();
            own.last = reader.readString();
            for (int left = reader.readCount(); left > 0; left--) {
                Visits visits = new Visits(reader.readString());
                visits.count = reader.readCount();
                visits.lastMillis = reader.readLong();
                visits.leftMillis = reader.readLong();
                visits.next = reader.readString();
                own.rooms.put(visits.room, visits);
                own.total += visits.count;
            }
            return own;
        } catch (IndexOutOfBoundsException e) {
            return null;
        }
    }

    /** Whether nothing has happened since then, or the value can't be read. */
    static boolean isOlder(byte[] stored, long thanMillis) {
        if (stored.length < 1 + Long.BYTES || stored[0] != VERSION) {
            return true;
        }
        StateReader reader = new StateReader();
        reader.reset(stored);
        reader.readByte();
        return reader.readLong() < thanMillis;
    }
}
