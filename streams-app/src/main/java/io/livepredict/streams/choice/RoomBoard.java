package io.livepredict.streams.choice;

import java.util.Comparator;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;
import org.jspecify.annotations.Nullable;

/**
 * What is known of every room now, and which have most arrivals. One thread writes, any number read: what they find may
 * change between two calls, and a room's statistics never do once they are here.
 */
public final class RoomBoard {
    /** A room's place in the order. */
    private record Place(double rank, String room) {}

    private record Entry(RoomStats stats, Place place) {}

    private static final Comparator<Place> ORDER =
            Comparator.comparingDouble(Place::rank).reversed().thenComparing(Place::room);

    private final Map<String, Entry> rooms = new ConcurrentHashMap<>();
    private final ConcurrentSkipListSet<Place> order = new ConcurrentSkipListSet<>(ORDER);

    /** Sets what is known of a room; the statistics must not be changed any more. */
    public void put(String room, RoomStats stats) {
        Place place = new Place(stats.rank(), room);
        Entry before = rooms.put(room, new Entry(stats, place));
        if (before == null || !before.place.equals(place)) {
            order.add(place);
            if (before != null) {
                order.remove(before.place);
            }
        }
    }

    /** Forgets a room. */
    public void remove(String room) {
        Entry before = rooms.remove(room);
        if (before != null) {
            order.remove(before.place);
        }
    }

    @Nullable
    RoomStats find(String room) {
        Entry found = rooms.get(room);
        return found == null ? null : found.stats;
    }

    /** Rooms, those with most arrivals first. */
    Iterable<String> byArrivals() {
        return () -> {
            var places = order.iterator();
            return new Iterator<>() {
                @Override
                public boolean hasNext() {
                    return places.hasNext();
                }

                @Override
                public String next() {
                    return places.next().room;
                }
            };
        };
    }
}
