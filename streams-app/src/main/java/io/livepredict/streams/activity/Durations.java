package io.livepredict.streams.activity;

import io.livepredict.contract.Scale;
import io.livepredict.streams.state.StateReader;
import io.livepredict.streams.state.StateWriter;

/**
 * What is remembered of a series of durations, such as the lengths of an entity's past visits: how many, their mean,
 * the last three, and, with recent ones weighing more, mean and spread of their logarithm and the share below each
 * window. Recent means exponentially weighted: a new duration weighs max(1/n, {@value #WEIGHT}); variance after
 * Finch (2009), Incremental calculation of weighted mean and variance, equations 124 and 143.
 */
final class Durations {
    private static final double WEIGHT = 0.25;
    private static final int LAST = 3;

    private final long[] thresholdMillis;
    private int count;
    private float meanSeconds;
    private float recentLog;
    private float recentVariance;
    private final float[] lastSeconds = new float[LAST];
    private final float[] shareUnder;

    Durations(long[] thresholdMillis) {
        this.thresholdMillis = thresholdMillis;
        shareUnder = new float[thresholdMillis.length];
    }

    void clear() {
        count = 0;
    }

    int count() {
        return count;
    }

    void add(long millis) {
        double seconds = millis / 1000.0;
        float log = RecentEvents.logSeconds(millis);
        count++;
        if (count == 1) {
            meanSeconds = (float) seconds;
            recentLog = log;
            recentVariance = 0;
            lastSeconds[0] = (float) seconds;
            lastSeconds[1] = 0;
            lastSeconds[2] = 0;
            for (int i = 0; i < shareUnder.length; i++) {
                shareUnder[i] = millis < thresholdMillis[i] ? 1 : 0;
            }
            return;
        }
        meanSeconds += (float) ((seconds - meanSeconds) / count);
        double weight = Math.max(WEIGHT, 1.0 / count);
        double difference = log - recentLog;
        double step = weight * difference;
        recentLog += (float) step;
        recentVariance = (float) ((1 - weight) * (recentVariance + difference * step));
        lastSeconds[2] = lastSeconds[1];
        lastSeconds[1] = lastSeconds[0];
        lastSeconds[0] = (float) seconds;
        for (int i = 0; i < shareUnder.length; i++) {
            shareUnder[i] += (float) (weight * ((millis < thresholdMillis[i] ? 1 : 0) - shareUnder[i]));
        }
    }

    void write(StateWriter out) {
        out.writeVarint(count);
        if (count == 0) {
            return;
        }
        out.writeFloat(meanSeconds);
        out.writeFloat(recentLog);
        if (count > 1) {
            out.writeFloat(recentVariance);
        }
        for (int i = 0; i < Math.min(count, LAST); i++) {
            out.writeFloat(lastSeconds[i]);
        }
        // Two bits a share: most are 0 or 1.
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

    void read(StateReader in) {
        count = in.readCount();
        if (count == 0) {
            return;
        }
        meanSeconds = in.readFloat();
        recentLog = in.readFloat();
        recentVariance = count > 1 ? in.readFloat() : 0;
        for (int i = 0; i < LAST; i++) {
            lastSeconds[i] = i < count ? in.readFloat() : 0;
        }
        long kinds = in.readVarint();
        for (int i = 0; i < shareUnder.length; i++) {
            long kind = kinds >>> 2 * i & 3;
            shareUnder[i] = kind > 1 ? in.readFloat() : kind;
        }
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
        String weighted = meaning + "; a new one weighs max(1/n, " + WEIGHT + ")";
        out.add(name + ".count", "number of " + many + " so far", Scale.COUNT, meaning);
        out.add(name + ".mean", "mean length of " + many, Scale.SECONDS, meaning + "; 0 for none");
        out.add(name + ".recent", "usual length of recent " + many, Scale.PLAIN, "mean ln(1+s) of " + weighted);
        out.add(
                name + ".spread",
                "how much recent " + many + " differ",
                Scale.PLAIN,
                "deviation ln(1+s) of " + weighted);
        out.add(name + ".last", "length of the last " + one, Scale.SECONDS, meaning + "; 0 for none");
        out.add(name + ".last-2", "length of the " + one + " before the last", Scale.SECONDS, meaning);
        out.add(name + ".last-3", "length of the third last " + one, Scale.SECONDS, meaning);
        for (long threshold : thresholdMillis) {
            out.add(
                    name + ".under." + ActivityLayout.shortName(threshold),
                    "share of recent " + many + " shorter than " + ActivityLayout.words(threshold),
                    Scale.PLAIN,
                    "share below of " + weighted);
        }
    }

    void fill(DenseCursor out) {
        if (count == 0) {
            for (int i = 0; i < 4 + LAST + shareUnder.length; i++) {
                out.add(0f);
            }
            return;
        }
        out.add((float) count);
        out.add(meanSeconds);
        out.add(recentLog);
        out.add((float) Math.sqrt(Math.max(0, recentVariance)));
        for (float last : lastSeconds) {
            out.add(last);
        }
        for (float share : shareUnder) {
            out.add(share);
        }
    }

    /** Takes over what the other has. The share below a threshold that it did not have is that of its last three. */
    void copy(Durations other, LayoutMapping mapping) {
        count = other.count;
        meanSeconds = other.meanSeconds;
        recentLog = other.recentLog;
        recentVariance = other.recentVariance;
        System.arraycopy(other.lastSeconds, 0, lastSeconds, 0, LAST);
        int known = Math.min(count, LAST);
        for (int i = 0; i < shareUnder.length; i++) {
            int below = 0;
            for (int j = 0; j < known; j++) {
                below += lastSeconds[j] * 1000 < thresholdMillis[i] ? 1 : 0;
            }
            int from = mapping.thresholds[i];
            shareUnder[i] = from >= 0 ? other.shareUnder[from] : known == 0 ? 0 : (float) below / known;
        }
    }
}
