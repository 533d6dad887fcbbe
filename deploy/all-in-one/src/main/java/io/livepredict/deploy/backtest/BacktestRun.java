package io.livepredict.deploy.backtest;

import io.livepredict.deploy.replay.Recording;
import java.io.PrintStream;
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
        Progress progress = new Progress(out, what, recording::progress, nanoClock);
        for (Recording.Recorded next = recording.next(); next != null; next = recording.next()) {
            backtest.accept(next.event());
            progress.at(backtest.events(), backtest.examples(), backtest.activeVersion());
        }
        backtest.finish();
        return progress.seconds();
    }
}
