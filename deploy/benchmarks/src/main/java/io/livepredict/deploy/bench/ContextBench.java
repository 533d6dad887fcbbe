package io.livepredict.deploy.bench;

import io.livepredict.contract.Kind;
import io.livepredict.deploy.backtest.BacktestConfig;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code deploy/bench contexts}: what the features of the room or match are worth on the simulated platform. */
@Command(
        name = "contexts",
        mixinStandardHelpOptions = true,
        description =
                "The simulated platform in event time, with and without context features: by how much the log-loss of what was "
                        + "served lies above the oracle's over the last half, by target.")
final class ContextBench implements Callable<Integer> {
    @Option(names = "--kind", defaultValue = "viewer", description = "viewer or player; default: viewer")
    private Kind kind = Kind.VIEWER;

    @Option(
            names = "--seconds",
            defaultValue = "300",
            paramLabel = "SECONDS",
            description = "of event time; default 300")
    private int seconds;

    @Option(names = "--rate", defaultValue = "1000", description = "events a second of both kinds; default 1000")
    private double rate;

    @Option(names = "--seed", defaultValue = "1", description = "of the simulated platform; default 1")
    private long seed;

    @Override
    public Integer call() {
        BacktestConfig without = SimulatedRun.live();
        try (SimulatedRun run =
                new SimulatedRun(kind, seed, rate, null, List.of(without, without.withContextFeatures()))) {
            run.through(Duration.ofSeconds(seconds), System.err, System::nanoTime);
            List<SimulatedRun.Scored> lastHalf = run.scored().stream()
                    .filter(scored -> scored.atMillis() >= seconds * 500L)
                    .toList();
            System.out.println("| target | labels | without | with context features |\n| --- | --: | --: | --: |");
            for (String target : run.targets()) {
                row(target, lastHalf, List.of(target));
            }
            row("mean", lastHalf, run.targets());
        }
        return 0;
    }

    private static void row(String name, List<SimulatedRun.Scored> scored, List<String> targets) {
        System.out.printf(
                Locale.ROOT,
                "| %s | %,d | %.4f | %.4f |%n",
                name,
                scored.stream().filter(s -> targets.contains(s.target())).count(),
                DriftRecovery.distance(scored, targets, 0),
                DriftRecovery.distance(scored, targets, 1));
    }
}
