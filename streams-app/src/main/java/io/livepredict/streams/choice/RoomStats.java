package io.livepredict.streams.choice;

import io.livepredict.streams.state.StateReader;
import io.livepredict.streams.state.StateWriter;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Who came to one room and where they went from there: decayed counts, whose values do not depend on the order of what is
 * added but for rounding. Not safe for use from several threads while it is changed.
 */
public final class RoomStats {
    /** Half-lives of the decayed arrivals, seconds. */
    static final double[] HALF_LIVES = {600, 3_600, 86_400, 604_800};

    private static final int HOUR = 1;
    private static final double MOVES_HALF_LIFE = 30 * 86_400;
    private static final int MOST_MOVES = 32;
    private static final int VERSION = 1;
    private static final double LN_2 = Math.log(2);

    private final double[] arrivals = new double[HALF_LIVES.length];
    /** Where they went, decayed like {@link #moved}. */
    private final Map<String, double[]> moves = new HashMap<>();

    private double moved;
    /** The counts are as of then; the time of the latest arrival or move. */
    private long asOfMillis = Long.MIN_VALUE;

    private long lastArrivalMillis = Long.MIN_VALUE;

    /** Somebody came. */
    public void arrived(long timeMillis) {
        double late = bring(timeMillis);
        for (int h = 0; h < arrivals.length; h++) {
            arrivals[h] += decay(late, HALF_LIVES[h]);
        }
        lastArrivalMillis = Math.max(lastArrivalMillis, timeMillis);
    }

    /** Somebody who was here came to that room next. */
    public void moved(String to, long timeMillis) {
        double one = decay(bring(timeMillis), MOVES_HALF_LIFE);
        double[] count = moves.computeIfAbsent(to, room -> new double[1]);
        count[0] += one;
        moved += one;
        if (moves.size() > MOST_MOVES) {
            String rarest = to;
            double least = Double.POSITIVE_INFINITY;
            for (Map.Entry<String, double[]> each : moves.entrySet()) {
                double n = each.getValue()[0];
                // Ties by name, so that equal histories forget the same.
                if (!each.getKey().equals(to)
                        && (n < least || (n == least && each.getKey().compareTo(rarest) < 0))) {
                    least = n;
                    rarest = each.getKey();
                }
            }
            moves.remove(rarest);
        }
    }

    /** Brings the counts up to that time; returns by how many seconds it lies before them already. */
    private double bring(long timeMillis) {
        if (asOfMillis == Long.MIN_VALUE) {
            asOfMillis = timeMillis;
        }
        if (timeMillis <= asOfMillis) {
            return (asOfMillis - timeMillis) / 1_000.0;
        }
        double seconds = (timeMillis - asOfMillis) / 1_000.0;
        for (int h = 0; h < arrivals.length; h++) {
            arrivals[h] *= decay(seconds, HALF_LIVES[h]);
        }
        double factor = decay(seconds, MOVES_HALF_LIFE);
        moved *= factor;
        moves.values().forEach(count -> count[0] *= factor);
        asOfMillis = timeMillis;
        return 0;
    }

    private static double decay(double seconds, double halfLife) {
        return Math.exp(-LN_2 * seconds / halfLife);
    }

    /** Arrivals with the half-life of that index, as of then. */
    double arrivals(int halfLife, long asOf) {
        return arrivals[halfLife] * decay(Math.max(0, asOf - asOfMillis) / 1_000.0, HALF_LIVES[halfLife]);
    }

    /** The logarithm of the share of those who left for that room, each count plus 1. */
    double moveShare(String to) {
        double[] count = moves.get(to);
        return Math.log1p(count == null ? 0 : count[0]) - Math.log1p(moved);
    }

    /** Where they went, in no order. */
    Iterable<String> destinations() {
        return moves.keySet();
    }

    /** When somebody came last, epoch milliseconds; {@link Long#MIN_VALUE} for never. */
    long lastArrivalMillis() {
        return lastArrivalMillis;
    }

    /**
     * Orders rooms by their arrivals with a half-life of an hour: all fade alike, so the order of two rooms stays until somebody
     * comes to one.
     */
    double rank() {
        return Math.log(arrivals[HOUR]) + LN_2 * (asOfMillis / 1_000.0) / HALF_LIVES[HOUR];
    }

    /** As stored. */
    byte[] write(StateWriter writer) {
        writer.reset();
        writer.writeByte(VERSION);
        writer.writeLong(asOfMillis);
        writer.writeLong(lastArrivalMillis);
        for (double each : arrivals) {
            writer.writeDouble(each);
        }
        writer.writeDouble(moved);
        writer.writeVarint(moves.size());
        moves.entrySet().stream().sorted(Map.Entry.comparingByKey()).forEach(each -> {
            writer.writeString(each.getKey());
            writer.writeDouble(each.getValue()[0]);
        });
        return writer.toBytes();
    }

    /** What {@link #write} gave; null if it was another build's. */
    static @Nullable RoomStats read(byte[] stored) {
        StateReader reader = new StateReader();
        reader.reset(stored);
        try {
            if (reader.readByte() != VERSION) {
                return null;
            }
            RoomStats room = new RoomStats();
            room.asOfMillis = reader.readLong();
            room.lastArrivalMillis = reader.readLong();
            for (int h = 0; h < room.arrivals.length; h++) {
                room.arrivals[h] = reader.readDouble();
            }
            room.moved = reader.readDouble();
            for (int left = reader.readCount(); left > 0; left--) {
                String to = reader.readString();
                room.moves.put(to, new double[] {reader.readDouble()});
            }
            return room;
        } catch (IndexOutOfBoundsException e) {
            return null;
        }
    }
}
