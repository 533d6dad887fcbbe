package io.livepredict.deploy.bench;

import io.livepredict.trainer.chart.LineChart;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Distance to the oracle after a drift, one line per run, as an SVG picture; dashed: 10 % above what it was before. */
final class DriftPlot {
    private DriftPlot() {}

    static String svg(List<String> names, List<DriftRecovery> runs) {
        double highest = 0;
        List<LineChart.Line> lines = new ArrayList<>();
        Map<String, Double> goals = new HashMap<>();
        for (int i = 0; i < runs.size(); i++) {
            String name = "drift handling " + names.get(i);
            DriftRecovery run = runs.get(i);
            double[] distances = run.curve().stream()
                    .mapToDouble(DriftRecovery.Point::distance)
                    .toArray();
            double[] examples = run.curve().stream()
                    .mapToDouble(DriftRecovery.Point::examples)
                    .toArray();
            lines.add(new LineChart.Line(name, examples, distances));
            goals.put(name, DriftRecovery.WITHIN * run.before());
            highest = Math.max(highest, run.before() * 1.2);
            for (double distance : distances) {
                highest = Math.max(highest, distance);
            }
        }
        return LineChart.svg(
                "Log-loss above the oracle's after the drift; dashed: recovered",
                LineChart.Axis.ofNumbers(
                        "examples scored since the drift", place -> String.format(Locale.ROOT, "%,.0f", place)),
                List.of(new LineChart.Panel("mean over the targets", 0, Math.max(highest, 1e-6), lines, goals)));
    }
}
