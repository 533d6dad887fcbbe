package io.livepredict.streams.cli;

import io.livepredict.cli.CommandFrame;
import io.livepredict.cli.Table;
import io.livepredict.streams.deadletters.Replay;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code streams-app dead-letters}: what could not be used, counted, shown, or sent back for today's mapping to take. */
@Command(
        name = "dead-letters",
        description = "Count, show or replay what could not be used.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND")
final class DeadLettersCommand implements Runnable {
    private final Map<String, String> env;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    DeadLettersCommand(Map<String, String> env) {
        this.env = env;
    }

    @Override
    public void run() {
        throw CommandFrame.wrongUsage(spec, "say what to do: list, show or replay");
    }

    @Command(name = "list", description = "Count them by reason and source.", mixinStandardHelpOptions = true)
    void list(@Mixin MeantLetters meant) {
        print(meant.desk(env).count(meant.filter()), List.of());
    }

    @Command(
            name = "show",
            description = "Show the newest: where they came from, why they are there, and what they hold, cut.",
            mixinStandardHelpOptions = true)
    void show(
            @Mixin MeantLetters meant,
            @Option(
                            names = "--limit",
                            defaultValue = "10",
                            paramLabel = "N",
                            description = "How many at most; ${DEFAULT-VALUE} unless said.")
                    int limit) {
        if (limit < 1) {
            throw CommandFrame.wrongUsage(spec, "--limit must be at least 1, got " + limit);
        }
        PrintWriter out = spec.commandLine().getOut();
        List<String> shown = meant.desk(env).show(meant.filter(), limit);
        shown.forEach(out::println);
        if (shown.isEmpty()) {
            out.println("there are no such dead letters");
        }
        out.flush();
    }

    @Command(
            name = "replay",
            description =
                    "Send those that today's configuration can take back to the topics they came from, each once.",
            mixinStandardHelpOptions = true)
    void replay(
            @Mixin MeantLetters meant,
            @Option(names = "--dry-run", description = "Send nothing; say what would become of each.") boolean dryRun,
            @Option(names = "--again", description = "Those, too, that came back from a replay before.") boolean again,
            @Option(names = "--late", description = "Those, too, that are late by now; they come back as LATE.")
                    boolean late) {
        Replay.Request request = new Replay.Request(meant.filter(), again, late);
        Replay done =
                dryRun ? meant.desk(env).rehearse(request) : meant.desk(env).replay(request);
        print(done.table(), done.remarks());
        PrintWriter out = spec.commandLine().getOut();
        out.println(
                dryRun
                        ? done.sent() + " would be sent; without --dry-run they are"
                        : done.sent() + " sent; they are marked and are not sent again");
        out.flush();
    }

    private void print(Table table, List<String> remarks) {
        PrintWriter out = spec.commandLine().getOut();
        if (table.isEmpty()) {
            out.println("there are no such dead letters");
        } else {
            out.print(table.console());
        }
        remarks.forEach(out::println);
        out.flush();
    }
}
