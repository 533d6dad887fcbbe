package io.livepredict.deploy.console.live;

import io.livepredict.avro.Outlook;
import io.livepredict.contract.Kind;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the topic {@code outlook} says of rooms or matches lately: who is present, what is expected of them, and what came of what
 * was expected. Of the rooms that were told of last it holds the last five minutes. Not safe for use from several threads.
 */
final class Outlooks {
    /** Pairs of room and target: a kilobyte each, however many targets there are. */
    static final int MOST = 80_000;

    private static final long BUCKET_MILLIS = 10_000;

    /** What is expected now is the mean of so long: ten seconds alone have few snapshots where little happens. */
    private static final long EXPECTED_MILLIS = 60_000;

    /** What came true is told of so long. */
    private static final long KEPT_MILLIS = Duration.ofMinutes(5).toMillis();

    /** Records come every ten seconds while there are rooms; after so long without any, nothing is told any more. */
    private static final long SILENT_MILLIS = Duration.ofMinutes(2).toMillis();

    private final InstantSource clock;
    private final int most;
    /** Those told of or asked for last come last. */
    private final Map<Key, Room> rooms = new LinkedHashMap<>(256, 0.75f, true);

    private int pairs;
    private final Map<Kind, Long> newest = new EnumMap<>(Kind.class);
    /** When the last record came, by the clock. */
    private final Map<Kind, Long> came = new EnumMap<>(Kind.class);

    /** @param most how many pairs of room and target are held */
    Outlooks(InstantSource clock, int most) {
        this.clock = clock;
        this.most = most;
    }

    private record Key(Kind kind, String context) {}

    private static final class Room {
        long newest = Long.MIN_VALUE;
        long present;
        final Map<String, Buckets> byTarget = new LinkedHashMap<>();
    }

    /** The last five minutes, each ten seconds in its place; labels are NaN while they are not known. */
    private static final class Buckets {
        static final int PLACES = (int) (KEPT_MILLIS / BUCKET_MILLIS) + 1;

        final long[] starts = new long[PLACES];
        final long[] snapshots = new long[PLACES];
        final double[] scores = new double[PLACES];
        final double[] labels = new double[PLACES];

        Buckets() {
            Arrays.fill(starts, Long.MIN_VALUE);
        }

        void put(long start, Outlook outlook) {
            int place = (int) Math.floorMod(Math.floorDiv(start, BUCKET_MILLIS), (long) PLACES);
            Double sum = outlook.getLabelSum();
            starts[place] = start;
            snapshots[place] = outlook.getSnapshots();
            scores[place] = outlook.getScoreSum();
            labels[place] = sum == null ? Double.NaN : sum;
        }
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
        long before = newest.getOrDefault(kind, Long.MIN_VALUE);
        long oldest = Math.max(before, start) - KEPT_MILLIS;
        if (start < oldest) {
            return;
        }
        came.put(kind, clock.millis());
        if (start > before) {
            newest.put(kind, start);
            forget(kind, oldest);
        }
        Room room = rooms.computeIfAbsent(new Key(kind, outlook.getContextId()), absent -> new Room());
        if (start >= room.newest) {
            room.newest = start;
            room.present = outlook.getPresent();
        }
        room.byTarget
                .computeIfAbsent(outlook.getTarget(), absent -> {
                    pairs++;
                    return new Buckets();
                })
                .put(start, outlook);
        while (pairs > most && rooms.size() > 1) {
            Iterator<Room> eldest = rooms.values().iterator();
            pairs -= eldest.next().byTarget.size();
            eldest.remove();
        }
    }

    private void forget(Kind kind, long before) {
        rooms.entrySet().removeIf(each -> {
            boolean old = each.getKey().kind() == kind && each.getValue().newest < before;
            pairs -= old ? each.getValue().byTarget.size() : 0;
            return old;
        });
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
        Buckets of = room == null ? null : room.byTarget.get(target);
        if (room == null || of == null) {
            return Double.NaN;
        }
        double scores = 0;
        long snapshots = 0;
        for (int place = 0; place < Buckets.PLACES; place++) {
            if (of.starts[place] > room.newest - EXPECTED_MILLIS) {
                scores += of.scores[place];
                snapshots += of.snapshots[place];
            }
        }
        return snapshots == 0 ? Double.NaN : scores / snapshots * room.present;
    }

    /** What came of what was expected lately. */
    Came came(Kind kind, String context, String target) {
        Room room = rooms.get(new Key(kind, context));
        Buckets of = room == null ? null : room.byTarget.get(target);
        long snapshots = 0;
        double expected = 0;
        double happened = 0;
        if (of != null) {
            long oldest = newest.getOrDefault(kind, 0L) - KEPT_MILLIS;
            for (int place = 0; place < Buckets.PLACES; place++) {
                if (of.starts[place] >= oldest && !Double.isNaN(of.labels[place])) {
                    snapshots += of.snapshots[place];
                    expected += of.scores[place];
                    happened += of.labels[place];
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
