package io.livepredict.cli;

import io.livepredict.contract.DurationFormat;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.TypeConversionException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * What the command lines of all programs have in common. An error is one line on standard error, with the program's name
 * before it; {@code --stacktrace} adds where it came from. Exit codes: {@link #DONE}, {@link #FAILED}, {@link #WRONG_USAGE}.
 *
 * <p>A command that finds its options wrong together throws picocli's {@link ParameterException}; whatever else it throws is a
 * failure. Durations are written as in configurations, such as {@code 90s} or {@code 10d}, and the case of an enum's value
 * is free.
 */
public final class CommandFrame {
    /** The command did what it was told. */
    public static final int DONE = 0;

    /** The command could not start, or had to stop; one line says why. */
    public static final int FAILED = 1;

    /** Options or parameters are wrong; one line says which. */
    public static final int WRONG_USAGE = 2;

    private static final SortedMap<String, String> EXIT_CODES = Collections.unmodifiableSortedMap(new TreeMap<>(Map.of(
            Integer.toString(DONE), "ended as it was told",
            Integer.toString(FAILED), "could not start, or had to stop; one line says why",
            Integer.toString(WRONG_USAGE), "wrong usage")));

    private static final String STACKTRACE = "--stacktrace";

    private CommandFrame() {}

    /** That command, an annotated object or a picocli {@link CommandLine} with subcommands, in the frame. */
    public static CommandLine of(Object command) {
        CommandLine line = command instanceof CommandLine given ? given : new CommandLine(command);
        line.registerConverter(Duration.class, CommandFrame::duration);
        line.setCaseInsensitiveEnumValuesAllowed(true);
        frame(line);
        line.setExecutionExceptionHandler(CommandFrame::failed);
        line.setParameterExceptionHandler((e, arguments) -> wrongUsage(e));
        return line;
    }

    /** Runs the command that the arguments name and returns its exit code. */
    public static int run(Object command, String... arguments) {
        return of(command).execute(arguments);
    }

    /** For options that are wrong together: the command throws it and ends with {@link #WRONG_USAGE}. */
    public static ParameterException wrongUsage(CommandSpec of, String message) {
        return new ParameterException(of.commandLine(), message);
    }

    private static Duration duration(String text) {
        try {
            return DurationFormat.parse(text);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(e.getMessage());
        }
    }

    private static void frame(CommandLine line) {
        CommandSpec spec = line.getCommandSpec();
        if (spec.findOption(STACKTRACE) == null) {
            spec.addOption(OptionSpec.builder(STACKTRACE)
                    .arity("0")
                    .type(boolean.class)
                    .description("Show where an error came from.")
                    .build());
        }
        if (spec.usageMessage().exitCodeList().isEmpty()) {
            spec.usageMessage().exitCodeListHeading("%nExit codes:%n").exitCodeList(EXIT_CODES);
        }
        line.getSubcommands().values().forEach(CommandFrame::frame);
    }

    private static int failed(Exception e, CommandLine command, ParseResult parsed) {
        PrintWriter err = command.getErr();
        Throwable told = e instanceof ExecutionException && e.getCause() != null ? e.getCause() : e;
        err.println(root(command) + ": " + oneLine(told));
        for (ParseResult at = parsed; at != null; at = at.hasSubcommand() ? at.subcommand() : null) {
            if (at.hasMatchedOption(STACKTRACE)) {
                e.printStackTrace(err);
                break;
            }
        }
        err.flush();
        return FAILED;
    }

    /** Says in one line what is wrong with the options; returns {@link #WRONG_USAGE}. */
    public static int wrongUsage(ParameterException e) {
        CommandLine command = e.getCommandLine();
        PrintWriter err = command.getErr();
        StringBuilder line = new StringBuilder(root(command) + ": " + oneLine(e));
        if (e instanceof UnmatchedArgumentException unmatched) {
            List<String> suggestions = unmatched.getSuggestions();
            if (!suggestions.isEmpty()) {
                line.append("; did you mean ")
                        .append(String.join(" or ", suggestions))
                        .append('?');
            }
        }
        err.println(line + "; " + command.getCommandSpec().qualifiedName() + " --help lists what there is");
        err.flush();
        return WRONG_USAGE;
    }

    private static String root(CommandLine command) {
        return command.getCommandSpec().root().name();
    }

    private static String oneLine(Throwable e) {
        String message = e.getMessage();
        return message == null || message.isBlank()
                ? e.getClass().getSimpleName()
                : message.replaceAll("\\s+", " ").strip();
    }
}
