package io.livepredict.trainer.chart;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.DoubleFunction;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/**
 * Line charts one below the other over the same horizontal axis, as an SVG picture. A line keeps its colour in all of them,
 * and is named once. Drawn without AWT, which asks for fonts that a server's image does not have.
 */
public final class LineChart {
    private static final int WIDTH = 900;
    private static final int PANEL = 240;
    private static final int LEFT = 72;
    private static final int RIGHT = 180;
    private static final int TOP = 60;
    private static final int GAP = 48;
    private static final int BOTTOM = 56;
    private static final int TICKS = 5;
    /** Told apart also by those who see no red or no green (Okabe and Ito 2008), black last. */
    private static final List<String> COLOURS =
            List.of("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000");
    /** Where there are more lines than colours. */
    private static final List<String> DASHES = List.of("", "6 3", "2 3");

    /**
     * A line of a panel.
     *
     * @param x where its points are, as many as in y
     * @param y their values; those that are not finite are left out, values beyond the panel are drawn at its edge
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Line(String name, double[] x, double[] y) {
        public Line {
            if (x.length != y.length) {
                throw new IllegalArgumentException(
                        "line " + name + " has " + x.length + " places for " + y.length + " values");
            }
        }
    }

    /**
     * One of the charts.
     *
     * @param low value at its lower edge, below {@code high}
     * @param high value at its upper edge
     * @param levels by the name of a line: a value to compare it with, drawn dashed in its colour
     */
    public record Panel(String title, double low, double high, List<Line> lines, Map<String, Double> levels) {
        public Panel {
            if (!(low < high)) {
                throw new IllegalArgumentException("panel " + title + " goes from " + low + " to " + high);
            }
            lines = List.copyOf(lines);
            levels = Map.copyOf(levels);
        }

        /** A panel whose edges are just beyond the lines' lowest and highest values. */
        public static Panel fitted(String title, List<Line> lines) {
            double[] values = lines.stream()
                    .flatMapToDouble(line -> Arrays.stream(line.y))
                    .filter(Double::isFinite)
                    .toArray();
            double low = DoubleStream.of(values).min().orElse(0);
            double high = DoubleStream.of(values).max().orElse(1);
            double margin = Math.max(1e-3, (high - low) * 0.05);
            return new Panel(title, low - margin, high + margin, lines, Map.of());
        }
    }

    private final Map<String, Integer> styles = new LinkedHashMap<>();
    private final StringBuilder svg = new StringBuilder();
    private final double from;
    private final double to;

    private LineChart(List<Panel> panels) {
        double[] places =
                lines(panels).flatMapToDouble(line -> Arrays.stream(line.x)).toArray();
        from = DoubleStream.of(places).min().orElse(0);
        double last = DoubleStream.of(places).max().orElse(1);
        to = last > from ? last : from + 1;
        lines(panels).forEach(line -> styles.putIfAbsent(line.name, styles.size()));
    }

    private static Stream<Line> lines(List<Panel> panels) {
        return panels.stream().flatMap(panel -> panel.lines.stream());
    }

    /**
     * The picture.
     *
     * @param axis what the horizontal axis is, empty where its words say it
     * @param words of a place on the horizontal axis
     */
    public static String svg(String title, String axis, DoubleFunction<String> words, List<Panel> panels) {
        return new LineChart(panels).draw(title, axis, words, panels);
    }

    private String draw(String title, String axis, DoubleFunction<String> words, List<Panel> panels) {
        int height = TOP + panels.size() * (PANEL + GAP) - GAP + BOTTOM;
        append(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\""
                        + " font-family=\"sans-serif\" font-size=\"12\">%n"
                        + "<rect width=\"100%%\" height=\"100%%\" fill=\"#ffffff\"/>%n",
                WIDTH, height, WIDTH, height);
        text(LEFT, 24, "start", "font-size=\"15\" font-weight=\"bold\"", title);
        if (lines(panels).noneMatch(line -> line.x.length > 0)) {
            text(LEFT, TOP + 40, "start", "", "too few examples to draw");
            return svg.append("</svg>\n").toString();
        }
        int top = TOP;
        for (Panel panel : panels) {
            panel(panel, top);
            top += PANEL + GAP;
        }
        int bottom = top - GAP;
        for (int i = 0; i <= TICKS; i++) {
            double place = from + (to - from) * i / TICKS;
            text(x(place), bottom + 18, "middle", "fill=\"#444444\"", words.apply(place));
        }
        text((LEFT + WIDTH - RIGHT) / 2.0, bottom + 40, "middle", "", axis);
        styles.forEach(this::legend);
        return svg.append("</svg>\n").toString();
    }

    private void panel(Panel panel, int top) {
        text(LEFT, top - 8, "start", "", panel.title);
        for (int i = 0; i <= TICKS; i++) {
            double value = panel.low + (panel.high - panel.low) * i / TICKS;
            double y = y(panel, top, value);
            append(
                    "<line x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\" stroke=\"#dddddd\"/>%n",
                    LEFT, y, WIDTH - RIGHT, y);
            text(LEFT - 8, y + 4, "end", "fill=\"#444444\"", String.format(Locale.ROOT, "%.3f", value));
        }
        for (Line line : panel.lines) {
            List<String> points = new ArrayList<>();
            for (int i = 0; i < line.x.length; i++) {
                if (Double.isFinite(line.y[i])) {
                    points.add(String.format(Locale.ROOT, "%.1f,%.1f", x(line.x[i]), y(panel, top, line.y[i])));
                }
            }
            append(
                    "<polyline fill=\"none\" %s stroke-width=\"2\" points=\"%s\"/>%n",
                    stroke(style(line.name)), String.join(" ", points));
        }
        panel.levels.forEach((name, value) -> append(
                "<line x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\" stroke=\"%s\" stroke-dasharray=\"5 4\"/>%n",
                LEFT,
                y(panel, top, value),
                WIDTH - RIGHT,
                y(panel, top, value),
                COLOURS.get(style(name) % COLOURS.size())));
    }

    private void legend(String name, int style) {
        int x = WIDTH - RIGHT + 14;
        int y = TOP + 14 + 20 * style;
        append(
                "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" %s stroke-width=\"3\"/>%n",
                x, y - 4, x + 20, y - 4, stroke(style));
        text(x + 26, y, "start", "", name);
    }

    private int style(String name) {
        return styles.getOrDefault(name, 0);
    }

    private static String stroke(int style) {
        String dash = DASHES.get(style / COLOURS.size() % DASHES.size());
        return "stroke=\"" + COLOURS.get(style % COLOURS.size()) + '"'
                + (dash.isEmpty() ? "" : " stroke-dasharray=\"" + dash + '"');
    }

    private double x(double place) {
        return LEFT + (WIDTH - LEFT - RIGHT) * (place - from) / (to - from);
    }

    private static double y(Panel panel, int top, double value) {
        double within = Math.min(Math.max(value, panel.low), panel.high);
        return top + PANEL * (panel.high - within) / (panel.high - panel.low);
    }

    private void text(double x, double y, String anchor, String style, String words) {
        append("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" %s>", x, y, anchor, style);
        svg.append(words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))
                .append("</text>\n");
    }

    private void append(String format, Object... values) {
        svg.append(String.format(Locale.ROOT, format, values));
    }
}
