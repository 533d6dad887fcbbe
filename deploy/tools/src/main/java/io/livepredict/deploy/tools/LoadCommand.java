package io.livepredict.deploy.tools;

import io.livepredict.cli.ProgressLine;
import io.livepredict.cli.StopSignals;
import io.livepredict.deploy.load.HistoryLoad;
import io.livepredict.deploy.load.Loader;
import io.livepredict.deploy.load.MissingBuckets;
import io.livepredict.serde.ConfluentRegistryClient;
import io.livepredict.settings.SettingsException;
import io.livepredict.settings.YamlFile;
import io.livepredict.streams.config.StreamsAppSettings;
import io.livepredict.streams.mapping.MappingSettings;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "load",
        description = {
            "Load a log of events from before time.live-from into a source topic, as fast as the streams app takes it, and say"
                    + " when all of it has been learned from.",
            "Run again, it goes on where it stopped."
        },
        mixinStandardHelpOptions = true)
final class LoadCommand implements Callable<Integer> {
    private final Map<String, String> env;

    @Option(names = "--config", required = true, paramLabel = "FILE", description = "The streams app's configuration.")
    private Path config = Path.of("streams-app.yaml");

    @Option(names = "--log", paramLabel = "FILE", description = "The log: CSV or JSON, .gz, .xz or .zst.")
    private @Nullable Path log;

    @Option(names = "--mapping", paramLabel = "FILE", description = "How its rows become events.")
    private @Nullable Path mapping;

    @Option(
            names = "--source",
            paramLabel = "TOPIC",
            description = "The source topic to load into; default: the only one of the mapping's kind.")
    private @Nullable String source;

    @Option(
            names = "--in-place",
            paramLabel = "TOPIC",
            description = "Load nothing: that source topic holds its history already. Wait until it is learned from.")
    private @Nullable String inPlace;

    @Option(
            names = "--max-ahead",
            paramLabel = "N",
            defaultValue = "50000",
            description = "Be at most so many events ahead of the streams app, default 50000.")
    private long maxAhead;

    @Option(
            names = "--most-missing",
            paramLabel = "SHARE",
            description = "Fail when for a larger share of lookups recent events of the room or match were missing,"
                    + " default 0.01.")
    private double mostMissing = MissingBuckets.MOST;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    LoadCommand(Map<String, String> env) {
        this.env = env;
    }

    @Override
    public Integer call() {
        if (!(mostMissing >= 0 && mostMissing <= 1)) {
            throw new SettingsException("--most-missing must be a share in 0..1, got " + mostMissing);
        }
        StreamsAppSettings read = StreamsAppSettings.read(config, env);
        try (ConfluentRegistryClient registry = new ConfluentRegistryClient(read.registry())) {
            Loader loader = new Loader(read, registry, System::currentTimeMillis, mostMissing);
            try (Loader.Log opened = opened(loader)) {
                return load(loader, opened);
            }
        }
    }

    private Loader.Log opened(Loader loader) {
        if (inPlace != null) {
            if (log != null) {
                throw new SettingsException("--log and --in-place exclude each other");
            }
            return loader.inPlace(inPlace);
        }
        if (log == null || mapping == null) {
            throw new SettingsException("say --log FILE and --mapping FILE, or --in-place TOPIC");
        }
        return loader.open(log, YamlFile.read(mapping, MappingSettings.class, Map.of()), source);
    }

    private int load(Loader loader, Loader.Log opened) {
        PrintWriter out = spec.commandLine().getOut();
        CountDownLatch stop = StopSignals.latch();
        Progress progress = new Progress(out);
        out.println("history before " + loader.liveFrom() + ": " + opened.name() + " into "
                + opened.source().topic());
        HistoryLoad.Result result = loader.run(opened, loader.ahead(maxAhead), () -> stop.getCount() == 0, progress);
        out.printf(
                Locale.ROOT,
                "%,d events are in %s%s%n",
                result.sent(),
                opened.source().topic(),
                result.before() > 0 ? String.format(Locale.ROOT, ", %,d of them from before", result.before()) : "");
        loader.remarks(opened, result).forEach(out::println);
        out.println(
                result.finished()
                        ? "history of " + opened.source().topic() + " is complete and learned from"
                        : "stopped; run it again, it goes on where it stopped");
        out.flush();
        return result.finished() ? 0 : 1;
    }

    /** Says every few seconds how it stands. */
    private static final class Progress implements HistoryLoad.Listener {
        private static final long WAIT_NANOS = Duration.ofSeconds(10).toNanos();

        private final PrintWriter out;
        private final ProgressLine line;
        private String waitingFor = "";
        private long movedNanos = System.nanoTime();

        Progress(PrintWriter out) {
            this.out = out;
            line = new ProgressLine(out, "loading", System::nanoTime);
        }

        @Override
        public void loading(double share, long sent, long taken) {
            waitingFor = "";
            movedNanos = System.nanoTime();
            line.at(
                    share,
                    () -> String.format(Locale.ROOT, "%,d events sent, %,d taken in by the streams app", sent, taken));
        }

        @Override
        public void waiting(String forWhat) {
            long now = System.nanoTime();
            if (!forWhat.equals(waitingFor)) {
                waitingFor = forWhat;
                movedNanos = now;
            } else if (now - movedNanos > WAIT_NANOS) {
                movedNanos = now;
                out.println("waiting for " + forWhat);
                out.flush();
            }
        }
    }
}
