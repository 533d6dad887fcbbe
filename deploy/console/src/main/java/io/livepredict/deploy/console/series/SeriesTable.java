package io.livepredict.deploy.console.series;

import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * Named values over time, one row a second, held in two resolutions: every second of the last quarter of an hour, and means
 * over twenty seconds of the last six hours. Memory is bounded: so many rows, and {@link #MOST_SERIES} names at most; values of
 * further names are dropped and counted.
 *
 * <p>Not safe for use from several threads.
 */
public final class SeriesTable {
    /** How far back single seconds go. */
    public static final int FINE_SECONDS = 15 * 60;

    /** How far back means go. */
    public static final int COARSE_SECONDS = 6 * 60 * 60;

    /** Seconds in a mean. */
    public static final int COARSE_STEP = 20;

    static final int MOST_SERIES = 600;

    private final Ring fine = new Ring(FINE_SECONDS);
    private final Ring coarse = new Ring(COARSE_SECONDS / COARSE_STEP);
    private final Map<String, double[]> sums = new HashMap<>();
    private long openBucket = Long.MIN_VALUE;
    private long dropped;

    /**
     * Rows of some series.
     *
     * @param times of the rows, epoch seconds, ascending
     * @param values by name, one per row; NaN where there was none
     */
    @SuppressWarnings("ArrayRecordComponent") // a value for JSON; never compared
    public record Rows(long[] times, Map<String, float[]> values) {}

    /**
     * Adds a row. A second that is not after the last one is passed over: a clock that was set back leaves a gap.
     *
     * @param second epoch seconds
     * @param values by name; NaN for none
     */
    public void add(long second, Map<String, Double> values) {
        if (second <= fine.newest()) {
            return;
        }
        long bucket = Math.floorDiv(second, COARSE_STEP);
        if (bucket != openBucket) {
            closeBucket();
            openBucket = bucket;
        }
        values.forEach((name, value) -> {
            if (!Double.isNaN(value)) {
                double[] sum = sums.computeIfAbsent(name, key -> new double[2]);
                sum[0] += value;
                sum[1]++;
            }
        });
        dropped += fine.add(second, values);
    }

    private void closeBucket() {
        if (openBucket != Long.MIN_VALUE && !sums.isEmpty()) {
            Map<String, Double> means = new HashMap<>();
            sums.forEach((name, sum) -> means.put(name, sum[1] == 0 ? Double.NaN : sum[0] / sum[1]));
            coarse.add(openBucket * COARSE_STEP, means);
        }
        sums.clear();
    }

    /**
     * The rows of the last so many seconds, in single seconds where these go back far enough.
     *
     * @param wanted which names
     */
    public Rows last(long seconds, Predicate<String> wanted) {
        Ring ring = seconds <= FINE_SECONDS ? fine : coarse;
        return ring.since(fine.newest() - seconds, wanted);
    }

    /** The newest row, by name. */
    public Map<String, Double> newest() {
        return fine.row();
    }

    /** The second of the newest row; 0 before the first. */
    public long newestSecond() {
        return Math.max(0, fine.newest());
    }

    /** How many values were dropped because there were too many names. */
    public long dropped() {
        return dropped;
    }

    /** Rows in a circle. */
    private static final class Ring {
        private final long[] times;
        private final Map<String, float[]> columns = new LinkedHashMap<>();
        private int next;
        private int size;

        Ring(int rows) {
            times = new long[rows];
        }

        long newest() {
            return size == 0 ? Long.MIN_VALUE : times[Math.floorMod(next - 1, times.length)];
        }

        /** Returns how many values had no room. */
        int add(long second, Map<String, Double> values) {
            int without = 0;
            times[next] = second;
            columns.values().forEach(column -> column[next] = Float.NaN);
            for (Map.Entry<String, Double> value : values.entrySet()) {
                float[] column = columns.get(value.getKey());
                if (column == null && columns.size() < MOST_SERIES) {
                    column = new float[times.length];
                    Arrays.fill(column, Float.NaN);
                    columns.put(value.getKey(), column);
                }
                if (column == null) {
                    without++;
                } else {
                    column[next] = value.getValue().floatValue();
                }
            }
            next = (next + 1) % times.length;
            size = Math.min(size + 1, times.length);
            return without;
        }

        Rows since(long after, Predicate<String> wanted) {
            int from = size;
            while (from > 0 && times[place(from - 1)] > after) {
                from--;
            }
            int first = from;
            long[] taken = new long[size - first];
            Arrays.setAll(taken, row -> times[place(first + row)]);
            Map<String, float[]> values = new TreeMap<>();
            columns.forEach((name, column) -> {
                if (wanted.test(name)) {
                    float[] cut = new float[taken.length];
                    for (int row = 0; row < cut.length; row++) {
                        cut[row] = column[place(first + row)];
                    }
                    values.put(name, cut);
                }
            });
            return new Rows(taken, values);
        }

        Map<String, Double> row() {
            Map<String, Double> row = new TreeMap<>();
            if (size > 0) {
                int last = place(size - 1);
                columns.forEach((name, column) -> row.put(name, (double) column[last]));
            }
            return row;
        }

        private int place(int row) {
            return Math.floorMod(next - size + row, times.length);
        }
    }
}
