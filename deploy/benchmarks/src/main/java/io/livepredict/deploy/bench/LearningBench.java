package io.livepredict.deploy.bench;

import io.livepredict.cli.CommandFrame;
import io.livepredict.cli.Table;
import io.livepredict.trainer.evaluation.ExactMetrics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code deploy/bench learning}: how fast the scores that are served get better after a start from nothing. */
@Command(
        name = "learning",
        header = "How fast the served scores improve from nothing.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description =
                "From nothing, on the simulated platform: share of (base rate's log-loss − oracle's) that the served "
                        + "scores recovered, in each stretch of event time, by target. Below 0 is worse than the base rate.")
final class LearningBench implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Mixin
    private PlatformOptions platform = new PlatformOptions();

    @Option(
            names = "--duration",
            defaultValue = "210s",
            paramLabel = "TIME",
            description = "How much event time, such as 5m; default: ${DEFAULT-VALUE}.")
    private Duration duration = Duration.ZERO;

    @Option(
            names = "--slice",
            defaultValue = "30s",
            paramLabel = "TIME",
            description = "How much of it each column is about; default: ${DEFAULT-VALUE}.")
    private Duration slice = Duration.ZERO;

    @Option(
            names = "--seeds",
            split = ",",
            defaultValue = "1,2,3",
            description = "Seeds of the simulated platform: one run each, averaged; default: ${DEFAULT-VALUE}.")
    private List<Long> seeds = List.of();

    @Override
    public Integer call() {
        if (slice.isZero() || duration.compareTo(slice) < 0) {
            throw CommandFrame.wrongUsage(spec, "--duration must be at least --slice, and that more than 0s");
        }
        int slices = (int) duration.dividedBy(slice);
        double[][] sums = {};
        List<String> targets = List.of();
        for (long seed : seeds) {
            try (SimulatedRun run =
                    new SimulatedRun(platform.kind, seed, platform.rate, null, List.of(SimulatedRun.live()))) {
                run.through(duration, System.err, System::nanoTime);
                targets = run.targets();
                sums = sums.length == 0 ? new double[targets.size()][slices] : sums;
                for (int t = 0; t < targets.size(); t++) {
                    for (int s = 0; s < slices; s++) {
                        sums[t][s] += share(run.scored(), targets.get(t), s);
                    }
                }
            }
        }
        System.out.print(table(targets, sums, slices));
        return 0;
    }

    private double share(List<SimulatedRun.Scored> all, String target, int column) {
        List<SimulatedRun.Scored> in = all.stream()
                .filter(s -> s.target().equals(target) && s.atMillis() / slice.toMillis() == column)
                .toList();
        double[] labels = in.stream().mapToDouble(SimulatedRun.Scored::label).toArray();
        double base = ExactMetrics.baseRateLogLoss(labels);
        double served =
                ExactMetrics.logLoss(in.stream().mapToDouble(s -> s.served()[0]).toArray(), labels);
        double oracle = ExactMetrics.logLoss(
                in.stream().mapToDouble(SimulatedRun.Scored::oracle).toArray(), labels);
        return (base - served) / (base - oracle);
    }

    private String table(List<String> targets, double[][] sums, int slices) {
        List<String> head = new ArrayList<>(List.of("target"));
        for (int column = 0; column < slices; column++) {
            Duration from = slice.multipliedBy(column);
            head.add(String.format(Locale.ROOT, "%d:%02d", from.toMinutes(), from.toSecondsPart()));
        }
        Table table = new Table(head);
        for (int t = 0; t < targets.size(); t++) {
            List<String> row = new ArrayList<>(List.of(targets.get(t)));
            for (double sum : sums[t]) {
                row.add(String.format(Locale.ROOT, "%.2f", sum / seeds.size()));
            }
            table.row(row);
        }
        return table.markdown();
    }
}
