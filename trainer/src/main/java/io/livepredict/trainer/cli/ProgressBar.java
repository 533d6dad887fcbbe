package io.livepredict.trainer.cli;

import io.livepredict.trainer.study.Study;
import java.io.PrintWriter;
import java.util.Locale;

/** One line that is drawn again, twenty times in all; with its end the line is left. */
final class ProgressBar implements Study.Ticker {
    private static final int STEPS = 20;
    private final PrintWriter out;
    private final boolean terminal = System.console() != null;
    private int drawn = -1;

    ProgressBar(PrintWriter out) {
        this.out = out;
    }

    @Override
    public void at(long done, long all) {
        int step = (int) (STEPS * done / all);
        if (step == drawn) {
            return;
        }
        drawn = step;
        if (terminal) {
            out.print(String.format(
                    Locale.ROOT, "\r[%s%s] %3d %%", "=".repeat(step), " ".repeat(STEPS - step), 100 * step / STEPS));
            if (step == STEPS) {
                out.println();
            }
        } else if (step % (STEPS / 4) == 0) {
            out.println(100 * step / STEPS + " %");
        }
        out.flush();
    }
}
