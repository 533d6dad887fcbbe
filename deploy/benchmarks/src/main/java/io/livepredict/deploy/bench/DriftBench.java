package io.livepredict.deploy.bench;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.livepredict.cli.Table;
import io.livepredict.deploy.backtest.BacktestConfig;
import io.livepredict.deploy.report.RunReport;
import io.livepredict.trainer.config.TrainerConfig;
import io.livepredict.trainer.learner.KindStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code deploy/bench drift}: how fast the served scores recover when the world changes, with drift handling and without. */
@Command(
        name = "drift",
        header = "How fast the served scores recover when the world changes.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description =
                "On the simulated platform, whose rates change mid-run: by how much the log-loss of the served scores "
                        + "lies above the oracle's, mean over the targets, and after how many examples it is back within 10 %% of "
                        + "what it was before; the same events with drift handling on and off.")
final class DriftBench implements Callable<Integer> {
    private static final List<String> RUNS = List.of("on", "off");
    /** The table has a column for so many examples; the report and the picture have every point. */
    private static final int COLUMN = 2_000;

    @Mixin
    private PlatformOptions platform = new PlatformOptions();

    @Option(
            names = "--drift-at",
            defaultValue = "300s",
            paramLabel = "TIME",
            description = "When the rates change, in event time, such as 5m; default: ${DEFAULT-VALUE}.")
    private Duration driftAt = Duration.ZERO;

    @Option(
            names = "--after",
            defaultValue = "180s",
            paramLabel = "TIME",
            description = "How long the run goes on after that; default: ${DEFAULT-VALUE}.")
    private Duration after = Duration.ZERO;

    @Option(
            names = "--seed",
            defaultValue = "1",
            description = "Seed of the simulated platform; default: ${DEFAULT-VALUE}.")
    private long seed;

    @Option(names = "--json", paramLabel = "FILE", description = "Write the figures there as JSON.")
    private @Nullable Path json;

    @Option(names = "--plot", paramLabel = "FILE", description = "Write a picture of them there (SVG).")
    private @Nullable Path plot;

    @Override
    public Integer call() throws IOException {
        BacktestConfig on = SimulatedRun.live();
        BacktestConfig off = on.withDrift(TrainerConfig.Drift.off());
        try (SimulatedRun run = new SimulatedRun(platform.kind, seed, platform.rate, driftAt, List.of(on, off))) {
            run.through(driftAt.plus(after), System.err, System::nanoTime);
            List<DriftRecovery> recoveries = new ArrayList<>();
            for (int i = 0; i < RUNS.size(); i++) {
                recoveries.add(DriftRecovery.of(run.scored(), run.targets(), driftAt, run.longestHorizon(), i));
            }
            System.out.print(table(run, recoveries));
            if (json != null) {
                RunReport.write(report(run, recoveries), json);
            }
            if (plot != null) {
                Files.writeString(plot, DriftPlot.svg(RUNS, recoveries));
            }
        }
        return 0;
    }

    private static String table(SimulatedRun run, List<DriftRecovery> recoveries) {
        List<String> head = new ArrayList<>(List.of("drift handling", "before"));
        columns(recoveries.get(0)).forEach(p -> head.add(String.format(Locale.ROOT, "%,d", p.examples())));
        head.addAll(List.of("back within 10 % after", "mean of the first 20,000", "drifts found"));
        Table table = new Table(head);
        for (int i = 0; i < RUNS.size(); i++) {
            DriftRecovery recovery = recoveries.get(i);
            List<String> row =
                    new ArrayList<>(List.of(RUNS.get(i), String.format(Locale.ROOT, "%.4f", recovery.before())));
            columns(recovery).forEach(p -> row.add(String.format(Locale.ROOT, "%.4f", p.distance())));
            row.add(
                    recovery.recoveredAfter() < 0
                            ? "not within this run"
                            : String.format(Locale.ROOT, "%,d", recovery.recoveredAfter()));
            row.add(String.format(Locale.ROOT, "%.4f", recovery.meanAfter()));
            row.add(Long.toString(run.backtest(i).status().drift().found()));
            table.row(row);
        }
        return "Log-loss above the oracle's, mean over the targets; examples since the drift, by when they were scored\n\n"
                + table.markdown();
    }

    private static List<DriftRecovery.Point> columns(DriftRecovery recovery) {
        return recovery.curve().stream().filter(p -> p.examples() % COLUMN == 0).toList();
    }

    private ObjectNode report(SimulatedRun run, List<DriftRecovery> recoveries) {
        ObjectNode report = JsonNodeFactory.instance.objectNode();
        report.put("kind", platform.kind.id());
        report.put("seed", seed);
        report.put("events_per_second", platform.rate);
        report.put("drift_at_seconds", driftAt.toSeconds());
        report.put("window_examples", DriftRecovery.WINDOW);
        for (int i = 0; i < RUNS.size(); i++) {
            DriftRecovery recovery = recoveries.get(i);
            KindStatus status = run.backtest(i).status();
            ObjectNode node = report.withObject("/drift_handling_" + RUNS.get(i));
            node.put("distance_before", recovery.before());
            if (recovery.recoveredAfter() < 0) {
                node.putNull("examples_until_recovered");
            } else {
                node.put("examples_until_recovered", recovery.recoveredAfter());
            }
            node.put("mean_distance_of_first_20000", recovery.meanAfter());
            node.put("drifts_found", status.drift().found());
            node.put("last_drift_size", status.drift().lastSize());
            ArrayNode curve = node.putArray("curve");
            recovery.curve()
                    .forEach(
                            p -> curve.addObject().put("examples", p.examples()).put("distance", p.distance()));
        }
        return report;
    }
}
