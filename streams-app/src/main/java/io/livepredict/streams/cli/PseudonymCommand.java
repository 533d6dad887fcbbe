package io.livepredict.streams.cli;

import io.livepredict.cli.CommandFrame;
import io.livepredict.cli.Table;
import io.livepredict.streams.config.StreamsAppSettings;
import io.livepredict.streams.ingest.Pseudonyms;
import io.livepredict.streams.ingest.Pseudonyms.Pseudonym;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code streams-app pseudonym}: what stands in the place of an id, for those who may read the key files. */
@Command(
        name = "pseudonym",
        description = "Show the pseudonyms of ids, one for each epoch of the configured keys.",
        mixinStandardHelpOptions = true)
final class PseudonymCommand implements Callable<Integer> {
    private final Map<String, String> env;

    @Option(names = "--config", required = true, paramLabel = "FILE", description = "The configuration, YAML.")
    private Path config = Path.of("streams-app.yaml");

    @Parameters(arity = "1..*", paramLabel = "ID", description = "Ids as the sources have them.")
    private List<String> ids = List.of();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    PseudonymCommand(Map<String, String> env) {
        this.env = env;
    }

    @Override
    public Integer call() {
        Pseudonyms pseudonyms = StreamsAppSettings.read(config, env).privacy().pseudonyms();
        if (pseudonyms == null) {
            throw new IllegalStateException(config + " has no pseudonyms: entities have their own ids everywhere");
        }
        Table table = new Table("id", "pseudonym", "of events from", "until");
        for (String id : ids) {
            List<Pseudonym> all = pseudonyms.all(id);
            for (int i = 0; i < all.size(); i++) {
                table.row(
                        id,
                        all.get(i).text(),
                        moment(all.get(i).from()),
                        i + 1 < all.size() ? moment(all.get(i + 1).from()) : "-");
            }
        }
        PrintWriter out = spec.commandLine().getOut();
        out.print(table.console());
        out.flush();
        return CommandFrame.DONE;
    }

    private static String moment(Instant from) {
        return from.equals(Instant.MIN) ? "-" : from.toString();
    }
}
