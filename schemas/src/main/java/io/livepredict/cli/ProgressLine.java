package io.livepredict.cli;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** A line every few seconds: how far a long run has come and how long it will still take. One thread's. */
public final class ProgressLine {
    private static final long EVERY_NANOS = Duration.ofSeconds(5).toNanos();

    private final PrintWriter out;
    private final String what;
    private final LongSupplier nanoClock;
    private final long beganNanos;
    private long saidNanos;

    /**
     * @param what what runs, the beginning of every line
     * @param nanoClock what {@link System#nanoTime} gives
     */
    public ProgressLine(PrintWriter out, String what, LongSupplier nanoClock) {
        this.out = out;
        this.what = what;
        this.nanoClock = nanoClock;
        beganNanos = nanoClock.getAsLong();
        saidNanos = beganNanos;
    }

    /**
     * Says how it stands, if it is time.
     *
     * @param share how much is done, 0 to 1
     * @param detail what else the line says; asked for only when a line is due
     */
    public void at(double share, Supplier<String> detail) {
        long now = nanoClock.getAsLong();
        if (now - saidNanos < EVERY_NANOS) {
            return;
        }
        saidNanos = now;
        double seconds = (now - beganNanos) / 1e9;
        String left = share < 0.01 ? "" : ", " + minutes(seconds * (1 - share) / share) + " left";
        out.printf(Locale.ROOT, "%s: %.0f %%%s, %s%n", what, 100 * share, left, detail.get());
        out.flush();
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
