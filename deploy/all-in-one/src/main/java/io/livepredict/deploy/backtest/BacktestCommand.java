package io.livepredict.deploy.backtest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.livepredict.deploy.replay.LogException;
import io.livepredict.deploy.replay.Recording;
import io.livepredict.deploy.report.RunReport;
import io.livepredict.settings.SettingsException;
import io.livepredict.settings.Targets;
import io.livepredict.settings.YamlFile;
import io.livepredict.streams.ingest.MappingSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code deploy/backtest}: a recorded log through the whole loop in event time, without a broker. */
@Command(
        name = "backtest",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description =
                "Runs a recorded log through the streams app and the trainer in event time: deterministic, no broker. "
                        + "Scores are those that would have been served; labels become known when their horizon has passed.")
public final class BacktestCommand implements Callable<Integer> {
    @Option(
            names = "--replay",
            required = true,
            paramLabel = "FILE",
            description = "the log: .csv or .jsonl, plain, .gz or .xz, in order of time")
    private Path replay = Path.of("");

    @Option(
            names = "--mapping",
            required = true,
            paramLabel = "FILE",
            description = "how its columns become events; see deploy/examples")
    private Path mapping = Path.of("");

    @Option(names = "--targets", required = true, paramLabel = "FILE", description = "what is predicted")
    private Path targets = Path.of("");

    @Option(names = "--config", paramLabel = "FILE", description = "learners, features, cadences; default: as shipped")
    private @Nullable Path config;

    @Option(names = "--report", paramLabel = "FILE", description = "write the JSON report there")
    private @Nullable Path report;

    @Option(
            names = "--plot",
            paramLabel = "FILE.svg",
            description = "write a plot of AUC and log-loss over event time there")
    private @Nullable Path plot;

    @Option(names = "--limit", paramLabel = "N", description = "read at most so many rows")
    private long limit = Long.MAX_VALUE;

    @Option(names = "--stacktrace", description = "show where an error came from")
    private boolean stacktrace;

    /** Runs it. */
    public static void main(String[] args) {
        System.exit(new CommandLine(new BacktestCommand()).execute(args));
    }

    @Override
    public Integer call() {
        try {
            run();
            return 0;
        } catch (SettingsException | LogException | IllegalArgumentException | IOException e) {
            System.err.println("backtest: " + e.getMessage());
            if (stacktrace) {
                e.printStackTrace();
            }
            return 1;
        }
    }

    private void run() throws IOException {
        MappingSettings mapped = YamlFile.read(mapping, MappingSettings.class, System.getenv());
        Targets.File asked = YamlFile.read(targets, Targets.File.class, System.getenv());
        BacktestConfig settings = config == null
                ? BacktestConfig.defaults()
                : YamlFile.read(config, BacktestConfig.class, System.getenv());
        try (Recording recording = new Recording(replay, mapped, limit);
                Backtest backtest = new Backtest(settings, mapped, asked.targets())) {
            double seconds = BacktestRun.through(recording, backtest, "backtest", System.err, System::nanoTime);
            ObjectNode made = BacktestReport.of(backtest, recording, seconds);
            if (report != null) {
                RunReport.write(made, report);
            }
            if (plot != null) {
                QualityPlot.write(plot, String.valueOf(replay.getFileName()), backtest.tracks());
            }
            System.out.print(BacktestReport.table(backtest, recording, seconds));
        }
    }
}
