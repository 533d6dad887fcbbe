package io.livepredict.deploy.console.live;

import io.livepredict.avro.Outlook;
import io.livepredict.contract.Kind;
import java.time.Duration;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the topic {@code outlook} says of rooms or matches lately: who is present, what is expected of them, and what came of what
 * was expected. Holds the {@link #MOST} that were told of last, and of those the last five minutes. Not safe for use from
 * several threads.
 */
final class Outlooks {
    static final int MOST = 20_000;

    /** What is expected now is the mean of so long: ten seconds alone have few snapshots where little happens. */
    private static final long EXPECTED_MILLIS = 60_000;

    /** What came true is told of so long. */
    private static final long KEPT_MILLIS = Duration.ofMinutes(5).toMillis();

    /** Records come every ten seconds while there are rooms; after so long without any, nothing is told any more. */
    private static final long SILENT_MILLIS = Duration.ofMinutes(2).toMillis();

    private final InstantSource clock;
    private final Map<Key, Room> rooms = new LinkedHashMap<>(256, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Room> eldest) {
            return size() > MOST;
        }
    };
    private final Map<Kind, Long> newest = new EnumMap<>(Kind.class);
    /** When the last record came, by the clock. */
    private final Map<Kind, Long> came = new EnumMap<>(Kind.class);

    Outlooks(InstantSource clock) {
        this.clock = clock;
    }

    private record Key(Kind kind, String context) {}

    private static final class Room {
        long newest = Long.MIN_VALUE;
        long present;
        final Map<String, NavigableMap<Long, Bucket>> byTarget = new LinkedHashMap<>();
    }

    /** @param labels the sum of the labels; NaN while they are not known */
    private record Bucket(long snapshots, double scores, double labels) {}

    /**
     * What came of a target in a room, over snapshots whose labels are known.
     *
     * @param expected the sum of their scores
     * @param happened the sum of their labels
     */
    record Came(long snapshots, double expected, double happened) {}

    void take(Kind kind, Outlook outlook) {
        long start = outlook.getBucketStart().toEpochMilli();
        long before = newest.getOrDefault(kind, Long.MIN_VALUE);
        long oldest = Math.max(before, start) - KEPT_MILLIS;
        if (start < oldest) {
            return;
        }
        came.put(kind, clock.millis());
        if (start > before) {
            newest.put(kind, start);
            rooms.entrySet().removeIf(each -> each.getKey().kind() == kind && each.getValue().newest < oldest);
        }
        Room room = rooms.computeIfAbsent(new Key(kind, outlook.getContextId()), absent -> new Room());
        if (start >= room.newest) {
            room.newest = start;
            room.present = outlook.getPresent();
        }
        NavigableMap<Long, Bucket> of = room.byTarget.computeIfAbsent(outlook.getTarget(), absent -> new TreeMap<>());
        Double labels = outlook.getLabelSum();
        of.put(start, new Bucket(outlook.getSnapshots(), outlook.getScoreSum(), labels == null ? Double.NaN : labels));
        of.headMap(oldest).clear();
    }

    /** Whether anything is told of that kind's rooms now: false once nothing came for two minutes. */
    boolean has(Kind kind) {
        Long last = came.get(kind);
        return last != null && clock.millis() - last < SILENT_MILLIS;
    }

    /** How many are present; 0 for a room of which nothing is told any more. */
    long present(Kind kind, String context) {
        Room room = current(kind, context);
        return room == null ? 0 : room.present;
    }

    /** How many of those present are expected to; NaN where nothing says. */
    double expected(Kind kind, String context, String target) {
        Room room = current(kind, context);
        NavigableMap<Long, Bucket> of = room == null ? null : room.byTarget.get(target);
        if (room == null || of == null) {
            return Double.NaN;
        }
        double scores = 0;
        long snapshots = 0;
        for (Bucket each : of.tailMap(room.newest - EXPECTED_MILLIS, false).values()) {
            scores += each.scores();
            snapshots += each.snapshots();
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
            for (Bucket each :
                    room.byTarget.getOrDefault(target, new TreeMap<>()).values()) {
                if (!Double.isNaN(each.labels())) {
                    snapshots += each.snapshots();
                    expected += each.scores();
                    happened += each.labels();
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
