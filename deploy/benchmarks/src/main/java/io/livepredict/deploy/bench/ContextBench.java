package io.livepredict.deploy.bench;

import io.livepredict.cli.Table;
import io.livepredict.deploy.backtest.BacktestConfig;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code deploy/bench contexts}: what the features of the room or match are worth on the simulated platform. */
@Command(
        name = "contexts",
        header = "What the features of the room or match are worth.",
        mixinStandardHelpOptions = true,
        description =
                "The simulated platform in event time, with and without context features: by how much the log-loss of what was "
                        + "served lies above the oracle's over the last half, by target.")
final class ContextBench implements Callable<Integer> {
    @Mixin
    private PlatformOptions platform = new PlatformOptions();

    @Option(
            names = "--duration",
            defaultValue = "300s",
            paramLabel = "TIME",
            description = "How much event time, such as 5m; default: ${DEFAULT-VALUE}.")
    private Duration duration = Duration.ZERO;

    @Option(
            names = "--seed",
            defaultValue = "1",
            description = "Seed of the simulated platform; default: ${DEFAULT-VALUE}.")
    private long seed;

    @Override
    public Integer call() {
        BacktestConfig without = SimulatedRun.live();
        try (SimulatedRun run = new SimulatedRun(
                platform.kind, seed, platform.rate, null, List.of(without, without.withContextFeatures()))) {
            run.through(duration, System.err, System::nanoTime);
            List<SimulatedRun.Scored> lastHalf = run.scored().stream()
                    .filter(scored -> scored.atMillis() >= duration.toMillis() / 2)
                    .toList();
            Table table = new Table("target", "labels", "without", "with context features");
            for (String target : run.targets()) {
                row(table, target, lastHalf, List.of(target));
            }
            row(table, "mean", lastHalf, run.targets());
            System.out.print(table.markdown());
        }
        return 0;
    }

    private static void row(Table table, String name, List<SimulatedRun.Scored> scored, List<String> targets) {
        long labels = scored.stream().filter(s -> targets.contains(s.target())).count();
        table.row(
                name,
                String.format(Locale.ROOT, "%,d", labels),
                String.format(Locale.ROOT, "%.4f", DriftRecovery.distance(scored, targets, 0)),
                String.format(Locale.ROOT, "%.4f", DriftRecovery.distance(scored, targets, 1)));
    }
}
