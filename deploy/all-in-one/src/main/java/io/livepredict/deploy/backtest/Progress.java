package io.livepredict.deploy.backtest;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;

/** A line every few seconds: how far a long run has come and how long it will still take. One thread's. */
public final class Progress {
    private static final long EVERY_NANOS = Duration.ofSeconds(5).toNanos();

    private final PrintStream out;
    private final String what;
    private final DoubleSupplier share;
    private final LongSupplier nanoClock;
    private final long beganNanos;
    private long saidNanos;

    /**
     * @param what what runs, the beginning of every line
     * @param share how much is done, 0 to 1
     * @param nanoClock what {@link System#nanoTime} gives
     */
    public Progress(PrintStream out, String what, DoubleSupplier share, LongSupplier nanoClock) {
        this.out = out;
        this.what = what;
        this.share = share;
        this.nanoClock = nanoClock;
        beganNanos = nanoClock.getAsLong();
        saidNanos = beganNanos;
    }

    /** Says how it stands, if it is time. */
    public void at(long events, long examples, long version) {
        long now = nanoClock.getAsLong();
        if (now - saidNanos < EVERY_NANOS) {
            return;
        }
        saidNanos = now;
        double seconds = (now - beganNanos) / 1e9;
        double done = share.getAsDouble();
        String left = done < 0.01 ? "" : ", " + minutes(seconds * (1 - done) / done) + " left";
        out.printf(
                Locale.ROOT,
                "%s: %.0f %%%s, %,d events (%,.0f/s), %,d examples, model version %d%n",
                what,
                100 * done,
                left,
                events,
                events / seconds,
                examples,
                version);
    }

    /** Seconds since it began. */
    public double seconds() {
        return (nanoClock.getAsLong() - beganNanos) / 1e9;
    }

    private static String minutes(double seconds) {
        long whole = Math.round(seconds);
        return whole / 60 + ":" + String.format(Locale.ROOT, "%02d", whole % 60) + " min";
    }
}
