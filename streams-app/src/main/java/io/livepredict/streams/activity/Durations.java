package io.livepredict.streams.activity;

import io.livepredict.contract.Scale;
import io.livepredict.streams.state.StateReader;
import io.livepredict.streams.state.StateWriter;
import java.util.Arrays;

/**
 * What is remembered of a series of durations, such as the lengths of an entity's past visits: how many, their mean,
 * the last five, and, with a fast and a slow memory, mean and spread of their logarithm and the share
 * below each threshold. Both memories are exponentially weighted: a new duration weighs max(1/n, {@value #RECENT}),
 * for habit max(1/n, {@value #HABIT}); variance after Finch (2009), Incremental calculation of weighted mean and
 * variance, equations 124 and 143.
 */
final class Durations {
    static final double RECENT = 0.25;
    static final double HABIT = 0.03125;
    static final int LAST = 5;
    private static final String[] FROM_LAST = {"second", "third", "fourth", "fifth"};

    private final long[] thresholdMillis;
    private int count;
    private float meanSeconds;
    private final Memory recent;
    private final Memory habit;
    private final float[] lastSeconds = new float[LAST];

    /** Mean and variance of the logarithm and the shares below the thresholds, at one pace of forgetting. */
    private static final class Memory {
        private final double least;
        private float log;
        private float variance;
        private final float[] shareUnder;

        /** @param least what a new duration weighs at least */
        Memory(double least, int thresholds) {
            this.least = least;
            shareUnder = new float[thresholds];
        }

        void add(int count, float newLog, long millis, long[] thresholdMillis) {
            if (count == 1) {
                log = newLog;
                variance = 0;
            } else {
                double weight = Math.max(least, 1.0 / count);
                double difference = newLog - log;
                double step = weight * difference;
                log += (float) step;
                variance = (float) ((1 - weight) * (variance + difference * step));
            }
            double weight = Math.max(least, 1.0 / count);
            for (int i = 0; i < shareUnder.length; i++) {
                float before = count == 1 ? 0 : shareUnder[i];
                shareUnder[i] = before + (float) (weight * ((millis < thresholdMillis[i] ? 1 : 0) - before));
            }
        }

        void write(StateWriter out, int count) {
            out.writeFloat(log);
            if (count > 1) {
                out.writeFloat(variance);
            }
            // Two bits per share: many are 0 or 1.
            long kinds = 0;
            for (int i = 0; i < shareUnder.length; i++) {
                kinds |= (shareUnder[i] == 0 ? 0L : shareUnder[i] == 1 ? 1L : 2L) << 2 * i;
            }
            out.writeVarint(kinds);
            for (float share : shareUnder) {
                if (share != 0 && share != 1) {
                    out.writeFloat(share);
                }
            }
        }

        void read(StateReader in, int count) {
            log = in.readFloat();
            variance = count > 1 ? in.readFloat() : 0;
            long kinds = in.readVarint();
            for (int i = 0; i < shareUnder.length; i++) {
                long kind = kinds >>> 2 * i & 3;
                shareUnder[i] = kind > 1 ? in.readFloat() : kind;
            }
        }

        void copy(Memory from) {
            log = from.log;
            variance = from.variance;
            System.arraycopy(from.shareUnder, 0, shareUnder, 0, shareUnder.length);
        }

        void fill(DenseCursor out) {
            out.add(log);
            out.add((float) Math.sqrt(Math.max(0, variance)));
            out.addAll(shareUnder, shareUnder.length);
        }
    }

    Durations(long[] thresholdMillis) {
        this.thresholdMillis = thresholdMillis;
        recent = new Memory(RECENT, thresholdMillis.length);
        habit = new Memory(HABIT, thresholdMillis.length);
    }

    void clear() {
        count = 0;
    }

    int count() {
        return count;
    }

    void add(long millis) {
        double seconds = millis / 1000.0;
        float log = LogSeconds.of(millis);
        count++;
        if (count == 1) {
            meanSeconds = 0;
            Arrays.fill(lastSeconds, 0);
        }
        meanSeconds += (float) ((seconds - meanSeconds) / count);
        recent.add(count, log, millis, thresholdMillis);
        habit.add(count, log, millis, thresholdMillis);
        System.arraycopy(lastSeconds, 0, lastSeconds, 1, LAST - 1);
        lastSeconds[0] = (float) seconds;
    }

