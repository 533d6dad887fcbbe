package io.livepredict.deploy.bench;

import io.livepredict.cli.Table;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.apache.kafka.common.utils.Bytes;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code deploy/bench state}: how many bytes the streams app keeps, by store: what lies in the changelogs of the production
 * topology at the end of a run in event time.
 */
@Command(
        name = "state",
        header = "Bytes of state that the streams app keeps.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Bytes of state per entry of each store, after a run of the simulated platform in event time.")
final class StateBench implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Mixin
    private PlatformOptions platform = new PlatformOptions();

    @Option(
            names = "--duration",
            defaultValue = "120s",
            paramLabel = "TIME",
            description = "How much event time, such as 5m; default: ${DEFAULT-VALUE}.")
    private Duration duration = Duration.ZERO;

    @Override
    public Integer call() {
        Options.atLeast(spec, "--duration in seconds", duration.toSeconds(), 1);
        Conditions.of(spec);
        Map<String, Map<Bytes, Integer>> sizes = new TreeMap<>();
        try (SimulatedRun run = new SimulatedRun(platform.kind, 1, platform.rate, null, List.of(SimulatedRun.live()))) {
            run.backtest(0).watch((store, key, value) -> {
                Map<Bytes, Integer> entries = sizes.computeIfAbsent(store, absent -> new HashMap<>());
                if (value == null) {
                    entries.remove(key);
                } else {
                    entries.put(key, value.length);
                }
            });
            run.through(duration, System.err, System::nanoTime);
        }
        Table table = new Table("store", "entries", "bytes p50", "p90", "p99", "mean", "all");
        sizes.forEach((store, entries) -> {
            int[] sorted = entries.values().stream()
                    .mapToInt(Integer::intValue)
                    .sorted()
                    .toArray();
            if (sorted.length > 0) {
                table.row(
                        store,
                        count(sorted.length),
                        count(sorted[sorted.length / 2]),
                        count(sorted[sorted.length * 9 / 10]),
                        count(sorted[sorted.length * 99 / 100]),
                        count(Math.round(Arrays.stream(sorted).average().orElse(0))),
                        count(IntStream.of(sorted).asLongStream().sum()));
            }
        });
        System.out.print("\n" + table.markdown());
        return 0;
    }

    private static String count(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }
}
