package io.livepredict.trainer.family;

import io.livepredict.trainer.family.ModelState.Tensor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeSet;

/**
 * How the values of each dense feature are distributed, as histograms of {@value #BINS} bins whose width is a power of two. A
 * value outside widens the bins, two becoming one, until it fits. No value of any one example can be told from them. Not safe for
 * use from several threads.
 */
final class Distributions {
    static final String SEEN = "pieces/seen";
    static final String BINNED = "pieces/binned";

    private static final int BINS = 128;
    private static final int MOST_PIECES = 12;
    /** A bin is at least 2 to this wide. */
    private static final int LEAST_EXPONENT = -6;
    /** A bin's place, counted from zero, is told exactly by a float. */
    private static final int PLACE_BITS = 22;

    private final int features;
    /** [D, BINS]: how many values each bin has seen. */
    private final float[] seen;
    /** [D, 2]: the binary logarithm of a bin's width; how many bins from zero the first one lies. */
    private final float[] binned;
    /** By feature, the pieces that it has; only while more are placed. */
    private final List<List<Ends>> standing = new ArrayList<>();

    Distributions(int features) {
        this.features = features;
        seen = new float[features * BINS];
        binned = new float[features * 2];
        for (int j = 0; j < features; j++) {
            standing.add(new ArrayList<>());
        }
    }

    /**
     * A piece as it is placed.
     *
     * @param feature whose
     * @param low where it begins
     * @param scale one over its width
     * @param centre its mean
     */
    record Piece(int feature, float low, float scale, float centre) {}

    /** Takes in a value of a feature. */
    void add(int feature, float value) {
        if (!Float.isFinite(value)) {
            return;
        }
        int from = feature * BINS;
        int first = firstUsed(from);
        int exponent = Math.max(LEAST_EXPONENT, Math.getExponent(value) - PLACE_BITS);
        if (first < 0) {
            binned[2 * feature] = exponent;
            binned[2 * feature + 1] = place(value, exponent) - BINS / 2;
        } else if (outside(feature, value)) {
            widen(feature, value, exponent, first);
        }
        int bin = place(value, (int) binned[2 * feature]) - (int) binned[2 * feature + 1];
        seen[from + bin]++;
    }

    private static int place(float value, int exponent) {
        return (int) Math.floor(Math.scalb((double) value, -exponent));
    }

    private boolean outside(int feature, float value) {
        double place = Math.floor(Math.scalb((double) value, (int) -binned[2 * feature])) - binned[2 * feature + 1];
        return place < 0 || place >= BINS;
    }

    private int firstUsed(int from) {
        for (int b = 0; b < BINS; b++) {
            if (seen[from + b] > 0) {
                return b;
            }
        }
        return -1;
    }

    /** Makes the bins so wide that those used and the value fit, in the middle. */
    private void widen(int feature, float value, int least, int firstUsed) {
        int from = feature * BINS;
        int was = (int) binned[2 * feature];
        int first = (int) binned[2 * feature + 1];
        int last = BINS - 1;
        while (seen[from + last] == 0) {
            last--;
        }
        int exponent = Math.max(was, least);
        int low = 0;
        int high = 0;
        for (boolean fits = false; !fits; exponent++) {
            int place = place(value, exponent);
            low = Math.min(place, (first + firstUsed) >> Math.min(31, exponent - was));
            high = Math.max(place, (first + last) >> Math.min(31, exponent - was));
            fits = high - low < BINS;
        }
        exponent--;
        int newFirst = low - (BINS - 1 - (high - low)) / 2;
        float[] wider = new float[BINS];
        for (int b = firstUsed; b <= last; b++) {
            wider[((first + b) >> Math.min(31, exponent - was)) - newFirst] += seen[from + b];
        }
        System.arraycopy(wider, 0, seen, from, BINS);
        binned[2 * feature] = exponent;
        binned[2 * feature + 1] = newFirst;
    }

    /** Tells that a feature has a piece already; until the next {@link #place}. */
    void keep(int feature, float low, float high) {
        standing.get(feature).add(new Ends(low, high));
    }

    /** Where a piece begins and ends on the scaled feature. */
    private record Ends(float low, float high) {}

    /** From one used bin of a feature to another. */
    private record Stretch(Bins of, int from, int to, float mass) {
        static Stretch between(Bins of, int from, int to) {
            float mass = 0;
            for (int b = from; b <= to; b++) {
                mass += of.shares[b];
            }
            return new Stretch(of, from, to, mass);
        }

        /** The used bin in the middle of the mass, neither end. */
        int middle() {
            float below = 0;
            int b = from;
            while (b < to - 1 && below + of.shares[b] < mass / 2) {
                below += of.shares[b];
                b++;
            }
            return Math.max(b, from + 1);
        }
    }

