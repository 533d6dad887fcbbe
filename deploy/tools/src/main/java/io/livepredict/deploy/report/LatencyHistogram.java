package io.livepredict.deploy.report;

import io.livepredict.deploy.report.ReportRequest.Latency;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Counts of milliseconds in bins that widen by 2 %; quantiles are good to that. Not safe for use from several threads. */
public final class LatencyHistogram {
    private static final double STEP = Math.log(1.02);
    private static final int BINS = 1_000;

    private final long[] all = new long[BINS];
    private final long[] recent = new long[BINS];

    /** Counts one; a negative one as 0. */
    public void add(long millis) {
        int bin = (int) Math.min(BINS - 1, Math.log1p(Math.max(0, millis)) / STEP);
        all[bin]++;
        recent[bin]++;
    }

    /** Quantiles of all so far; null if there were none. */
    public @Nullable Latency all() {
        return quantiles(all);
    }

    /** Quantiles of those since the last call; null if there were none. */
    public @Nullable Latency takeRecent() {
        Latency latency = quantiles(recent);
        Arrays.fill(recent, 0);
        return latency;
    }

    private static @Nullable Latency quantiles(long[] counts) {
        long total = 0;
        for (long count : counts) {
            total += count;
        }
        return total == 0 ? null : new Latency(quantile(counts, total, 0.5), quantile(counts, total, 0.99));
    }

    private static double quantile(long[] counts, long total, double share) {
        long wanted = (long) Math.ceil(total * share);
        long seen = 0;
        for (int bin = 0; bin < counts.length; bin++) {
            seen += counts[bin];
            if (seen >= wanted) {
                return Math.expm1((bin + 0.5) * STEP);
            }
        }
        throw new IllegalStateException("the counts sum to less than their total");
    }
}
