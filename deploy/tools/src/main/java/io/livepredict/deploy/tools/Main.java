package io.livepredict.deploy.tools;

import io.livepredict.cli.CommandFrame;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code livepredict-tools}: what an installation needs beside the streams app and the trainer. */
@Command(
        name = "livepredict-tools",
        description =
                "A simulated platform, history before going live, users and ACLs, and the report of a run, on any Kafka.",
        mixinStandardHelpOptions = true,
        version = "LivePredict 0.1.0",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = CommandLine.HelpCommand.class)
public final class Main {
    private Main() {}

    /** Runs the program and ends the process with its exit code. */
    public static void main(String[] args) {
        System.exit(execute(System.getenv(), args));
    }

    /**
     * Runs the program and returns its exit code: 0, 1 if it could not do what it was told and said why in one line, 2 for
     * wrong usage.
     *
     * @param env environment variables that may override the configuration
     */
    static int execute(Map<String, String> env, String... args) {
        return CommandFrame.run(
                new CommandLine(new Main())
                        .addSubcommand(new SimulateCommand(env))
                        .addSubcommand(new LoadCommand(env))
                        .addSubcommand(new AccessCommand(env))
                        .addSubcommand(new ReportCommand(env)),
                args);
    }
}
