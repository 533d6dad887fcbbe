package io.livepredict.deploy.backtest;

import io.livepredict.trainer.chart.LineChart;
import io.livepredict.trainer.chart.LineChart.Reference;
import io.livepredict.trainer.evaluation.ExactMetrics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * AUC and log-loss of the served scores over event time, as an SVG with a row for each target: each point is the same number of
 * examples, at the time of its middle one, and the band around it where it would be by chance alone (95 %). Log-loss is
 * drawn relative to that of the base rate of the same examples.
 */
public final class QualityPlot {
    private static final int MOST_POINTS = 30;
    private static final int LEAST_EXAMPLES = 200;
    private static final int MOST_TARGETS = 8;
    /** Worse losses are drawn at the edge, and the title says so. */
    private static final double HIGHEST_LOSS = 2;

    private static final double CONFIDENCE_95 = 1.96;
    private static final long SECOND = 1_000;
    private static final long MINUTE = 60 * SECOND;
    private static final long HOUR = 60 * MINUTE;
    private static final long DAY = 24 * HOUR;
    private static final long[] STEPS = {
        SECOND,
        5 * SECOND,
        15 * SECOND,
        MINUTE,
        5 * MINUTE,
        15 * MINUTE,
        HOUR,
        3 * HOUR,
        6 * HOUR,
        12 * HOUR,
        DAY,
        2 * DAY,
        7 * DAY,
        14 * DAY,
        30 * DAY,
        90 * DAY,
        365 * DAY
    };

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
        List<LineChart.Panel> panels = new ArrayList<>();
        tracks.entrySet().stream()
                .filter(track -> track.getValue().size() / LEAST_EXAMPLES > 0)
                .sorted(Comparator.comparingInt((Map.Entry<String, TargetTrack> track) ->
                                track.getValue().size())
                        .reversed())
                .limit(MOST_TARGETS)
                .forEach(track -> add(track.getKey(), track.getValue(), panels));
        double[] times = panels.stream()
                .flatMap(panel -> panel.lines().stream())
                .flatMapToDouble(line -> Arrays.stream(line.x()))
                .toArray();
        double span = DoubleStream.of(times).max().orElse(0)
                - DoubleStream.of(times).min().orElse(0);
        int left = tracks.size() - panels.size() / 2;
        return LineChart.grid(
                title + ": served scores, bands of 95 %"
                        + (left > 0 ? ", " + left + " targets with fewer examples left out" : ""),
                new LineChart.Axis(
                        "event time, UTC" + days(times), millis -> date((long) millis, span), QualityPlot::step),
                2,
                panels);
    }

    private static void add(String name, TargetTrack track, List<LineChart.Panel> panels) {
        long[] times = track.asOfMillis();
        double[] served = track.served();
        double[] labels = track.labels();
        int count = Math.min(MOST_POINTS, times.length / LEAST_EXAMPLES);
        double[] x = new double[count];
        double[] auc = new double[count];
        double[] aucSpread = new double[count];
        double[] loss = new double[count];
        double[] lossSpread = new double[count];
        for (int i = 0; i < count; i++) {
            int begin = (int) ((long) times.length * i / count);
            int end = (int) ((long) times.length * (i + 1) / count);
            double[] scores = Arrays.copyOfRange(served, begin, end);
            double[] came = Arrays.copyOfRange(labels, begin, end);
            double base = ExactMetrics.baseRateLogLoss(came);
            x[i] = times[(begin + end) / 2];
            auc[i] = ExactMetrics.auc(scores, came);
            aucSpread[i] = CONFIDENCE_95 * ExactMetrics.aucError(auc[i], came);
            loss[i] = ExactMetrics.logLoss(scores, came) / base;
            lossSpread[i] = CONFIDENCE_95 * ExactMetrics.logLossError(scores, came) / base;
        }
        String of = String.format(
                Locale.ROOT,
                "%s: n = %,d, base rate %.3f, %,d a point",
                name,
                times.length,
                Arrays.stream(labels).average().orElse(0),
                times.length / count);
        LineChart.Line aucs = new LineChart.Line(name, x, auc, aucSpread);
        LineChart.Line losses = new LineChart.Line(name, x, loss, lossSpread);
        double worstAuc = least(aucs);
        double worst = most(losses);
        panels.add(new LineChart.Panel(
                of + " · AUC",
                Math.max(0, Math.min(0.45, Math.floor((worstAuc - 0.01) * 20) / 20)),
                1,
                List.of(aucs),
                Map.of(),
                List.of(new Reference("by chance", 0.5))));
        panels.add(new LineChart.Panel(
                "log-loss / that of the base rate" + (worst > HIGHEST_LOSS ? " (cut at 2)" : ""),
                0,
                Math.min(HIGHEST_LOSS, Math.max(1.1, worst * 1.02)),
                List.of(losses),
                Map.of(),
                List.of(new Reference("base rate", 1))));
    }

    private static double least(LineChart.Line line) {
        return Arrays.stream(line.y()).filter(Double::isFinite).min().orElse(0.5);
    }

    private static double most(LineChart.Line line) {
        return IntStream.range(0, line.y().length)
                .mapToDouble(i -> line.y()[i] + line.spread()[i])
                .filter(Double::isFinite)
                .max()
                .orElse(1);
    }

    /** From which day to which. */
    private static String days(double[] times) {
        if (times.length == 0) {
            return "";
        }
        String first = date((long) DoubleStream.of(times).min().orElseThrow(), Double.MAX_VALUE);
        String last = date((long) DoubleStream.of(times).max().orElseThrow(), Double.MAX_VALUE);
        return ", " + first + (first.equals(last) ? "" : " to " + last);
    }

    private static double step(double atLeast) {
        return Arrays.stream(STEPS).filter(step -> step >= atLeast).findFirst().orElse(STEPS[STEPS.length - 1]);
    }

    private static String date(long millis, double span) {
        String iso = Instant.ofEpochMilli(millis)
                .atOffset(ZoneOffset.UTC)
                .toLocalDateTime()
                .toString();
        return span > 4 * DAY
                ? iso.substring(0, 10)
                : iso.substring(5, 10) + ' ' + iso.substring(11, span > 10 * MINUTE ? 16 : Math.min(19, iso.length()));
    }
}
