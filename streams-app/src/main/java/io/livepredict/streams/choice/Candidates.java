package io.livepredict.streams.choice;

import io.livepredict.contract.PairFeatures;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What one entity may choose at a moment, and the {@link PairFeatures} of each: rooms of its own past first, then those that
 * others went to from the room it came to last, then those with most arrivals; none that have ended. Reused from choice to
 * choice; not safe for use from several threads.
 */
public final class Candidates {
    private static final double NEVER = -4;
    private static final double HURRY_SECONDS = 60;

    private final ChoiceSettings settings;
    private final List<String> rooms = new ArrayList<>();
    private final Set<String> present = new HashSet<>();
    private float[] vectors = {};

    private OwnRooms own = new OwnRooms();
    private @Nullable RoomStats lastRoom;
    private long nowMillis;

    public Candidates(ChoiceSettings settings) {
        this.settings = settings;
    }

    /** Gathers them as of that moment, before whatever is chosen then has been counted. */
    public void gather(OwnRooms past, RoomBoard board, long timeMillis) {
        rooms.clear();
        present.clear();
        own = past;
        nowMillis = timeMillis;
        lastRoom = past.last().isEmpty() ? null : board.find(past.last());
        for (OwnRooms.Visits each : past.all()) {
            add(each.room, board);
        }
        if (lastRoom != null) {
            for (String to : lastRoom.destinations()) {
                add(to, board);
            }
        }
        for (String room : board.byArrivals()) {
            if (isFull()) {
                break;
            }
            add(room, board);
        }
    }

    private boolean isFull() {
        return rooms.size() >= settings.candidates();
    }

    private void add(String room, RoomBoard board) {
        RoomStats stats = isFull() ? null : board.find(room);
        if (stats == null
                || stats.lastArrivalMillis() < nowMillis - settings.endedAfter().toMillis()
                || !present.add(room)) {
            return;
        }
        int size = PairFeatures.ALL.size();
        int at = rooms.size() * size;
        if (vectors.length < at + size) {
            vectors = Arrays.copyOf(vectors, Math.max(at + size, 2 * vectors.length));
        }
        rooms.add(room);
        fill(room, stats, at);
    }

    /** The features of one pair, in the order of {@link PairFeatures#ALL}. */
    private void fill(String room, RoomStats stats, int from) {
        int at = from;
        OwnRooms.Visits visits = own.of(room);
        OwnRooms.Visits last = own.of(own.last());
        double fresh = visits == null ? 1 : 0;
        double hurry = last == null ? 0 : Math.exp(-seconds(last.lastMillis) / HURRY_SECONDS);
        for (int h = 0; h < RoomStats.HALF_LIVES.length; h++) {
            vectors[at++] = (float) Math.log1p(stats.arrivals(h, nowMillis));
        }
        vectors[at++] = (float) recency(stats.lastArrivalMillis());
        vectors[at++] = (float) fresh;
        vectors[at++] = (float) (fresh * vectors[from + 1]);
        vectors[at++] = (float) (fresh * vectors[from + 2]);
        vectors[at++] = visits == null ? 0 : (float) Math.log1p(visits.count);
        vectors[at++] = visits == null ? 0 : (float) visits.count / own.total();
        vectors[at++] = (float) (visits == null ? NEVER : recency(visits.lastMillis));
        double isLast = room.equals(own.last()) ? 1 : 0;
        double isNext = last != null && room.equals(last.next) ? 1 : 0;
        double moves = lastRoom == null ? 0 : lastRoom.moveShare(room);
        double cameSeconds = visits != null && visits.isHere() ? seconds(visits.lastMillis) : -1;
        boolean here = cameSeconds >= 0;
        vectors[at++] = (float) isLast;
        vectors[at++] = (float) isNext;
        vectors[at++] = here ? 1 : 0;
        vectors[at++] = here ? (float) Math.exp(-cameSeconds / HURRY_SECONDS) : 0;
        vectors[at++] = (float) (visits == null || here ? NEVER : recency(visits.leftMillis));
        vectors[at++] = (float) moves;
        vectors[at++] = (float) (isLast * hurry);
        vectors[at++] = (float) (isNext * hurry);
        vectors[at] = (float) (moves * hurry);
    }

    private double recency(long millis) {
        return -Math.log1p(seconds(millis)) / 5;
    }

    private double seconds(long sinceMillis) {
        return Math.max(0, nowMillis - sinceMillis) / 1_000.0;
    }

    /** How many there are. */
    public int size() {
        return rooms.size();
    }

    /** The room of that place. */
    public String room(int index) {
        return rooms.get(index);
    }

    /** The place of that room; -1 if it is none of them. */
    public int indexOf(String room) {
        return present.contains(room) ? rooms.indexOf(room) : -1;
    }

    /** The vectors, one after the other; more may follow behind the last. Valid until the next {@link #gather}. */
    public float[] vectors() {
        return vectors;
    }
}
