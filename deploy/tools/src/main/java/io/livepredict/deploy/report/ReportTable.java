package io.livepredict.deploy.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;
import java.util.function.Consumer;

/** A report as a short table for people. */
public final class ReportTable {
    private ReportTable() {}

    /** Prints it line by line. */
    public static void print(JsonNode report, Consumer<String> out) {
        JsonNode events = report.path("events");
        JsonNode check = report.path("predictions_check");
        out.accept("");
        out.accept(String.format(
                Locale.ROOT,
                "  events       %,d read, %,d valid, %,d repeats, %,d of an undeclared type; dead letters %s",
                events.path("read").asLong(),
                events.path("valid").asLong(),
                events.path("repeats").asLong(),
                events.path("undeclared_type").asLong(),
                events.path("dead_lettered")));
        out.accept(String.format(
                Locale.ROOT,
                "  predictions  %,d of %,d expected, %,d missing, %,d doubled",
                report.path("predictions").asLong(),
                check.path("expected").asLong(),
                check.path("missing").asLong(),
                check.path("doubled").asLong()));
        alerts(report.path("alerts"), out);
        out.accept(String.format(
                Locale.ROOT,
                "  models       %,d published, %,d activated, refused %s, active %s",
                report.path("models").path("published").asLong(),
                report.path("models").path("activated").asLong(),
                report.path("models").path("refused"),
                report.path("models").path("active_version")));
        out.accept(String.format(
                Locale.ROOT,
                "  speed        %,.0f events/s, latency p50 %s ms, p99 %s ms",
                report.path("events_per_second").asDouble(),
                report.path("latency_ms").path("p50").asText(),
                report.path("latency_ms").path("p99").asText()));
        if (report.path("learning_lag_ms").hasNonNull("p50")) {
            out.accept(String.format(
                    Locale.ROOT,
                    "  learning     example to first prediction by a model that learned it: p50 %s ms, p99 %s ms",
                    report.path("learning_lag_ms").path("p50").asText(),
                    report.path("learning_lag_ms").path("p99").asText()));
        }
        if (report.has("note")) {
            out.accept("  " + report.path("note").asText());
        }
        if (report.has("incomplete")) {
            out.accept("  incomplete: " + report.path("incomplete").asText());
        }
        out.accept("");
        out.accept(String.format(
                Locale.ROOT,
                "  %-16s %-20s %9s %9s %6s %9s %9s %9s %6s %6s",
                "target",
                "scores served",
                "n",
                "positive",
                "AUC",
                "log-loss",
                "base",
                "oracle",
                "ECE",
                "share"));
        report.path("targets").properties().forEach(target -> {
            row(out, target.getKey(), "all", target.getValue().path("all"));
            row(out, "", "last 30 %", target.getValue().path("last_30_percent"));
            if (!report.has("log")) { // a log's last minute may hold two events
                row(out, "", "last minute learned", target.getValue().path("last_minute_learned"));
            }
        });
        out.accept("");
    }

    private static void row(Consumer<String> out, String target, String which, JsonNode metrics) {
        if (metrics.isMissingNode()) {
            return;
        }
        if (metrics.path("n").asInt() == 0) {
            out.accept(String.format(Locale.ROOT, "  %-16s %-20s no examples", target, which));
            return;
        }
        out.accept(String.format(
                Locale.ROOT,
                "  %-16s %-20s %,9d %,9d %6s %9s %9s %9s %6s %6s",
                target,
                which,
                metrics.path("n").asLong(),
                metrics.path("positives").asLong(),
                number(metrics.path("auc"), 3),
                number(metrics.path("log_loss"), 4),
                number(metrics.path("base_rate_log_loss"), 4),
                number(metrics.path("oracle_log_loss"), 4),
                number(metrics.path("ece"), 3),
                number(metrics.path("share_of_oracle"), 2)));
    }

    /** A line for each alert, as {@link AlertCount} writes them. */
    public static void alerts(JsonNode alerts, Consumer<String> out) {
        alerts.properties().forEach(alert -> {
            JsonNode of = alert.getValue();
            out.accept(String.format(
                    Locale.ROOT,
                    "  alert        %s: %,d raised, %,d cleared; came true of %s alerted and %s held out, difference %s (%s to %s)",
                    alert.getKey(),
                    of.path("raised").asLong(),
                    of.path("cleared").asLong(),
                    number(of.path("alerted").path("rate"), 3),
                    number(of.path("held_out").path("rate"), 3),
                    number(of.path("lift").path("difference"), 3),
                    number(of.path("lift").path("low"), 3),
                    number(of.path("lift").path("high"), 3)));
        });
    }

    private static String number(JsonNode value, int digits) {
        return value.isNumber() ? String.format(Locale.ROOT, "%." + digits + "f", value.asDouble()) : "-";
    }
}
