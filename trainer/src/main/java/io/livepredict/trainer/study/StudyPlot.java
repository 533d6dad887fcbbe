package io.livepredict.trainer.study;

import io.livepredict.trainer.chart.LineChart;
import io.livepredict.trainer.evaluation.ExactMetrics;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleBiFunction;

/** Log-loss and AUC of every scorer over the course of the test, as an SVG picture: each point is as many examples. */
public final class StudyPlot {
    private static final int MOST_POINTS = 60;
    private static final int LEAST_ROWS_PER_POINT = 50;

    private StudyPlot() {}

    /** The picture. */
    public static String svg(String title, Study.Result result) {
        return LineChart.svg(
                title,
                "examples",
                place -> String.format(Locale.ROOT, "%,.0f", place),
                List.of(
                        LineChart.Panel.fitted("log-loss", lines(result, ExactMetrics::logLoss)),
                        LineChart.Panel.fitted("AUC", lines(result, ExactMetrics::auc))));
    }

    private static List<LineChart.Line> lines(Study.Result result, ToDoubleBiFunction<double[], double[]> metric) {
        double[] labels = result.labels();
        int count = Math.max(2, Math.min(MOST_POINTS, labels.length / LEAST_ROWS_PER_POINT));
        List<LineChart.Line> lines = new ArrayList<>();
        result.scores().forEach((scorer, scores) -> {
            double[] x = new double[count];
            double[] y = new double[count];
            for (int i = 0; i < count; i++) {
                int begin = (int) ((long) labels.length * i / count);
                int end = (int) ((long) labels.length * (i + 1) / count);
                x[i] = (begin + end) / 2.0;
                y[i] = metric.applyAsDouble(
                        Arrays.copyOfRange(scores, begin, end), Arrays.copyOfRange(labels, begin, end));
            }
            lines.add(new LineChart.Line(scorer, x, y));
        });
        return lines;
    }
}
