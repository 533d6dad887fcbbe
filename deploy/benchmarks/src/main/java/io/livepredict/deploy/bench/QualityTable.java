package io.livepredict.deploy.bench;

import com.fasterxml.jackson.databind.JsonNode;
import io.livepredict.cli.Table;
import io.livepredict.trainer.config.LearnerEntry;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The quality report as Markdown. */
final class QualityTable {
    private QualityTable() {}

    static String of(JsonNode report) {
        StringBuilder out = new StringBuilder();
        Table table = new Table(
                "task",
                "n",
                "base rate",
                "**served AUC**",
                "batch HGB",
                "batch LR",
                "previous outcome",
                "log-loss (base rate's)",
                "calibration error");
        Map<String, JsonNode> rows = new LinkedHashMap<>();
        for (QualityTask task : QualityTask.ALL) {
            JsonNode row = report.path("tasks").path(task.name());
            if (row.isObject()) {
                rows.put(task.name(), row);
            }
        }
        Map<String, JsonNode> shipped = new LinkedHashMap<>(rows);
        shipped.values().removeIf(row -> !row.has("served"));
        shipped.forEach((name, row) -> table.row(
                name,
                String.format(Locale.ROOT, "%,d", row.path("n").asLong()),
                figure(row.path("base_rate"), 3),
                "**" + figure(row.path("served").path("auc"), 4) + "**",
                figure(row.path("batch_hgb").path("auc"), 3),
                figure(row.path("batch_lr").path("auc"), 3),
                figure(row.path("previous_outcome").path("auc"), 3),
                figure(row.path("served").path("log_loss"), 4) + " ("
                        + figure(row.path("served").path("base_rate_log_loss"), 4) + ")",
                figure(row.path("served").path("ece"), 4)));
        out.append(table.markdown());
        ownFeatures(out, rows);
        peers(out, rows);
        families(out, rows);
        out.append(Elec2.table(report.path(Elec2.NAME)));
        out.append(Ranking.table(report.path(Ranking.NAME)));
        out.append("\nWhat moves the scores most, by mean size of the contribution:\n\n");
        shipped.forEach((name, row) -> {
            List<String> words = new ArrayList<>();
            row.path("top_features")
                    .forEach(feature -> words.add(feature.path("feature").asText()));
            out.append("- **")
                    .append(name)
                    .append("**: ")
                    .append(String.join("; ", words))
                    .append('\n');
        });
        return out.toString();
    }

    /** Batch boosting on the same vectors, and by how much served is ahead. */
    private static void ownFeatures(StringBuilder out, Map<String, JsonNode> rows) {
        if (rows.values().stream().noneMatch(row -> row.has("own_features"))) {
            return;
        }
        out.append(
                "\nBatch boosting on the vectors that were scored, AUC (log-loss), and served less boosting ± one paired"
                        + " standard error:\n\n");
        Table table =
                new Table("task", "**served**", "trained once", "served less it", "rolling", "served less rolling");
        rows.forEach((name, row) -> {
            JsonNode own = row.path("own_features");
            if (own.isObject()) {
                table.row(
                        name,
                        "**" + both(row.path("served")) + "**",
                        both(own.path("once")),
                        ahead(own.path("once")),
                        both(own.path("rolling")),
                        ahead(own.path("rolling")));
            }
        });
        out.append(table.markdown());
    }

    private static String ahead(JsonNode figures) {
        JsonNode ahead = figures.path("served_less_boosting");
        return signed(ahead.path("auc")) + " ± " + figure(ahead.path("auc_standard_error"), 4) + " ("
                + signed(ahead.path("log_loss")) + " ± " + figure(ahead.path("log_loss_standard_error"), 4) + ")";
    }

    private static String signed(JsonNode value) {
        return String.format(Locale.ROOT, "%+.4f", value.asDouble());
    }

    /** Other projects' online learners, tested when the label became known, beside what was served long before. */
    private static void peers(StringBuilder out, Map<String, JsonNode> rows) {
        List<String> names =
                List.of(PeerLearners.MOA_SGD, PeerLearners.MOA_HAT, PeerLearners.MOA_ARF, PeerLearners.VOWPAL_WABBIT);
        if (rows.values().stream().noneMatch(row -> names.stream().anyMatch(row::has))) {
            return;
        }
        out.append(
                "\nOther online learners on the same examples, AUC (log-loss), tested when the label became known; served"
                        + " ones were scored before:\n\n");
        List<String> head = new ArrayList<>(List.of("task", "rows", "**served**"));
        head.addAll(names);
        Table table = new Table(head);
        rows.forEach((name, row) -> {
            List<String> cells = new ArrayList<>(List.of(
                    name,
                    row.has("rows_of_the_log")
                            ? String.format(
                                    Locale.ROOT,
                                    "first %,d",
                                    row.path("rows_of_the_log").asLong())
                            : "all",
                    "**" + both(row.path("served")) + "**"));
            names.forEach(peer -> cells.add(both(row.path(peer))));
            table.row(cells);
        });
        out.append(table.markdown());
    }

    private static String both(JsonNode figures) {
        return figures.isObject()
                ? figure(figures.path("auc"), 4) + " (" + figure(figures.path("log_loss"), 4) + ")"
                : "–";
    }

    private static void families(StringBuilder out, Map<String, JsonNode> rows) {
        if (rows.values().stream().noneMatch(row -> row.path("families").isObject())) {
            return;
        }
        List<String> names = Arrays.stream(LearnerEntry.Family.values())
                .map(LearnerEntry.Family::id)
                .toList();
        List<String> head = new ArrayList<>(List.of("task"));
        head.addAll(names);
        Table table = new Table(head);
        rows.forEach((name, row) -> {
            if (row.path("families").isObject()) {
                List<String> cells = new ArrayList<>(List.of(name));
                names.forEach(family -> cells.add(alone(row.path("families").path(family))));
                table.row(cells);
            }
        });
        out.append("\nEach family alone, AUC as served:\n\n").append(table.markdown());
    }

    private static String alone(JsonNode figures) {
        return figure(figures.path("auc"), 4)
                + (figures.has("rows_of_the_log")
                        ? String.format(
                                Locale.ROOT,
                                " (first %,d rows)",
                                figures.path("rows_of_the_log").asLong())
                        : "");
    }

    static String figure(JsonNode value, int digits) {
        return value.isNumber() ? String.format(Locale.ROOT, "%." + digits + "f", value.asDouble()) : "–";
    }
}
