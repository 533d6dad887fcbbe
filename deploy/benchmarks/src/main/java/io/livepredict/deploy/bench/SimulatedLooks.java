package io.livepredict.deploy.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.livepredict.cli.Table;
import io.livepredict.contract.Kind;
import io.livepredict.deploy.backtest.BacktestConfig;
import io.livepredict.deploy.bench.SimulatedRun.Scored;
import io.livepredict.trainer.evaluation.ExactMetrics;
import java.io.PrintStream;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.ToDoubleFunction;

/**
 * Looks on the simulated platform with silences: how much of what the oracle knows is served at looks and at events, and whether
 * as many labels of looks are positive as the oracle expects, as they must be where nobody is looked at because of what comes.
 */
record SimulatedLooks(Kind kind, long seed, double rate, Duration duration, BacktestConfig config) {
    /** Steps and the longest horizon together are within what the oracle knows exactly of those who have gone. */
    static final List<Duration> STEPS = List.of(Duration.ofSeconds(10), Duration.ofSeconds(25));

    private static final double TESTED = 0.5;
    private static final long BLOCK_MILLIS = 60_000;

    /**
     * Labels of one target, at looks or at events.
     *
     * @param n how many
     * @param positive share of them
     * @param expected the mean of the oracle's probabilities
     * @param error the standard error of their difference: labels of the same minutes are no independent ones, because those in
     *     a room have its mood in common, so it is that of the minutes' sums
     * @param share of the way from the base rate's log-loss to the oracle's that what was served has come
     */
    record Row(String target, boolean look, int n, double positive, double expected, double error, double share) {
        static Row of(String target, boolean look, List<Scored> scored) {
            double[] labels = values(scored, Scored::label);
            double base = ExactMetrics.baseRateLogLoss(labels);
            double oracle = ExactMetrics.logLoss(values(scored, Scored::oracle), labels);
            double served = ExactMetrics.logLoss(values(scored, each -> each.served()[0]), labels);
            return new Row(
                    target,
                    look,
                    labels.length,
                    mean(scored, Scored::label),
                    mean(scored, Scored::oracle),
                    error(scored),
                    (base - served) / (base - oracle));
        }

        private static double error(List<Scored> scored) {
            Map<Long, Double> sums = new HashMap<>();
            scored.forEach(
                    each -> sums.merge(each.atMillis() / BLOCK_MILLIS, each.label() - each.oracle(), Double::sum));
            return Math.sqrt(
                            sums.values().stream().mapToDouble(sum -> sum * sum).sum())
                    / scored.size();
        }

        private static double mean(List<Scored> scored, ToDoubleFunction<Scored> of) {
            return scored.stream().mapToDouble(of).average().orElse(Double.NaN);
        }

        private static double[] values(List<Scored> scored, ToDoubleFunction<Scored> of) {
            return scored.stream().mapToDouble(of).toArray();
        }
    }

    /** Runs it; the rows are of the second half of the time. */
    List<Row> run(PrintStream out, LongSupplier nanoClock) {
        try (SimulatedRun run = SimulatedRun.withLooks(kind, seed, rate, STEPS, config)) {
            run.through(duration, out, nanoClock);
            long from = (long) (duration.toMillis() * TESTED);
            List<Scored> tested = run.scored().stream()
                    .filter(each -> each.atMillis() >= from)
                    .toList();
            return run.targets().stream()
                    .flatMap(target -> List.of(false, true).stream()
                            .map(look -> Row.of(
                                    target,
                                    look,
                                    tested.stream()
                                            .filter(each -> each.look() == look
                                                    && each.target().equals(target))
                                            .toList())))
                    .toList();
        }
    }

    static String table(List<Row> rows, ObjectNode report) {
        Table table = new Table("target", "at", "n", "positive", "oracle's mean", "share of base - oracle");
        for (Row row : rows) {
            String at = row.look() ? "looks" : "events";
            table.row(
                    row.target(),
                    at,
                    String.format(Locale.ROOT, "%,d", row.n()),
                    String.format(Locale.ROOT, "%.4f", row.positive()),
                    String.format(Locale.ROOT, "%.4f ± %.4f", row.expected(), 1.96 * row.error()),
                    String.format(Locale.ROOT, "%.3f", row.share()));
            report.withObject("/" + row.target())
                    .putObject(at)
                    .put("n", row.n())
                    .put("positive", row.positive())
                    .put("expected", row.expected())
                    .put("expected_standard_error", row.error())
                    .put("share_of_oracle", row.share());
        }
        return table.console();
    }
}
