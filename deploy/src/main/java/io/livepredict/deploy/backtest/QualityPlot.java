package io.livepredict.deploy.backtest;

import io.livepredict.trainer.evaluation.ExactMetrics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * AUC and log-loss of the served scores over event time, as an SVG: each point is the same number of examples, at the time of
 * its middle one. Log-loss is drawn relative to that of the base rate of the same examples, so that targets can share an axis.
 */
public final class QualityPlot {
    private static final int WIDTH = 900;
    private static final int PANEL = 230;
    private static final int LEFT = 64;
    private static final int RIGHT = 150;
    private static final int TOP = 56;
    private static final int GAP = 52;
    private static final int MOST_POINTS = 40;
    private static final int LEAST_EXAMPLES = 200;
    private static final int TICKS = 5;
    /** Told apart also by those who see no red or no green (Okabe and Ito). */
    private static final String[] COLOURS = {"#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"};

    private QualityPlot() {}

    private record Point(long timeMillis, double auc, double relativeLoss) {}

    private record Panel(String title, double low, double high, int top) {
        double y(double value) {
            double share = (Math.min(Math.max(value, low), high) - low) / (high - low);
            return top + PANEL * (1 - share);
        }
    }

    /** Writes the plot. */
    public static void write(Path file, String title, Map<String, TargetTrack> tracks) throws IOException {
        Path parent = file.toAbsolutePath().getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        Files.writeString(file, svg(title, tracks));
    }

    static String svg(String title, Map<String, TargetTrack> tracks) {
        List<List<Point>> lines =
                tracks.values().stream().map(QualityPlot::points).toList();
        List<Point> all = lines.stream().flatMap(List::stream).toList();
        StringBuilder svg = new StringBuilder();
        int height = TOP + 2 * PANEL + GAP + 48;
        svg.append(String.format(
                Locale.ROOT,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\""
                        + " font-family=\"sans-serif\" font-size=\"12\">%n<rect width=\"100%%\" height=\"100%%\" fill=\"#ffffff\"/>%n",
                WIDTH,
                height,
                WIDTH,
                height));
        text(svg, LEFT, 22, "start", "font-size=\"15\" font-weight=\"bold\"", title);
        if (all.isEmpty()) {
            text(svg, LEFT, TOP + 40, "start", "", "too few examples to draw");
            return svg.append("</svg>\n").toString();
        }
        long from = all.stream().mapToLong(Point::timeMillis).min().orElseThrow();
        long to = Math.max(
                from + 1, all.stream().mapToLong(Point::timeMillis).max().orElseThrow());
        double worst = all.stream().mapToDouble(Point::relativeLoss).max().orElse(1);
        double best = all.stream().mapToDouble(Point::relativeLoss).min().orElse(0);
        Panel auc = new Panel("AUC of the served scores", 0.5, 1, TOP);
        Panel loss = new Panel(
                "log-loss / log-loss of the base rate",
                Math.floor(best * 10) / 10,
                Math.min(1.5, Math.max(1, Math.ceil(worst * 10) / 10)),
                TOP + PANEL + GAP);
        for (Panel panel : List.of(auc, loss)) {
            frame(svg, panel);
        }
        for (int i = 0; i <= TICKS; i++) {
            long time = from + (to - from) * i / TICKS;
            double x = x(time, from, to);
            text(svg, x, loss.top + PANEL + 18, "middle", "fill=\"#444444\"", date(time, to - from));
        }
        int index = 0;
        for (String name : tracks.keySet()) {
            String colour = COLOURS[index % COLOURS.length];
            polyline(svg, lines.get(index), colour, from, to, auc, true);
            polyline(svg, lines.get(index), colour, from, to, loss, false);
            int y = TOP + 14 + 20 * index;
            int x = WIDTH - RIGHT + 14;
            svg.append(String.format(
                    Locale.ROOT,
                    "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" stroke=\"%s\" stroke-width=\"3\"/>%n",
                    x,
                    y - 4,
                    x + 18,
                    y - 4,
                    colour));
            text(svg, x + 24, y, "start", "", name);
            index++;
        }
        return svg.append("</svg>\n").toString();
    }

    private static List<Point> points(TargetTrack track) {
        long[] times = track.asOfMillis();
        double[] served = track.served();
        double[] labels = track.labels();
        int count = Math.min(MOST_POINTS, times.length / LEAST_EXAMPLES);
        List<Point> points = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int begin = (int) ((long) times.length * i / count);
            int end = (int) ((long) times.length * (i + 1) / count);
            double[] scores = Arrays.copyOfRange(served, begin, end);
            double[] came = Arrays.copyOfRange(labels, begin, end);
            double auc = ExactMetrics.auc(scores, came);
            double base = ExactMetrics.baseRateLogLoss(came);
            if (Double.isFinite(auc) && base > 0) {
                points.add(new Point(times[(begin + end) / 2], auc, ExactMetrics.logLoss(scores, came) / base));
            }
        }
        return points;
    }

    private static void frame(StringBuilder svg, Panel panel) {
        text(svg, LEFT, panel.top - 8, "start", "", panel.title);
        for (int i = 0; i <= TICKS; i++) {
            double value = panel.low + (panel.high - panel.low) * i / TICKS;
            double y = panel.y(value);
            svg.append(String.format(
                    Locale.ROOT,
                    "<line x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\" stroke=\"#dddddd\"/>%n",
                    LEFT,
                    y,
                    WIDTH - RIGHT,
                    y));
            text(svg, LEFT - 8, y + 4, "end", "fill=\"#444444\"", String.format(Locale.ROOT, "%.2f", value));
        }
    }

    private static void polyline(
            StringBuilder svg, List<Point> points, String colour, long from, long to, Panel panel, boolean auc) {
        StringBuilder at = new StringBuilder();
        for (Point point : points) {
            at.append(String.format(
                    Locale.ROOT,
                    "%.1f,%.1f ",
                    x(point.timeMillis, from, to),
                    panel.y(auc ? point.auc : point.relativeLoss)));
        }
        svg.append("<polyline fill=\"none\" stroke=\"")
                .append(colour)
                .append("\" stroke-width=\"2\" points=\"")
                .append(at.toString().strip())
                .append("\"/>\n");
    }

    private static double x(long time, long from, long to) {
        return LEFT + (double) (WIDTH - LEFT - RIGHT) * (time - from) / (to - from);
    }

    private static String date(long millis, long span) {
        String iso = Instant.ofEpochMilli(millis).atOffset(ZoneOffset.UTC).toString();
        return span > 2L * 86_400_000 ? iso.substring(0, 10) : iso.substring(11, 16);
    }

    private static void text(StringBuilder svg, double x, double y, String anchor, String style, String words) {
        svg.append(String.format(
                        Locale.ROOT, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" %s>", x, y, anchor, style))
                .append(words.replace("&", "&amp;").replace("<", "&lt;"))
                .append("</text>\n");
    }
}