    /**
     * A feature's used bins.
     *
     * @param middles of each
     * @param shares of the values, of each
     * @param knots the bins at which pieces end
     * @param standing the pieces that there are, by their bins
     */
    @SuppressWarnings("ArrayRecordComponent") // made for one placing, never compared
    private record Bins(
            int feature, float[] middles, float[] shares, TreeSet<Integer> knots, Set<List<Integer>> standing) {
        /** The stretches from knot to knot. */
        List<Stretch> stretches() {
            List<Stretch> all = new ArrayList<>();
            for (int from : knots) {
                Integer to = knots.higher(from);
                if (to != null) {
                    all.add(Stretch.between(this, from, to));
                }
            }
            return all;
        }

        boolean isBare() {
            return standing.isEmpty() && knots.size() <= 2;
        }

        boolean stands(Stretch stretch) {
            return standing.contains(List.of(stretch.from, stretch.to));
        }

        int nearest(float value) {
            int nearest = 0;
            for (int b = 1; b < middles.length; b++) {
                if (Math.abs(middles[b] - value) < Math.abs(middles[nearest] - value)) {
                    nearest = b;
                }
            }
            return nearest;
        }

        Piece piece(Stretch stretch) {
            float low = middles[stretch.from];
            float scale = 1 / (middles[stretch.to] - low);
            float mean = 0;
            for (int b = 0; b < middles.length; b++) {
                mean += shares[b] * Math.clamp((middles[b] - low) * scale, 0f, 1f);
            }
            return new Piece(feature, low, scale, mean);
        }
    }

    /**
     * Places pieces: the stretch with the largest share of its feature's values is halved at their median, again and again, until
     * there are as many pieces as wanted, {@value #MOST_PIECES} of a feature at most. A feature with two different values needs
     * none.
     *
     * @param most how many more there may be
     */
    List<Piece> place(int most) {
        PriorityQueue<Stretch> open = new PriorityQueue<>(Comparator.comparingDouble((Stretch s) -> -s.mass)
                .thenComparingInt(s -> s.of.feature)
                .thenComparingInt(s -> s.from));
        List<Bins> all = new ArrayList<>();
        int room = most;
        for (int j = 0; j < features; j++) {
            Bins bins = bins(j);
            all.add(bins);
            for (Stretch stretch : bins.stretches()) {
                room -= bins.isBare() || bins.stands(stretch) ? 0 : 1; // beyond the pieces that there are
                open.add(stretch);
            }
        }
        while (!open.isEmpty() && room > 0) {
            Stretch stretch = open.remove();
            Bins bins = stretch.of;
            // A piece that stands is kept beside its halves.
            int more = bins.isBare() || bins.stands(stretch) ? 2 : 1;
            if (stretch.to - stretch.from >= 2 && more <= room && bins.knots.size() <= MOST_PIECES) {
                room -= more;
                int middle = stretch.middle();
                bins.knots.add(middle);
                open.add(Stretch.between(bins, stretch.from, middle));
                open.add(Stretch.between(bins, middle, stretch.to));
            }
        }
        standing.forEach(List::clear);
        return all.stream()
                .filter(bins -> !bins.isBare())
                .flatMap(bins -> bins.stretches().stream())
                .filter(stretch -> !stretch.of.stands(stretch))
                .map(stretch -> stretch.of.piece(stretch))
                .limit(most)
                .toList();
    }

    private Bins bins(int feature) {
        int from = feature * BINS;
        int used = 0;
        float total = 0;
        for (int b = 0; b < BINS; b++) {
            used += seen[from + b] > 0 ? 1 : 0;
            total += seen[from + b];
        }
        float[] middles = new float[used];
        float[] shares = new float[used];
        int next = 0;
        for (int b = 0; b < BINS; b++) {
            if (seen[from + b] > 0) {
                middles[next] = (float) Math.scalb(binned[2 * feature + 1] + b + 0.5, (int) binned[2 * feature]);
                shares[next] = seen[from + b] / total;
                next++;
            }
        }
        Bins bins = new Bins(feature, middles, shares, new TreeSet<>(), new HashSet<>());
        if (used > 1) {
            bins.knots.add(0);
            bins.knots.add(used - 1);
            for (Ends ends : standing.get(feature)) {
                List<Integer> nearest = List.of(bins.nearest(ends.low), bins.nearest(ends.high));
                bins.knots.addAll(nearest);
                bins.standing.add(nearest);
            }
        }
        return bins;
    }

    void save(Map<String, Tensor> tensors) {
        tensors.put(SEEN, new Tensor(new long[] {features, BINS}, seen.clone()));
        tensors.put(BINNED, new Tensor(new long[] {features, 2}, binned.clone()));
    }

    void load(ModelState state) {
        System.arraycopy(States.values(state, SEEN), 0, seen, 0, seen.length);
        System.arraycopy(States.values(state, BINNED), 0, binned, 0, binned.length);
    }
}