    void write(StateWriter out) {
        out.writeVarint(count);
        if (count == 0) {
            return;
        }
        out.writeFloat(meanSeconds);
        recent.write(out, count);
        // Until 1/RECENT durations have been seen, both memories hold the same values.
        if (count * RECENT > 1) {
            habit.write(out, count);
        }
        out.writeFloats(lastSeconds, 0, Math.min(count, LAST));
    }

    void read(StateReader in) {
        count = in.readCount();
        if (count == 0) {
            return;
        }
        meanSeconds = in.readFloat();
        recent.read(in, count);
        if (count * RECENT > 1) {
            habit.read(in, count);
        } else {
            habit.copy(recent);
        }
        int known = Math.min(count, LAST);
        in.readFloats(lastSeconds, 0, known);
        Arrays.fill(lastSeconds, known, LAST, 0);
    }

    /**
     * Describes this series.
     *
     * @param name machine name, e.g. {@code visit}
     * @param one what one of them is, in words, e.g. "visit"
     * @param many what they are, e.g. "visits"
     * @param meaning exactly what the durations are
     */
    static void describe(DenseList out, long[] thresholdMillis, String name, String one, String many, String meaning) {
        out.add(name + ".count", "number of " + many + " so far", Scale.COUNT, meaning);
        out.add(name + ".mean", "mean length of " + many, Scale.SECONDS, meaning + "; 0 for none");
        describe(out, thresholdMillis, name, "recent", "recent " + many, meaning, RECENT);
        describe(out, thresholdMillis, name, "habit", many + " in the long run", meaning, HABIT);
        out.add(name + ".last", "length of the last " + one, Scale.SECONDS, meaning + "; 0 for none");
        for (int i = 2; i <= LAST; i++) {
            out.add(
                    name + ".last-" + i,
                    "length of the " + FROM_LAST[i - 2] + "-last " + one,
                    Scale.SECONDS,
                    meaning + "; 0 for none");
        }
    }

    private static void describe(
            DenseList out,
            long[] thresholdMillis,
            String name,
            String memory,
            String words,
            String meaning,
            double least) {
        String weighted = meaning + "; a new one weighs max(1/n, " + least + ")";
        out.add(name + '.' + memory, "usual length of " + words, Scale.PLAIN, "mean ln(1+s) of " + weighted);
        out.add(
                name + '.' + memory + "-spread",
                "how much the lengths of " + words + " differ",
                Scale.PLAIN,
                "deviation ln(1+s) of " + weighted);
        for (long threshold : thresholdMillis) {
            out.add(
                    name + '.' + memory + "-under." + ActivityLayout.shortName(threshold),
                    "share of " + words + " shorter than " + FeatureWords.span(threshold),
                    Scale.PLAIN,
                    "share below of " + weighted);
        }
    }

    void fill(DenseCursor out) {
        if (count == 0) {
            out.addZeros(2 + 2 * (2 + thresholdMillis.length) + LAST);
            return;
        }
        out.add((float) count);
        out.add(meanSeconds);
        recent.fill(out);
        habit.fill(out);
        out.addAll(lastSeconds, LAST);
    }

    /** Takes over what the other has. The share below a threshold that it did not have is that of its last few. */
    void copy(Durations other) {
        count = other.count;
        meanSeconds = other.meanSeconds;
        System.arraycopy(other.lastSeconds, 0, lastSeconds, 0, LAST);
        recent.log = other.recent.log;
        recent.variance = other.recent.variance;
        habit.log = other.habit.log;
        habit.variance = other.habit.variance;
        for (int i = 0; i < thresholdMillis.length; i++) {
            int from = Arrays.binarySearch(other.thresholdMillis, thresholdMillis[i]);
            recent.shareUnder[i] = from < 0 ? lastUnder(thresholdMillis[i]) : other.recent.shareUnder[from];
            habit.shareUnder[i] = from < 0 ? lastUnder(thresholdMillis[i]) : other.habit.shareUnder[from];
        }
    }

    private float lastUnder(long millis) {
        int known = Math.min(count, LAST);
        int under = 0;
        for (int i = 0; i < known; i++) {
            under += lastSeconds[i] * 1000 < millis ? 1 : 0;
        }
        return known == 0 ? 0 : (float) under / known;
    }
}
