package io.livepredict.deploy.backtest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.livepredict.cli.CommandFrame;
import io.livepredict.deploy.replay.LogException;
import io.livepredict.deploy.replay.LogSpan;
import io.livepredict.deploy.replay.Recording;
import io.livepredict.deploy.report.RunReport;
import io.livepredict.settings.KindsAndTargets;
import io.livepredict.settings.TargetSettings;
import io.livepredict.settings.Targets;
import io.livepredict.settings.YamlFile;
import io.livepredict.streams.mapping.MappingSettings;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code deploy/backtest}: a recorded log through the whole loop in event time, without a broker. */
@Command(
        name = "deploy/backtest",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description =
                "Runs a recorded log through the streams app and the trainer in event time: deterministic, no broker. "
                        + "Scores are those that would have been served; labels become known when their horizon has passed.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:ran to the end of the log",
            "1:could not, or nothing of the log could be used; one line says why",
            "2:wrong usage"
        })
public final class BacktestCommand implements Callable<Integer> {
    @Option(
            names = "--replay",
            required = true,
            paramLabel = "FILE",
            description = "The log, in order of time: CSV, JSON Lines, JSON; may end in .gz, .xz, .zst.")
    private Path replay = Path.of("");

    @Option(
            names = "--mapping",
            required = true,
            paramLabel = "FILE",
            description = "How its columns become events; examples are in deploy/examples.")
    private Path mapping = Path.of("");

    @Option(names = "--targets", required = true, paramLabel = "FILE", description = "What to predict.")
    private Path targets = Path.of("");

    @Option(names = "--config", paramLabel = "FILE", description = "Learners, features, cadences; default: as shipped.")
    private @Nullable Path config;

    @Option(names = "--report", paramLabel = "FILE", description = "Write the JSON report there.")
    private @Nullable Path report;

    @Option(
            names = "--plot",
            paramLabel = "FILE.svg",
            description = "Write a plot of AUC and log-loss over event time there.")
    private @Nullable Path plot;

    @Option(names = "--limit", paramLabel = "N", description = "Read at most so many rows.")
    private long limit = Long.MAX_VALUE;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    /** Runs it. */
    public static void main(String[] args) {
        System.exit(CommandFrame.run(new BacktestCommand(), args));
    }

    @Override
    public Integer call() throws IOException {
        run();
        return CommandFrame.DONE;
    }

    private void run() throws IOException {
        MappingSettings mapped = YamlFile.read(mapping, MappingSettings.class, System.getenv());
        BacktestConfig settings = config == null
                ? BacktestConfig.defaults()
                : YamlFile.read(config, BacktestConfig.class, System.getenv());
        List<TargetSettings> asked =
                Targets.readFile(targets, KindsAndTargets.definitions(settings.kindsFor(mapped)), System.getenv());
        try (Recording recording = new Recording(replay, mapped, limit);
                Backtest backtest = new Backtest(settings, mapped, asked)) {
            LogSpan beginning = recording.beginning();
            err().println("the log begins with " + beginning.words());
            if (beginning.hint() != null) {
                err().println("  " + beginning.hint());
            }
            recording.hints().forEach(hint -> err().println("  " + hint));
            double seconds = BacktestRun.through(recording, backtest, "backtest", System.err, System::nanoTime);
            ObjectNode made = BacktestReport.of(backtest, recording, seconds);
            if (report != null) {
                RunReport.write(made, report);
            }
            if (plot != null) {
                QualityPlot.write(plot, String.valueOf(replay.getFileName()), backtest.tracks());
            }
            spec.commandLine().getOut().print(BacktestReport.table(backtest, recording, seconds));
            spec.commandLine().getOut().flush();
            if (backtest.validEvents() == 0) {
                throw new LogException(replay + ": nothing could be used: " + recording.rows() + " rows gave "
                        + backtest.events() + " events, and none was valid"
                        + (recording.span().hint() == null
                                ? "; see what was left out above"
                                : "; " + recording.span().hint()));
            }
        }
    }

    private PrintWriter err() {
        return spec.commandLine().getErr();
    }
}
