package io.livepredict.trainer.study;

import io.livepredict.trainer.evaluation.ExactMetrics;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Log-loss and AUC of every scorer over the course of the test, as an SVG picture. */
public final class StudyPlot {
    private static final int WIDTH = 900;
    private static final int PANEL = 260;
    private static final int LEFT = 60;
    private static final int RIGHT = 170;
    private static final int TOP = 40;
    private static final int GAP = 50;
    private static final int MOST_POINTS = 60;
    private static final int LEAST_ROWS_A_POINT = 50;
    private static final List<String> COLOURS =
            List.of("#1b6ca8", "#c8553d", "#4f9d69", "#8e5ea2", "#d9a404", "#3aa6a6", "#8c564b", "#7a7a7a", "#e377c2");

    private StudyPlot() {}

    /** The picture. */
    public static String svg(String title, Study.Result result) {
        int n = result.labels().length;
        int points = Math.max(2, Math.min(MOST_POINTS, n / LEAST_ROWS_A_POINT));
        StringBuilder svg = new StringBuilder();
        int height = TOP + 2 * PANEL + GAP + 40;
        append(
                svg,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" font-family=\"sans-serif\""
                        + " font-size=\"12\">%n<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>%n"
                        + "<text x=\"%d\" y=\"22\" font-size=\"15\">%s</text>%n",
                WIDTH,
                height,
                LEFT,
                escaped(title));
        panel(svg, "log-loss", result, points, false, TOP);
        panel(svg, "AUC", result, points, true, TOP + PANEL + GAP);
        append(
                svg,
                "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">examples</text>%n</svg>%n",
                LEFT + (WIDTH - LEFT - RIGHT) / 2,
                height - 8);
        return svg.toString();
    }

    private static void panel(StringBuilder svg, String name, Study.Result result, int points, boolean auc, int top) {
        List<String> scorers = new ArrayList<>();
        List<double[]> curves = new ArrayList<>();
        double low = Double.MAX_VALUE;
        double high = -Double.MAX_VALUE;
        for (Map.Entry<String, double[]> entry : result.scores().entrySet()) {
            double[] curve = curve(entry.getValue(), result.labels(), points, auc);
            scorers.add(entry.getKey());
            curves.add(curve);
            for (double value : curve) {
                if (Double.isFinite(value)) {
                    low = Math.min(low, value);
                    high = Math.max(high, value);
                }
            }
        }
        double margin = Math.max(1e-3, (high - low) * 0.05);
        low -= margin;
        high += margin;
        int right = WIDTH - RIGHT;
        append(
                svg,
                "<text x=\"%d\" y=\"%d\">%s</text>%n<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"none\""
                        + " stroke=\"#bbb\"/>%n",
                LEFT,
                top - 6,
                name,
                LEFT,
                top,
                right - LEFT,
                PANEL);
        for (int i = 0; i <= 4; i++) {
            double value = low + (high - low) * i / 4;
            double y = top + PANEL - PANEL * i / 4.0;
            append(
                    svg,
                    "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%.3f</text>%n<line x1=\"%d\" x2=\"%d\" y1=\"%.1f\""
                            + " y2=\"%.1f\" stroke=\"#eee\"/>%n",
                    LEFT - 6,
                    y + 4,
                    value,
                    LEFT,
                    right,
                    y,
                    y);
        }
        append(
                svg,
                "<text x=\"%d\" y=\"%d\">0</text><text x=\"%d\" y=\"%d\" text-anchor=\"end\">%d</text>%n",
                LEFT,
                top + PANEL + 15,
                right,
                top + PANEL + 15,
                result.labels().length);
        for (int s = 0; s < curves.size(); s++) {
            String colour = COLOURS.get(s % COLOURS.size());
            StringBuilder path = new StringBuilder();
            double[] curve = curves.get(s);
            for (int i = 0; i < curve.length; i++) {
                if (Double.isFinite(curve[i])) {
                    append(
                            path,
                            "%.1f,%.1f ",
                            LEFT + (right - LEFT) * (i + 0.5) / curve.length,
                            top + PANEL * (high - curve[i]) / (high - low));
                }
            }
            append(
                    svg,
                    "<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"1.6\" points=\"%s\"/>%n"
                            + "<text x=\"%d\" y=\"%d\" fill=\"%s\">%s</text>%n",
                    colour,
                    path.toString().strip(),
                    right + 10,
                    top + 14 + 16 * s,
                    colour,
                    escaped(scorers.get(s)));
        }
    }

    private static double[] curve(double[] scores, double[] labels, int points, boolean auc) {
        double[] curve = new double[points];
        for (int i = 0; i < points; i++) {
            int from = (int) ((long) labels.length * i / points);
            int to = (int) ((long) labels.length * (i + 1) / points);
            double[] s = Arrays.copyOfRange(scores, from, to);
            double[] l = Arrays.copyOfRange(labels, from, to);
            curve[i] = auc ? ExactMetrics.auc(s, l) : ExactMetrics.logLoss(s, l);
        }
        return curve;
    }

    private static void append(StringBuilder out, String format, Object... values) {
        out.append(String.format(Locale.ROOT, format, values));
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
