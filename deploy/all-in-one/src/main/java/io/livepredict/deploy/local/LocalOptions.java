package io.livepredict.deploy.local;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The options of deploy/local. Mutable because picocli fills it; read only after that. */
@SuppressWarnings("ImmutableMemberCollection")
final class LocalOptions {
    @Option(
            names = "--duration",
            paramLabel = "TIME",
            description = "End after this long of events, such as 60s or 5m; default: Ctrl-C ends it.")
    @Nullable
    Duration duration;

    @Option(names = "--report", paramLabel = "FILE", description = "Write a JSON report at the end.")
    @Nullable
    Path report;

    @Option(
            names = "--rate",
            paramLabel = "N",
            defaultValue = "1000",
            description = "Simulated events per second; default: ${DEFAULT-VALUE}.")
    double rate;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "Seed of the simulated platform; default: ${DEFAULT-VALUE}.")
    long seed;

    @Option(
            names = "--drift-at",
            paramLabel = "TIME",
            description = "Change the simulated behaviour after this long, such as 5m; default: never.")
    @Nullable
    Duration driftAt;

    @Option(
            names = "--keep",
            paramLabel = "SHARE",
            defaultValue = "0",
            description =
                    "Alert on viewers about to leave, and act on it: this share of those alerted, 0 to 1, does not "
                            + "leave for a minute; nobody of those held out. Default: 0.")
    double keep;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "Keep topics, schemas, models, state and keys here between starts; default: nothing is kept.")
    @Nullable
    Path data;

    @Option(names = "--fresh", description = "Clear what --data kept, and start from nothing.")
    boolean fresh;

    @Option(names = "--gpu", description = "Build and run with the GPU runtime (Linux x64, CUDA 12).")
    boolean gpu;

    @Option(
            names = "--broker-port",
            paramLabel = "PORT",
            defaultValue = "9092",
            description = "Port of Kafka; default: ${DEFAULT-VALUE}.")
    int brokerPort;

    @Option(
            names = "--registry-port",
            paramLabel = "PORT",
            defaultValue = "8081",
            description = "Port of the schema registry; default: ${DEFAULT-VALUE}.")
    int registryPort;

    @Option(
            names = "--http-port",
            paramLabel = "PORT",
            defaultValue = "8080",
            description = "Port of the streams app's health, metrics and active models; default: ${DEFAULT-VALUE}.")
    int httpPort;

    @Option(
            names = "--trainer-http-port",
            paramLabel = "PORT",
            defaultValue = "8082",
            description = "Port of the trainer's health and metrics; default: ${DEFAULT-VALUE}.")
    int trainerHttpPort;

    @Option(
            names = "--console-port",
            paramLabel = "PORT",
            defaultValue = "8090",
            description = "Port of the console, to look at in a browser; default: ${DEFAULT-VALUE}.")
    int consolePort;

    @Option(
            names = "--partitions",
            paramLabel = "N",
            defaultValue = "2",
            description = "Partitions of the event topics; default: ${DEFAULT-VALUE}.")
    int partitions;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "Set a key of a program's configuration, such as streams-app.score.batch-size=64 or "
                    + "trainer.publish.every=5s. May be repeated.")
    List<String> set = new ArrayList<>();

    @ArgGroup(exclusive = false, heading = "%nA recorded log instead of the simulated platform:%n")
    @Nullable
    Replay replay;

    @Option(names = "--verbose", description = "Show the programs' log here too.")
    boolean verbose;

    @Option(names = "--stacktrace", description = "Show where an error came from.")
    boolean stacktrace;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help message and exit.")
    boolean help;

    /** The replay's options, where there is one. */
    Replay replay() {
        return Objects.requireNonNull(replay);
    }

    /** A recorded log. */
    static final class Replay {
        @Option(
                names = "--replay",
                paramLabel = "FILE",
                required = true,
                description = "The log: CSV, JSON Lines or JSON, plain, .gz, .xz or .zst.")
        @SuppressWarnings("NullAway.Init")
        Path file;

        @Option(
                names = "--mapping",
                paramLabel = "FILE",
                required = true,
                description = "How its rows become events; examples are in deploy/examples.")
        @SuppressWarnings("NullAway.Init")
        Path mapping;

        @Option(names = "--targets", paramLabel = "FILE", required = true, description = "What to predict.")
        @SuppressWarnings("NullAway.Init")
        Path targets;

        @Option(
                names = "--speed",
                paramLabel = "X",
                description = "Multiple of real time, or 'unbounded' to lift --max-ahead and measure throughput; "
                        + "default: as fast as --max-ahead allows.",
                converter = Speeds.class)
        @Nullable
        Speed speed;

        @Option(
                names = "--max-ahead",
                paramLabel = "N",
                defaultValue = "2000",
                description = "How many events the replay may be ahead of what was scored, learned and activated; "
                        + "default: ${DEFAULT-VALUE}.")
        long maxAhead;

        @Option(
                names = "--limit",
                paramLabel = "N",
                defaultValue = "9223372036854775807",
                description = "Read only the first N rows.",
                showDefaultValue = picocli.CommandLine.Help.Visibility.NEVER)
        long limit;
    }

    /**
     * How fast a log is replayed.
     *
     * @param unbounded whether nothing holds it back
     * @param multiple of real time
     */
    record Speed(boolean unbounded, OptionalDouble multiple) {}

    static final class Speeds implements ITypeConverter<Speed> {
        @Override
        public Speed convert(String value) {
            if (value.equals("unbounded")) {
                return new Speed(true, OptionalDouble.empty());
            }
            try {
                double multiple = Double.parseDouble(value);
                if (multiple > 0 && Double.isFinite(multiple)) {
                    return new Speed(false, OptionalDouble.of(multiple));
                }
            } catch (NumberFormatException e) {
                // The error is reported below.
            }
            throw new TypeConversionException("'" + value + "' must be a positive number or 'unbounded'");
        }
    }
}
