package io.livepredict.deploy.local;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import java.util.function.LongSupplier;

/** What a person sees: lines with the time since the start, and on a terminal one line that is rewritten in place. */
final class Console {
    private static final String CLEAR_LINE = "\r\u001B[2K";

    private final PrintStream out;
    private final boolean terminal;
    private final int width;
    private final LongSupplier nanoClock;
    private final long begin;
    private boolean statusShown;

    Console(PrintStream out, boolean terminal, int width, LongSupplier nanoClock) {
        this.out = out;
        this.terminal = terminal;
        this.width = width;
        this.nanoClock = nanoClock;
        this.begin = nanoClock.getAsLong();
    }

    boolean isTerminal() {
        return terminal;
    }

    Duration elapsed() {
        return Duration.ofNanos(nanoClock.getAsLong() - begin);
    }

    /** A step of the start or the end, with its time. */
    synchronized void step(String words) {
        line(String.format(Locale.ROOT, "[%5.1f s] %s", elapsed().toMillis() / 1000.0, words));
    }

    synchronized void line(String words) {
        if (statusShown) {
            out.print(CLEAR_LINE);
            statusShown = false;
        }
        out.println(words);
        out.flush();
    }

    /** Shows the status: in place of the last one on a terminal, as a line of its own elsewhere. */
    synchronized void status(String words) {
        if (!terminal) {
            line(words);
            return;
        }
        String shown = words.length() < width ? words : words.substring(0, Math.max(0, width - 2)) + '…';
        out.print(CLEAR_LINE + shown);
        out.flush();
        statusShown = true;
    }
}
