package io.livepredict.trainer.study;

import io.livepredict.trainer.chart.LineChart;
import io.livepredict.trainer.chart.LineChart.Reference;
import io.livepredict.trainer.evaluation.ExactMetrics;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * Log-loss and AUC of the best scorers over the course of the test, as an SVG picture: each point is as many examples, and the
 * band around it where it would be by chance alone (95 %). Log-loss is drawn relative to that of the base rate of the same
 * examples.
 */
public final class StudyPlot {
    private static final int MOST_POINTS = 30;
    private static final int LEAST_ROWS_PER_POINT = 100;
    private static final int MOST_LINES = 5;
    private static final double CONFIDENCE_95 = 1.96;

    private StudyPlot() {}

    /** The picture. */
    public static String svg(String title, Study.Result result) {
        double[] labels = result.labels();
        int count = Math.max(2, Math.min(MOST_POINTS, labels.length / LEAST_ROWS_PER_POINT));
        List<LineChart.Line> losses = new ArrayList<>();
        List<LineChart.Line> aucs = new ArrayList<>();
        result.scores().entrySet().stream()
                .filter(scorer -> !scorer.getKey().equals(Study.BASE_RATE))
                .sorted(Comparator.comparingDouble(scorer -> ExactMetrics.logLoss(scorer.getValue(), labels)))
                .limit(MOST_LINES)
                .forEach(scorer -> add(scorer.getKey(), scorer.getValue(), labels, count, losses, aucs));
        return LineChart.svg(
                String.format(
                        Locale.ROOT,
                        "%s: n = %,d, base rate %.3f, %,d a point, bands of 95 %%",
                        title,
                        labels.length,
                        Arrays.stream(labels).average().orElse(0),
                        labels.length / count),
                LineChart.Axis.ofNumbers("examples", place -> String.format(Locale.ROOT, "%,.0f", place)),
                List.of(
                        LineChart.Panel.fitted(
                                "log-loss / that of the base rate", losses, new Reference("base rate", 1)),
                        aucs(LineChart.Panel.fitted("AUC", aucs, new Reference("by chance", 0.5)))));
    }

    /** No AUC is beyond 0 or 1, whatever the bands. */
    private static LineChart.Panel aucs(LineChart.Panel fitted) {
        return new LineChart.Panel(
                fitted.title(),
                Math.max(0, fitted.low()),
                Math.min(1, fitted.high()),
                fitted.lines(),
                fitted.levels(),
                fitted.references());
    }

    private static void add(
            String scorer,
            double[] scores,
            double[] labels,
            int count,
            List<LineChart.Line> losses,
            List<LineChart.Line> aucs) {
        double[] x = new double[count];
        double[] loss = new double[count];
        double[] lossSpread = new double[count];
        double[] auc = new double[count];
        double[] aucSpread = new double[count];
        for (int i = 0; i < count; i++) {
            int begin = (int) ((long) labels.length * i / count);
            int end = (int) ((long) labels.length * (i + 1) / count);
            double[] said = Arrays.copyOfRange(scores, begin, end);
            double[] came = Arrays.copyOfRange(labels, begin, end);
            double base = ExactMetrics.baseRateLogLoss(came);
            x[i] = (begin + end) / 2.0;
            loss[i] = ExactMetrics.logLoss(said, came) / base;
            lossSpread[i] = CONFIDENCE_95 * ExactMetrics.logLossError(said, came) / base;
            auc[i] = ExactMetrics.auc(said, came);
            aucSpread[i] = CONFIDENCE_95 * ExactMetrics.aucError(auc[i], came);
        }
        losses.add(new LineChart.Line(scorer, x, loss, lossSpread));
        aucs.add(new LineChart.Line(scorer, x, auc, aucSpread));
    }
}
