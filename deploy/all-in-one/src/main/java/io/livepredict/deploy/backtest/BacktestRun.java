package io.livepredict.deploy.backtest;

import io.livepredict.cli.ProgressLine;
import io.livepredict.deploy.replay.Recording;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.function.LongSupplier;

/** Takes a backtest through a whole recording. */
public final class BacktestRun {
    private BacktestRun() {}

    /**
     * Runs it to the end of the log.
     *
     * @param what what runs, for the progress lines
     * @return how many seconds it took
     */
    public static double through(
            Recording recording, Backtest backtest, String what, PrintStream out, LongSupplier nanoClock) {
        ProgressLine progress = new ProgressLine(new PrintWriter(out), what, nanoClock);
        for (Recording.Recorded next = recording.next(); next != null; next = recording.next()) {
            backtest.accept(next.event());
            progress.at(recording.progress(), () -> state(backtest, progress));
        }
        backtest.finish();
        return progress.seconds();
    }

    /** What a progress line says of a backtest. */
    public static String state(Backtest backtest, ProgressLine progress) {
        return String.format(
                Locale.ROOT,
                "%,d events (%,.0f/s), %,d examples, model version %d",
                backtest.events(),
                backtest.events() / progress.seconds(),
                backtest.examples(),
                backtest.activeVersion());
    }
}
