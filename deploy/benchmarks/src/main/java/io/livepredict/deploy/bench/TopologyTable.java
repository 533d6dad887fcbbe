package io.livepredict.deploy.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Locale;

/** The topology benchmark's report as Markdown. */
final class TopologyTable {
    /** What ours is compared with. */
    static final List<String> OTHERS = List.of("pass_through", "pass_through_with_state", "plain");

    private TopologyTable() {}

    static String of(JsonNode report) {
        StringBuilder out = new StringBuilder();
        out.append("\n| topology | events/s (least to most) | events a processor second | stream thread, µs an event |"
                + " predictions | examples | bytes of both |\n| --- | --: | --: | --: | --: | --: | --: |\n");
        for (String name : List.of("pass_through", "pass_through_with_state", "livepredict", "plain")) {
            append(out, name, report.path(name));
        }
        report.path("scaling").properties().forEach(each -> append(out, each.getKey(), each.getValue()));
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
            out.append(
                    "\n| preset | most events/s | latency at events/s | p50 ms | p99 ms |\n| --- | --: | --: | --: | --: |\n");
            report.path("presets")
                    .properties()
                    .forEach(each -> out.append(String.format(
                            Locale.ROOT,
                            "| %s | %,d | %,d | %.0f | %.0f |%n",
                            each.getKey(),
                            each.getValue().path("records_per_second").asLong(),
                            each.getValue()
                                    .path("latency_at_records_per_second")
                                    .asLong(),
                            each.getValue().path("latency_ms").path("p50").asDouble(),
                            each.getValue().path("latency_ms").path("p99").asDouble())));
        }
        return out.toString();
    }

    private static void append(StringBuilder out, String name, JsonNode node) {
        if (node.has("records_per_second")) {
            out.append(String.format(
                    Locale.ROOT,
                    "| %s | %,.0f (%,.0f to %,.0f) | %,.0f | %.1f | %,d | %,d | %,d |%n",
                    name,
                    node.path("records_per_second").asDouble(),
                    node.path("records_per_second_least").asDouble(),
                    node.path("records_per_second_most").asDouble(),
                    node.path("records_per_processor_second").asDouble(),
                    node.path("stream_thread_microseconds_per_record").asDouble(),
                    node.path("predictions").asLong(),
                    node.path("examples").asLong(),
                    node.path("bytes_of_both").asLong()));
        }
    }
}
