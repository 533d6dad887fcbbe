package io.livepredict.deploy.local;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.regex.Pattern;
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
            description = "end by itself after this long of events, e.g. 60s or 5m; default: until Ctrl-C",
            converter = Durations.class)
    @Nullable
    Duration duration;

    @Option(names = "--report", paramLabel = "FILE", description = "write a JSON report at the end")
    @Nullable
    Path report;

    @Option(
            names = "--rate",
            paramLabel = "N",
            defaultValue = "1000",
            description = "simulated events per second; default ${DEFAULT-VALUE}")
    double rate;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "of the simulated platform; default ${DEFAULT-VALUE}")
    long seed;

    @Option(
            names = "--drift-at",
            paramLabel = "TIME",
            description = "change the simulated behaviour after this long",
            converter = Durations.class)
    @Nullable
    Duration driftAt;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "keep topics, schemas, models, state and keys here between starts; default: nothing is kept")
    @Nullable
    Path data;

    @Option(names = "--fresh", description = "begin anew: clear what --data kept")
    boolean fresh;

    @Option(names = "--gpu", description = "build and run with the GPU runtime (Linux x64, CUDA 12)")
    boolean gpu;

    @Option(
            names = "--broker-port",
            paramLabel = "PORT",
            defaultValue = "9092",
            description = "default ${DEFAULT-VALUE}")
    int brokerPort;

    @Option(
            names = "--registry-port",
            paramLabel = "PORT",
            defaultValue = "8081",
            description = "default ${DEFAULT-VALUE}")
    int registryPort;

    @Option(
            names = "--http-port",
            paramLabel = "PORT",
            defaultValue = "8080",
            description = "health, metrics and active models of the streams app; default ${DEFAULT-VALUE}")
    int httpPort;

    @Option(
            names = "--trainer-http-port",
            paramLabel = "PORT",
            defaultValue = "8082",
            description = "health and metrics of the trainer; default ${DEFAULT-VALUE}")
    int trainerHttpPort;

    @Option(
            names = "--partitions",
            paramLabel = "N",
            defaultValue = "2",
            description = "of the event topics; default ${DEFAULT-VALUE}")
    int partitions;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "a key of a program's configuration, e.g. streams-app.score.batch-size=64 or "
                    + "trainer.publish.every=5s; may be repeated")
    List<String> set = new ArrayList<>();

    @ArgGroup(exclusive = false, heading = "%nA recorded log instead of the simulated platform:%n")
    @Nullable
    Replay replay;

    @Option(names = "--verbose", description = "show the programs' log here too")
    boolean verbose;

    @Option(names = "--stacktrace", description = "show where an error came from")
    boolean stacktrace;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "show this and end")
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
                description = "CSV or JSON Lines; may be compressed: .gz, .xz")
        @SuppressWarnings("NullAway.Init")
        Path file;

        @Option(
                names = "--mapping",
                paramLabel = "FILE",
                required = true,
                description = "how its rows become events; examples are in deploy/examples")
        @SuppressWarnings("NullAway.Init")
        Path mapping;

        @Option(names = "--targets", paramLabel = "FILE", required = true, description = "what to predict")
        @SuppressWarnings("NullAway.Init")
        Path targets;

        @Option(
                names = "--speed",
                paramLabel = "X",
                description = "multiple of real time, or 'unbounded' to lift --max-ahead and measure throughput; "
                        + "default: as fast as --max-ahead allows",
                converter = Speeds.class)
        @Nullable
        Speed speed;

        @Option(
                names = "--max-ahead",
                paramLabel = "N",
                defaultValue = "2000",
                description = "how many events it may be ahead of what was scored, learned and activated; "
                        + "default ${DEFAULT-VALUE}")
        long maxAhead;

        @Option(
                names = "--limit",
                paramLabel = "N",
                defaultValue = "9223372036854775807",
                description = "read only the first N rows",
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
                // Said below.
            }
            throw new TypeConversionException("'" + value + "' must be a positive number or 'unbounded'");
        }
    }

    static final class Durations implements ITypeConverter<Duration> {
        @Override
        public Duration convert(String value) {
            var matcher = Pattern.compile("(\\d+)(ms|s|m|h)").matcher(value);
            if (!matcher.matches()) {
                throw new TypeConversionException(
                        "'" + value + "' must be a whole number and a unit, such as 90s, 5m or 1h");
            }
            long number = Long.parseLong(matcher.group(1));
            return switch (matcher.group(2)) {
                case "ms" -> Duration.ofMillis(number);
                case "s" -> Duration.ofSeconds(number);
                case "m" -> Duration.ofMinutes(number);
                default -> Duration.ofHours(number);
            };
        }
    }
}
