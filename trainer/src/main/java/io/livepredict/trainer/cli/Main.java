package io.livepredict.trainer.cli;

import io.livepredict.cli.CommandFrame;
import picocli.CommandLine.Command;

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
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        System.exit(run(arguments));
    }

    /** Runs a command; returns the exit code. */
    public static int run(String... arguments) {
        return CommandFrame.run(new Main(), arguments);
    }
}
