package io.livepredict.deploy.bench;

import io.livepredict.cli.CommandFrame;
import java.util.Locale;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** Checks of options that picocli can't make by itself. Each failure is picocli's own: one line, exit code 2. */
final class Options {
    private Options() {}

    /** @throws ParameterException if the value is less than the least */
    static void atLeast(CommandSpec spec, String option, long value, long least) {
        if (value < least) {
            throw CommandFrame.wrongUsage(
                    spec, String.format(Locale.ROOT, "%s must be at least %,d, got %,d", option, least, value));
        }
    }

    /** @throws ParameterException if the value is out of the range */
    static void between(CommandSpec spec, String option, long value, long least, long most) {
        if (value < least || value > most) {
            throw CommandFrame.wrongUsage(
                    spec,
                    String.format(Locale.ROOT, "%s must be between %,d and %,d, got %,d", option, least, most, value));
        }
    }
}
