package io.livepredict.trainer.cli;

import java.io.PrintWriter;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** {@code trainer COMMAND}. An error is one line on standard error and an exit code that is not zero. */
@Command(
        name = "trainer",
        description = "Learns from labelled examples while they arrive, and publishes ONNX models.",
        subcommands = {
            RunCommand.class,
            KeysCommand.class,
            ModelsCommand.class,
            ExamplesCommand.class,
            EvaluateCommand.class
        },
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND")
public final class Main implements Runnable {
    @Option(
            names = "--stacktrace",
            scope = ScopeType.INHERIT,
            description = "Show where in the program an error came from.")
    boolean stacktrace;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    CommandSpec spec;

    public static void main(String[] arguments) {
        System.exit(run(arguments));
    }

    /** Runs a command; returns the exit code. */
    public static int run(String... arguments) {
        Main main = new Main();
        CommandLine line = new CommandLine(main);
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setExecutionExceptionHandler((e, command, parsed) -> {
            PrintWriter err = command.getErr();
            if (main.stacktrace) {
                e.printStackTrace(err);
            } else {
                err.println("trainer: " + String.valueOf(e.getMessage() == null ? e : e.getMessage()));
                err.flush();
            }
            LoggerFactory.getLogger(Main.class).debug("failed", e);
            return 1;
        });
        return line.execute(arguments);
    }

    @Override
    public void run() {
        throw new CommandLine.ParameterException(spec.commandLine(), "a command is missing");
    }
}
