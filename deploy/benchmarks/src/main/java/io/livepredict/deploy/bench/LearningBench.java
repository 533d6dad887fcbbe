package io.livepredict.deploy.bench;

import io.livepredict.contract.Kind;
import io.livepredict.trainer.evaluation.ExactMetrics;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code deploy/bench learning}: how fast the scores that are served get better after a start from nothing. */
@Command(
        name = "learning",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description =
                "From nothing, on the simulated platform: share of (base rate's log-loss − oracle's) that the served "
                        + "scores recovered, in each stretch of event time, by target. Below 0 is worse than the base rate.")
final class LearningBench implements Callable<Integer> {
    @Option(names = "--kind", defaultValue = "viewer", description = "viewer or player; default: viewer")
    private Kind kind = Kind.VIEWER;

    @Option(
            names = "--duration",
            defaultValue = "210",
            paramLabel = "SECONDS",
            description = "of event time; default 210")
    private int seconds;

    @Option(names = "--slice", defaultValue = "30", paramLabel = "SECONDS", description = "a column each; default 30")
    private int slice;

    @Option(names = "--rate", defaultValue = "1000", description = "events a second of both kinds; default 1000")
    private double rate;

    @Option(
            names = "--seeds",
            split = ",",
            defaultValue = "1,2,3",
            description = "one run each, averaged; default 1,2,3")
    private List<Long> seeds = List.of();

    @Override
    public Integer call() {
        int slices = seconds / slice;
        double[][] sums = {};
        List<String> targets = List.of();
        for (long seed : seeds) {
            try (SimulatedRun run = new SimulatedRun(kind, seed, rate, null, List.of(SimulatedRun.live()))) {
                run.through(Duration.ofSeconds(seconds), System.err, System::nanoTime);
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
                .filter(s -> s.target().equals(target) && s.atMillis() / (1000L * slice) == column)
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
        StringBuilder out = new StringBuilder("| target |");
        for (int s = 0; s < slices; s++) {
            int from = s * slice;
            out.append(String.format(Locale.ROOT, " %d:%02d |", from / 60, from % 60));
        }
        out.append("\n| --- |").append(" --: |".repeat(slices)).append('\n');
        for (int t = 0; t < targets.size(); t++) {
            out.append("| ").append(targets.get(t)).append(" |");
            for (double sum : sums[t]) {
                out.append(String.format(Locale.ROOT, " %.2f |", sum / seeds.size()));
            }
            out.append('\n');
        }
        return out.toString();
    }
}
