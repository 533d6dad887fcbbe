package io.livepredict.streams.cli;

import io.livepredict.contract.DeadLetterReason;
import io.livepredict.contract.DurationFormat;
import io.livepredict.streams.config.StreamsAppSettings;
import io.livepredict.streams.deadletters.DeadLetterDesk;
import io.livepredict.streams.deadletters.DeadLetterFilter;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Options that say where dead letters are and which are meant. */
final class MeantLetters {
    @Option(names = "--config", required = true, paramLabel = "FILE", description = "The configuration, YAML.")
    private Path config = Path.of("streams-app.yaml");

    @Option(
            names = "--reason",
            split = ",",
            paramLabel = "REASON",
            description = "Only those of this reason, or of several separated by commas: ${COMPLETION-CANDIDATES}.")
    private Set<DeadLetterReason> reasons = new LinkedHashSet<>();

    @Option(
            names = "--source",
            split = ",",
            paramLabel = "TOPIC",
            description = "Only those from this source topic, or from several separated by commas.")
    private Set<String> sources = new LinkedHashSet<>();

    @Option(
            names = "--from",
            paramLabel = "TIME",
            converter = Moment.class,
            description = "Only those refused from then on: 2026-05-01T12:00:00Z, or 2h for two hours ago.")
    private @Nullable Instant from;

    @Option(
            names = "--to",
            paramLabel = "TIME",
            converter = Moment.class,
            description = "Only those refused before then.")
    private @Nullable Instant to;

    DeadLetterFilter filter() {
        return new DeadLetterFilter(
                reasons.stream().map(DeadLetterReason::name).collect(Collectors.toSet()), sources, from, to);
    }

    DeadLetterDesk desk(Map<String, String> env) {
        return new DeadLetterDesk(StreamsAppSettings.read(config, env), System::currentTimeMillis);
    }

    /** A moment, or how long ago it was. */
    private static final class Moment implements ITypeConverter<Instant> {
        @Override
        public Instant convert(String text) {
            try {
                return Instant.now().minus(DurationFormat.parse(text));
            } catch (IllegalArgumentException e) {
                return moment(text);
            }
        }

        private static Instant moment(String text) {
            try {
                return Instant.parse(text);
            } catch (DateTimeParseException e) {
                throw new TypeConversionException(
                        "'" + text + "' is no time: write 2026-05-01T12:00:00Z, or 2h for two hours ago");
            }
        }
    }
}
