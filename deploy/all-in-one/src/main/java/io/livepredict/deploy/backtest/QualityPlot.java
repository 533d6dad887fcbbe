package io.livepredict.deploy.backtest;

import io.livepredict.trainer.chart.LineChart;
import io.livepredict.trainer.evaluation.ExactMetrics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;

/**
 * AUC and log-loss of the served scores over event time, as an SVG: each point is the same number of examples, at the time of
 * its middle one. Log-loss is drawn relative to that of the base rate of the same examples, so that targets can share an axis.
 */
public final class QualityPlot {
    private static final int MOST_POINTS = 40;
    private static final int LEAST_EXAMPLES = 200;
    private static final double HIGHEST_LOSS = 1.5;
    private static final long DAY = 86_400_000;

    private QualityPlot() {}

    /** Writes the plot. */
    public static void write(Path file, String title, Map<String, TargetTrack> tracks) throws IOException {
        Path parent = file.toAbsolutePath().getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        Files.writeString(file, svg(title, tracks));
    }

    static String svg(String title, Map<String, TargetTrack> tracks) {
        List<LineChart.Line> aucs = new ArrayList<>();
        List<LineChart.Line> losses = new ArrayList<>();
        tracks.forEach((name, track) -> add(name, track, aucs, losses));
        double[] drawn = losses.stream()
                .flatMapToDouble(line -> Arrays.stream(line.y()))
                .filter(Double::isFinite)
                .toArray();
        double best = DoubleStream.of(drawn).min().orElse(0);
        double worst = DoubleStream.of(drawn).max().orElse(1);
        double[] times =
                aucs.stream().flatMapToDouble(line -> Arrays.stream(line.x())).toArray();
        double span = DoubleStream.of(times).max().orElse(0)
                - DoubleStream.of(times).min().orElse(0);
        return LineChart.svg(
                title,
                "",
                millis -> date((long) millis, span),
                List.of(
                        new LineChart.Panel("AUC of the served scores", 0.5, 1, aucs, Map.of()),
                        new LineChart.Panel(
                                "log-loss / log-loss of the base rate",
                                Math.min(0.9, Math.floor(best * 10) / 10),
                                Math.min(HIGHEST_LOSS, Math.max(1, Math.ceil(worst * 10) / 10)),
                                losses,
                                Map.of())));
    }

    private static void add(String name, TargetTrack track, List<LineChart.Line> aucs, List<LineChart.Line> losses) {
        long[] times = track.asOfMillis();
        double[] served = track.served();
        double[] labels = track.labels();
        int count = Math.min(MOST_POINTS, times.length / LEAST_EXAMPLES);
        double[] x = new double[count];
        double[] auc = new double[count];
        double[] loss = new double[count];
        for (int i = 0; i < count; i++) {
            int begin = (int) ((long) times.length * i / count);
            int end = (int) ((long) times.length * (i + 1) / count);
            double[] scores = Arrays.copyOfRange(served, begin, end);
            double[] came = Arrays.copyOfRange(labels, begin, end);
            x[i] = times[(begin + end) / 2];
            auc[i] = ExactMetrics.auc(scores, came);
            loss[i] = ExactMetrics.logLoss(scores, came) / ExactMetrics.baseRateLogLoss(came);
        }
        aucs.add(new LineChart.Line(name, x, auc));
        losses.add(new LineChart.Line(name, x, loss));
    }

    private static String date(long millis, double span) {
        String iso = Instant.ofEpochMilli(millis).atOffset(ZoneOffset.UTC).toString();
        return span > 2 * DAY ? iso.substring(0, 10) : iso.substring(11, 16);
    }
}
