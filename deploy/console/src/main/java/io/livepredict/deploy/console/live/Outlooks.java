package io.livepredict.deploy.console.live;

import io.livepredict.avro.Outlook;
import io.livepredict.contract.Kind;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the topic {@code outlook} says of rooms or matches lately: who is present, what is expected of them, and what came of what
 * was expected. Holds the {@link #MOST} that were told of last. Not safe for use from several threads.
 */
final class Outlooks {
    static final int MOST = 20_000;

    /** What is expected now is the mean of so long: ten seconds alone have few snapshots where little happens. */
    private static final long EXPECTED_MILLIS = 60_000;

    /** What came true is told of so long. */
    private static final long KEPT_MILLIS = Duration.ofMinutes(5).toMillis();

    private final Map<Key, Room> rooms = new LinkedHashMap<>(256, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Room> eldest) {
            return size() > MOST;
        }
    };
    private final Map<Kind, Long> newest = new LinkedHashMap<>();

    private record Key(Kind kind, String context) {}

    private static final class Room {
        long newest = Long.MIN_VALUE;
        long present;
        final Map<String, NavigableMap<Long, Outlook>> byTarget = new LinkedHashMap<>();
    }

    /**
     * What came of a target in a room, over snapshots whose labels are known.
     *
     * @param expected the sum of their scores
     * @param happened the sum of their labels
     */
    record Came(long snapshots, double expected, double happened) {}

    void take(Kind kind, Outlook outlook) {
        long start = outlook.getBucketStart().toEpochMilli();
        Room room = rooms.computeIfAbsent(new Key(kind, outlook.getContextId()), absent -> new Room());
        if (start >= room.newest) {
            room.newest = start;
            room.present = outlook.getPresent();
        }
        newest.merge(kind, start, Math::max);
        NavigableMap<Long, Outlook> of = room.byTarget.computeIfAbsent(outlook.getTarget(), absent -> new TreeMap<>());
        of.put(start, outlook);
        while (of.firstKey() < of.lastKey() - KEPT_MILLIS) {
            of.pollFirstEntry();
        }
    }

    /** Whether anything is told of that kind's rooms. */
    boolean has(Kind kind) {
        return newest.containsKey(kind);
    }

    /** How many are present; 0 for a room of which nothing is told any more. */
    long present(Kind kind, String context) {
        Room room = current(kind, context);
        return room == null ? 0 : room.present;
    }

    /** How many of those present are expected to; NaN where nothing says. */
    double expected(Kind kind, String context, String target) {
        Room room = current(kind, context);
        NavigableMap<Long, Outlook> of = room == null ? null : room.byTarget.get(target);
        if (room == null || of == null) {
            return Double.NaN;
        }
        double scores = 0;
        long snapshots = 0;
        for (Outlook each : of.tailMap(room.newest - EXPECTED_MILLIS, false).values()) {
            scores += each.getScoreSum();
            snapshots += each.getSnapshots();
        }
        return snapshots == 0 ? Double.NaN : scores / snapshots * room.present;
    }

    /** What came of what was expected lately. */
    Came came(Kind kind, String context, String target) {
        Room room = rooms.get(new Key(kind, context));
        long snapshots = 0;
        double expected = 0;
        double happened = 0;
        if (room != null) {
            for (Outlook each :
                    room.byTarget.getOrDefault(target, new TreeMap<>()).values()) {
                Double labels = each.getLabelSum();
                if (labels != null) {
                    snapshots += each.getSnapshots();
                    expected += each.getScoreSum();
                    happened += labels;
                }
            }
        }
        return new Came(snapshots, expected, happened);
    }

    /** A room that is told of in the kind's newest ten seconds, or those before: all are told of at once, but not in one record. */
    private @Nullable Room current(Kind kind, String context) {
        Room room = rooms.get(new Key(kind, context));
        return room == null || room.newest < newest.getOrDefault(kind, Long.MIN_VALUE) - 20_000 ? null : room;
    }
}
