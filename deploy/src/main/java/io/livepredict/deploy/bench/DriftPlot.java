package io.livepredict.deploy.bench;

import java.util.List;
import java.util.Locale;

/** Distance to the oracle after a drift, one line a run, as an SVG picture; dashed: 10 % above what it was before. */
final class DriftPlot {
    private static final int WIDTH = 820;
    private static final int HEIGHT = 380;
    private static final int LEFT = 70;
    private static final int RIGHT = 170;
    private static final int TOP = 44;
    private static final int BOTTOM = 52;
    private static final int TICKS = 5;
    private static final String[] COLOURS = {"#0072b2", "#d55e00"};

    private DriftPlot() {}

    static String svg(List<String> names, List<DriftRecovery> runs) {
        double highest = 0;
        long longest = 1;
        for (DriftRecovery run : runs) {
            highest = Math.max(highest, run.before() * 1.2);
            for (DriftRecovery.Point point : run.curve()) {
                highest = Math.max(highest, point.distance());
                longest = Math.max(longest, point.examples());
            }
        }
        StringBuilder svg = new StringBuilder();
        append(
                svg,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" font-family=\"sans-serif\""
                        + " font-size=\"12\">%n<rect width=\"100%%\" height=\"100%%\" fill=\"#ffffff\"/>%n"
                        + "<text x=\"%d\" y=\"24\" font-size=\"15\" font-weight=\"bold\">log-loss above the oracle's after"
                        + " the drift</text>%n",
                WIDTH,
                HEIGHT,
                LEFT);
        for (int i = 0; i <= TICKS; i++) {
            double value = highest * i / TICKS;
            append(
                    svg,
                    "<line x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"#dddddd\"/><text x=\"%d\" y=\"%.1f\""
                            + " text-anchor=\"end\">%.3f</text><text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%,d</text>%n",
                    LEFT,
                    WIDTH - RIGHT,
                    y(value, highest),
                    y(value, highest),
                    LEFT - 8,
                    y(value, highest) + 4,
                    value,
                    x(longest * i / TICKS, longest),
                    HEIGHT - BOTTOM + 18,
                    longest * i / TICKS);
        }
        append(
                svg,
                "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">examples scored since the drift</text>%n",
                (LEFT + WIDTH - RIGHT) / 2,
                HEIGHT - 12);
        for (int i = 0; i < runs.size(); i++) {
            line(svg, names.get(i), runs.get(i), COLOURS[i % COLOURS.length], i, longest, highest);
        }
        return svg.append("</svg>\n").toString();
    }

    private static void line(
            StringBuilder svg, String name, DriftRecovery run, String colour, int index, long longest, double highest) {
        StringBuilder points = new StringBuilder();
        run.curve().forEach(p -> append(points, "%.1f,%.1f ", x(p.examples(), longest), y(p.distance(), highest)));
        double goal = y(run.before() * 1.1, highest);
        append(
                svg,
                "<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"2\" points=\"%s\"/><line x1=\"%d\" x2=\"%d\""
                        + " y1=\"%.1f\" y2=\"%.1f\" stroke=\"%s\" stroke-dasharray=\"5 4\"/><text x=\"%d\" y=\"%d\""
                        + " fill=\"%s\">drift handling %s</text>%n",
                colour,
                points.toString().strip(),
                LEFT,
                WIDTH - RIGHT,
                goal,
                goal,
                colour,
                WIDTH - RIGHT + 12,
                TOP + 16 + 20 * index,
                colour,
                name);
    }

    private static double x(long examples, long longest) {
        return LEFT + (double) (WIDTH - LEFT - RIGHT) * examples / longest;
    }

    private static double y(double distance, double highest) {
        return TOP + (HEIGHT - TOP - BOTTOM) * (1 - Math.max(0, distance) / highest);
    }

    private static void append(StringBuilder out, String format, Object... values) {
        out.append(String.format(Locale.ROOT, format, values));
    }
}
