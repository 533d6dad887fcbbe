package io.livepredict.trainer.chart;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.DoubleFunction;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Line charts over the same horizontal axis, one below the other or in a grid, as an SVG picture. A line keeps its colour in all of them,
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
    private static final int COLUMN = 360;
    private static final int BETWEEN = 84;
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
     * @param spread how far chance alone moves each of them up or down, drawn as a band; empty for no band
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Line(String name, double[] x, double[] y, double[] spread) {
        public Line {
            if (x.length != y.length || spread.length > 0 && spread.length != y.length) {
                throw new IllegalArgumentException(
                        "line " + name + " has " + x.length + " places for " + y.length + " values");
            }
        }

        /** Without a band. */
        public Line(String name, double[] x, double[] y) {
            this(name, x, y, new double[0]);
        }

        private double low(int i) {
            return spread.length > 0 && Double.isFinite(spread[i]) ? y[i] - spread[i] : y[i];
        }

        private double high(int i) {
            return spread.length > 0 && Double.isFinite(spread[i]) ? y[i] + spread[i] : y[i];
        }
    }

    /** A value to compare lines with, such as that of the base rate; drawn grey, dashed, with its name. */
    public record Reference(String name, double value) {}

    /**
     * One of the charts.
     *
     * @param low value at its lower edge, below {@code high}
     * @param high value at its upper edge
     * @param levels by the name of a line: a value to compare it with, drawn dashed in its colour
     * @param references what all lines are compared with
     */
    public record Panel(
            String title,
            double low,
            double high,
            List<Line> lines,
            Map<String, Double> levels,
            List<Reference> references) {
        /** Without references. */
        public Panel(String title, double low, double high, List<Line> lines, Map<String, Double> levels) {
            this(title, low, high, lines, levels, List.of());
        }

        public Panel {
            if (!(low < high)) {
                throw new IllegalArgumentException("panel " + title + " goes from " + low + " to " + high);
            }
            lines = List.copyOf(lines);
            levels = Map.copyOf(levels);
            references = List.copyOf(references);
        }

        /** A panel whose edges are just beyond the lowest and highest values, those of bands and references included. */
        public static Panel fitted(String title, List<Line> lines, Reference... references) {
            double[] values = DoubleStream.concat(
                            lines.stream()
                                    .flatMapToDouble(line ->
                                            IntStream.range(0, line.y.length).mapToDouble(line::low)),
                            DoubleStream.concat(
                                    lines.stream()
                                            .flatMapToDouble(line -> IntStream.range(0, line.y.length)
                                                    .mapToDouble(line::high)),
                                    Stream.of(references).mapToDouble(Reference::value)))
                    .filter(Double::isFinite)
                    .toArray();
            double low = DoubleStream.of(values).min().orElse(0);
            double high = DoubleStream.of(values).max().orElse(1);
            double margin = Math.max(1e-3, (high - low) * 0.05);
            return new Panel(title, low - margin, high + margin, lines, Map.of(), List.of(references));
        }
    }

    /**
     * The horizontal axis.
     *
     * @param title what it is, with its unit
     * @param words of a place on it
     * @param step the distance of its ticks, given the least that leaves room for their words
     */
    public record Axis(String title, DoubleFunction<String> words, DoubleUnaryOperator step) {
        /** Of numbers, with ticks at round ones. */
        public static Axis ofNumbers(String title, DoubleFunction<String> words) {
            return new Axis(title, words, LineChart::round);
        }
    }

    private final Map<String, Integer> styles = new LinkedHashMap<>();
    private final StringBuilder svg = new StringBuilder();
    private final double from;
    private final double to;
    private final int columns;
    /** Width of a panel. */
    private final int across;

    private LineChart(List<Panel> panels, int columns) {
        this.columns = columns;
        across = columns == 1 ? WIDTH - LEFT - RIGHT : COLUMN;
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

    /** One panel below the other; lines are named beside them. */
    public static String svg(String title, Axis axis, List<Panel> panels) {
        return new LineChart(panels, 1).draw(title, axis, panels);
    }

    /** Panels in rows of so many, each named by its title: for panels of one line each. */
    public static String grid(String title, Axis axis, int columns, List<Panel> panels) {
        return new LineChart(panels, columns).draw(title, axis, panels);
    }

    private int left(int place) {
        return LEFT + place % columns * (across + BETWEEN);
    }

    private int top(int place) {
        return TOP + place / columns * (PANEL + GAP);
    }

    private String draw(String title, Axis axis, List<Panel> panels) {
        int rows = (panels.size() + columns - 1) / columns;
        int height = TOP + rows * (PANEL + GAP) - GAP + BOTTOM;
        int width = columns == 1 ? WIDTH : LEFT + columns * (across + BETWEEN);
        append(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\""
                        + " font-family=\"sans-serif\" font-size=\"12\">%n"
                        + "<rect width=\"100%%\" height=\"100%%\" fill=\"#ffffff\"/>%n",
                width, height, width, height);
        text(LEFT, 24, "start", "font-size=\"15\" font-weight=\"bold\"", title);
        if (lines(panels).noneMatch(line -> line.x.length > 0)) {
            text(LEFT, TOP + 40, "start", "", "too few examples to draw");
            return svg.append("</svg>\n").toString();
        }
        for (int i = 0; i < panels.size(); i++) {
            panel(panels.get(i), left(i), top(i));
        }
        int bottom = top((rows - 1) * columns) + PANEL;
        double step = axis.step.applyAsDouble((to - from) / (columns == 1 ? TICKS + 1 : TICKS));
        for (int column = 0; column < Math.min(columns, panels.size()); column++) {
            for (double place = Math.ceil(from / step) * step; place <= to; place += step) {
                double x = x(left(column), place);
                append(
                        "<line x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\" stroke=\"#444444\"/>%n",
                        x, bottom, x, bottom + 5);
                text(x, bottom + 18, "middle", "fill=\"#444444\"", axis.words.apply(place));
            }
            text(left(column) + across / 2.0, bottom + 40, "middle", "", axis.title);
        }
        if (columns == 1) {
            styles.forEach(this::legend);
        }
        return svg.append("</svg>\n").toString();
    }

    /** The next of 1, 2 and 5, ten times that, and so on. */
    private static double round(double atLeast) {
        double power = Math.pow(10, Math.floor(Math.log10(atLeast)));
        for (int factor : new int[] {1, 2, 5}) {
            if (factor * power >= atLeast * (1 - 1e-9)) {
                return factor * power;
            }
        }
        return 10 * power;
    }

    private void panel(Panel panel, int left, int top) {
        text(left, top - 8, "start", "", panel.title);
        double step = round((panel.high - panel.low) / (TICKS + 1));
        int decimals = (int) Math.max(0, Math.ceil(-Math.log10(step) - 1e-9));
        for (double value = Math.ceil(panel.low / step - 1e-9) * step;
                value <= panel.high + step / 1e6;
                value += step) {
            double y = y(panel, top, value);
            append(
                    "<line x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\" stroke=\"#dddddd\"/>%n",
                    left, y, left + across, y);
            text(
                    left - 8,
                    y + 4,
                    "end",
                    "fill=\"#444444\"",
                    String.format(Locale.ROOT, "%." + decimals + "f", value + 0.0));
        }
        panel.lines.forEach(line -> band(panel, line, left, top));
        for (Reference reference : panel.references) {
            double y = y(panel, top, reference.value);
            append(
                    "<line x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\" stroke=\"#555555\" stroke-dasharray=\"5 4\"/>%n",
                    left, y, left + across, y);
            text(left + across - 4, y - 4, "end", "fill=\"#555555\"", reference.name);
        }
        for (Line line : panel.lines) {
            List<String> points = new ArrayList<>();
            for (int i = 0; i < line.x.length; i++) {
                if (Double.isFinite(line.y[i])) {
                    points.add(point(panel, left, top, line.x[i], line.y[i]));
                }
            }
            append(
                    "<polyline fill=\"none\" %s stroke-width=\"2\" points=\"%s\"/>%n",
                    stroke(style(line.name)), String.join(" ", points));
        }
        panel.levels.forEach((name, value) -> append(
                "<line x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\" stroke=\"%s\" stroke-dasharray=\"5 4\"/>%n",
                left,
                y(panel, top, value),
                left + across,
                y(panel, top, value),
                COLOURS.get(style(name) % COLOURS.size())));
    }

    /** From each point's low to its high, there and back. */
    private void band(Panel panel, Line line, int left, int top) {
        if (line.spread.length == 0) {
            return;
        }
        List<String> edge = new ArrayList<>();
        for (int i = 0; i < line.x.length; i++) {
            if (Double.isFinite(line.y[i])) {
                edge.add(point(panel, left, top, line.x[i], line.high(i)));
            }
        }
        for (int i = line.x.length - 1; i >= 0; i--) {
            if (Double.isFinite(line.y[i])) {
                edge.add(point(panel, left, top, line.x[i], line.low(i)));
            }
        }
        append(
                "<polygon fill=\"%s\" fill-opacity=\"%s\" points=\"%s\"/>%n",
                COLOURS.get(style(line.name) % COLOURS.size()),
                panel.lines.size() > 1 ? "0.10" : "0.18",
                String.join(" ", edge));
    }

    private String point(Panel panel, int left, int top, double x, double y) {
        return String.format(Locale.ROOT, "%.1f,%.1f", x(left, x), y(panel, top, y));
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
        return columns == 1 ? styles.getOrDefault(name, 0) : 0; // in a grid titles tell lines apart
    }

    private static String stroke(int style) {
        String dash = DASHES.get(style / COLOURS.size() % DASHES.size());
        return "stroke=\"" + COLOURS.get(style % COLOURS.size()) + '"'
                + (dash.isEmpty() ? "" : " stroke-dasharray=\"" + dash + '"');
    }

    private double x(int left, double place) {
        return left + across * (place - from) / (to - from);
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
