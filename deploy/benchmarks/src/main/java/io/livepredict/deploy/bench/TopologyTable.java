package io.livepredict.deploy.bench;

import com.fasterxml.jackson.databind.JsonNode;
import io.livepredict.cli.Table;
import java.util.List;
import java.util.Locale;

/** The topology benchmark's report as Markdown. */
final class TopologyTable {
    /** What ours is compared with. */
    static final List<String> OTHERS =
            List.of("pass_through", "pass_through_with_state", "wide_rows", "emission_policy", "plain");

    private TopologyTable() {}

    static String of(JsonNode report) {
        StringBuilder out = new StringBuilder("\n");
        Table speeds = new Table(
                "topology",
                "events/s (least to most)",
                "events per processor second",
                "stream thread, µs per event",
                "predictions or rows",
                "examples",
                "bytes of both");
        for (String name : List.of(
                "pass_through", "pass_through_with_state", "livepredict", "wide_rows", "emission_policy", "plain")) {
            row(speeds, name, report.path(name));
        }
        report.path("scaling").properties().forEach(each -> row(speeds, each.getKey(), each.getValue()));
        out.append(speeds.markdown());
        for (String other : OTHERS) {
            if (report.has("ratio_to_" + other)) {
                out.append(String.format(
                        Locale.ROOT,
                        "%nlivepredict / %s: %.2f by the clock, %.2f by processor time%n",
                        other,
                        report.path("ratio_to_" + other).asDouble(),
                        report.path("ratio_to_" + other + "_by_processor_time").asDouble()));
            }
        }
        if (report.has("presets")) {
            Table presets = new Table("preset", "most events/s", "latency at events/s", "p50 ms", "p99 ms");
            report.path("presets").properties().forEach(each -> {
                JsonNode latency = each.getValue().path("latency_ms");
                presets.row(
                        each.getKey(),
                        whole(each.getValue().path("records_per_second")),
                        whole(each.getValue().path("latency_at_records_per_second")),
                        whole(latency.path("p50")),
                        whole(latency.path("p99")));
            });
            out.append('\n').append(presets.markdown());
        }
        return out.toString();
    }

    private static void row(Table table, String name, JsonNode node) {
        if (node.has("records_per_second")) {
            table.row(
                    name,
                    whole(node.path("records_per_second")) + " (" + whole(node.path("records_per_second_least"))
                            + " to " + whole(node.path("records_per_second_most")) + ")",
                    whole(node.path("records_per_processor_second")),
                    String.format(
                            Locale.ROOT,
                            "%.1f",
                            node.path("stream_thread_microseconds_per_record").asDouble()),
                    whole(node.path("predictions")),
                    whole(node.path("examples")),
                    whole(node.path("bytes_of_both")));
        }
    }

    private static String whole(JsonNode value) {
        return String.format(Locale.ROOT, "%,.0f", value.asDouble());
    }
}
