package io.livepredict.streams.cli;

import io.livepredict.cli.CommandFrame;
import io.livepredict.cli.Table;
import io.livepredict.contract.DurationFormat;
import io.livepredict.contract.Kind;
import io.livepredict.streams.config.StreamsAppSettings;
import io.livepredict.streams.erasure.ErasureDesk;
import io.livepredict.streams.erasure.ErasureDesk.Answers;
import io.livepredict.streams.erasure.Remains;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code streams-app erase}: has a viewer or player forgotten, and says what remains until when. */
@Command(
        name = "erase",
        description = "Have a viewer or player forgotten, and print a receipt of what is gone and what remains.",
        mixinStandardHelpOptions = true)
final class EraseCommand implements Callable<Integer> {
    private final Map<String, String> env;

    @Option(names = "--config", required = true, paramLabel = "FILE", description = "The configuration, YAML.")
    private Path config = Path.of("streams-app.yaml");

    @Option(
            names = "--wait",
            defaultValue = "60s",
            paramLabel = "DURATION",
            converter = Span.class,
            description = "How long to wait for all tasks to answer; ${DEFAULT-VALUE} unless said.")
    private Duration patience = Duration.ofSeconds(60);

    @Option(names = "--receipt", paramLabel = "FILE", description = "Write the receipt to a file too, Markdown.")
    private @Nullable Path file;

    @Parameters(index = "0", paramLabel = "KIND", converter = KindName.class, description = "viewer or player.")
    private Kind kind = Kind.VIEWER;

    @Parameters(index = "1", paramLabel = "ID", description = "Whom to forget, by the id that the sources have.")
    private String id = "";

    @Spec
    private CommandSpec spec = CommandSpec.create();

    EraseCommand(Map<String, String> env) {
        this.env = env;
    }

    @Override
    public Integer call() throws IOException {
        StreamsAppSettings settings = StreamsAppSettings.read(config, env);
        PrintWriter out = spec.commandLine().getOut();
        List<Answers> answers = new ErasureDesk(settings, System::currentTimeMillis)
                .erase(kind, id, patience, (answered, tasks) -> {
                    out.println(answered + " of " + tasks + " tasks have answered");
                    out.flush();
                });
        if (!answers.stream().allMatch(Answers::complete)) {
            out.println("not all tasks have answered within " + DurationFormat.format(patience)
                    + ". The request stays as long as the topic erasures keeps it, and they carry it out when they run; is the"
                    + " app running, with erasures: true? Run this again for a receipt: to erase twice does no harm");
            out.flush();
            return 1;
        }
        Receipt receipt = new Receipt(answers, new Remains(settings).table(kind, Instant.now()));
        receipt.lines(Table::console).forEach(out::println);
        out.flush();
        if (file != null) {
            Files.write(file, receipt.lines(Table::markdown));
        }
        return CommandFrame.DONE;
    }

    /** What is gone and what remains; it holds no id of a person. */
    private record Receipt(List<Answers> answers, Table remains) {
        List<String> lines(Function<Table, String> form) {
            List<String> lines = new ArrayList<>();
            for (Answers each : answers) {
                Table removed = new Table("state", "entries removed");
                each.removed().forEach((store, count) -> removed.row(store, Long.toString(count)));
                lines.add("Erasure " + each.erasureId() + ", carried out by all " + each.tasks() + " tasks by "
                        + each.lastAt() + ".");
                lines.add("");
                lines.add(removed.isEmpty() ? "Nothing was known of this id.\n" : form.apply(removed));
            }
            lines.add("What remains of it, as the brokers keep topics now:");
            lines.add("");
            lines.add(form.apply(remains));
            lines.add(
                    "Files of state on disk hold former values until RocksDB writes them anew, which it does with those older than"
                            + " topics.compaction-lag when the app is started again, or sooner. Models hold no ids; what they learned"
                            + " from this one among all others fades as they go on learning. Events from before the erasure that"
                            + " arrive later are dropped; with later ones the entity starts from nothing.");
            return lines;
        }
    }

    private static final class Span implements ITypeConverter<Duration> {
        @Override
        public Duration convert(String text) {
            try {
                return DurationFormat.parse(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }

    private static final class KindName implements ITypeConverter<Kind> {
        @Override
        public Kind convert(String text) {
            for (Kind kind : Kind.values()) {
                if (kind.id().equals(text)) {
                    return kind;
                }
            }
            throw new TypeConversionException("'" + text + "' is no kind: say viewer or player");
        }
    }
}
