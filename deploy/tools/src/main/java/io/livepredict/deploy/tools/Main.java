package io.livepredict.deploy.tools;

import java.io.PrintWriter;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** {@code livepredict-tools}: what an installation needs beside the streams app and the trainer. */
@Command(
        name = "livepredict-tools",
        description = "A simulated platform, users and ACLs, and the report of a run, on any Kafka.",
        mixinStandardHelpOptions = true,
        version = "LivePredict 0.1.0",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = CommandLine.HelpCommand.class)
public final class Main {
    @Option(names = "--stacktrace", scope = ScopeType.INHERIT, description = "Show where an error came from.")
    private boolean stacktrace;

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
        Main main = new Main();
        CommandLine commands = new CommandLine(main)
                .addSubcommand(new SimulateCommand(env))
                .addSubcommand(new AccessCommand(env))
                .addSubcommand(new ReportCommand(env));
        commands.setExecutionExceptionHandler((e, command, parsed) -> {
            PrintWriter err = command.getErr();
            err.println("livepredict-tools: " + oneLine(e));
            if (main.stacktrace) {
                e.printStackTrace(err);
            }
            err.flush();
            return 1;
        });
        return commands.execute(args);
    }

    private static String oneLine(Throwable e) {
        Throwable told =
                e instanceof java.util.concurrent.ExecutionException && e.getCause() != null ? e.getCause() : e;
        String message = told.getMessage();
        return message == null
                ? told.getClass().getSimpleName()
                : message.replaceAll("\\s+", " ").strip();
    }
}
