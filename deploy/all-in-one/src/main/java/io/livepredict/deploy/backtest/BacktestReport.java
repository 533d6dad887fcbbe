package io.livepredict.deploy.backtest;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.livepredict.cli.Table;
import io.livepredict.contract.DeadLetterReason;
import io.livepredict.deploy.replay.Recording;
import io.livepredict.deploy.report.ReportTable;
import io.livepredict.streams.metrics.Metric;
import io.livepredict.trainer.evaluation.ExactMetrics;
import io.livepredict.trainer.evaluation.Metrics;
import io.livepredict.trainer.evaluation.PrequentialTable;
import io.livepredict.trainer.learner.KindStatus;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;

/** What a backtest found, for machines and for people. */
public final class BacktestReport {
    private static final String NO_EXAMPLES =
            "no examples: the log ends before any snapshot's horizon has passed, or no event was a snapshot";

    private BacktestReport() {}

    /** The JSON report. */
    public static ObjectNode of(Backtest backtest, Recording recording, double seconds) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("rows", recording.rows());
        json.put("events", backtest.events());
        recording.span().put(json);
        ObjectNode leftOut = json.putObject("left_out");
        recording.leftOut().forEach(leftOut::put);
        ObjectNode columns = json.putObject("rows_left_out_by_column");
        recording.rowsLeftOutByColumn().forEach(columns::put);
        ObjectNode values = json.putObject("values_left_out");
        recording.valuesLeftOut().forEach(values::put);
        ObjectNode deadLettered = json.putObject("dead_lettered");
        backtest.metrics().by(Metric.DEAD_LETTERS, "reason").forEach(deadLettered::put);
        if (backtest.looks() > 0) {
            json.put("looks", backtest.looks());
        }
        json.put("predictions", backtest.predictions());
        backtest.metrics()
                .by(Metric.PREDICTIONS_WITHHELD, "reason")
                .forEach((reason, count) -> json.withObject("/withheld").put(reason, count));
        backtest.others().forEach(json::put);
        if (!backtest.alerts().isEmpty()) {
            backtest.alerts().put(json.putObject("alerts_by_name"));
        }
        json.put("examples", backtest.examples());
        json.put("snapshots_censored", backtest.censored());
        json.put("snapshots_refused", backtest.refused());
        json.put("seconds", seconds);
        json.put("events_per_second", backtest.events() / seconds);
        json.put("models_published", backtest.published());
        if (backtest.examples() == 0) {
            json.put("note", NO_EXAMPLES);
        }
        ObjectNode targets = json.putObject("targets");
        backtest.tracks().forEach((name, track) -> targets.set(name, target(track)));
        ObjectNode learners = json.putObject("learners");
        KindStatus status = backtest.status();
        learners.put("champion", status.champion());
        learners.put("champion_changes", status.competition().championChanges());
        learners.put("resets", status.competition().resets());
        learners.put("drifts", status.drift().found());
        ObjectNode digests = json.putObject("sha256");
        backtest.digests().forEach(digests::put);
        return json;
    }

    private static ObjectNode target(TargetTrack track) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        double[] scores = track.served();
        double[] labels = track.labels();
        json.set("all", metrics(scores, labels));
        json.set("last_30_percent", metrics(tail(scores), tail(labels)));
        FirstLabels first = FirstLabels.of(track);
        ObjectNode since = json.putObject("from_first_label");
        since.put("n", first.n());
        put(since, "log_loss", first.served());
        put(since, "base_rate_known_log_loss", first.baseRate());
        put(since, "ratio", first.ratio());
        return json;
    }

    /** The last 30 % by as-of time, which is the order they are in. */
    public static double[] tail(double[] values) {
        return Arrays.copyOfRange(values, (int) Math.floor(values.length * 0.7), values.length);
    }

    /** n, base rate and the metrics of these scores. */
    public static ObjectNode metrics(double[] scores, double[] labels) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("n", labels.length);
        json.put("positives", Arrays.stream(labels).filter(l -> l > 0.5).count());
        put(
                json,
                "base_rate",
                labels.length == 0
                        ? Double.NaN
                        : Arrays.stream(labels).average().orElse(Double.NaN));
        put(json, "auc", ExactMetrics.auc(scores, labels));
        put(json, "log_loss", ExactMetrics.logLoss(scores, labels));
        put(json, "brier", ExactMetrics.brier(scores, labels));
        put(json, "ece", ExactMetrics.calibrationError(scores, labels));
        put(json, "base_rate_log_loss", ExactMetrics.baseRateLogLoss(labels));
        return json;
    }

    private static void put(ObjectNode json, String key, double value) {
        if (Double.isFinite(value)) {
            json.put(key, value);
        } else {
            json.putNull(key);
        }
    }

    /** A short table. */
    static String table(Backtest backtest, Recording recording, double seconds) {
        StringBuilder out = new StringBuilder();
        out.append(String.format(
                Locale.ROOT,
                "%,d rows, %,d events, %,d examples, %,d models in %.1f s: %,.0f events/s%n",
                recording.rows(),
                backtest.events(),
                backtest.examples(),
                backtest.published(),
                seconds,
                backtest.events() / seconds));
        out.append("the log: ").append(recording.span().words()).append('\n');
        String hint = recording.span().hint();
        if (hint != null) {
            out.append("  ").append(hint).append('\n');
        }
        if (!recording.leftOut().isEmpty()) {
            out.append("rows left out: ").append(recording.leftOut()).append('\n');
        }
        if (!recording.valuesLeftOut().isEmpty()) {
            out.append("values left out of events: ")
                    .append(recording.valuesLeftOut())
                    .append('\n');
        }
        if (!recording.faults().isEmpty()) {
            recording.faults().forEach(fault -> out.append("  ").append(fault).append('\n'));
        }
        Map<String, Long> deadLetters = backtest.metrics().by(Metric.DEAD_LETTERS, "reason");
        if (!deadLetters.isEmpty()) {
            out.append("events not used: ").append(deadLetters).append('\n');
        }
        if (deadLetters.getOrDefault(DeadLetterReason.LATE.name(), 0L) * 100 > backtest.events()) {
            out.append(
                    "  LATE is more than grace behind a newer event: sort the log by time (the mapping can: sort: within 10m), or"
                            + " give a longer grace\n");
        }
        if (backtest.censored() > 0) {
            out.append(String.format(
                    Locale.ROOT,
                    "%,d snapshots were still open when the log ended: their labels are unknown%n",
                    backtest.censored()));
        }
        if (backtest.refused() > 0) {
            out.append(String.format(
                    Locale.ROOT,
                    "%,d snapshots were not taken, so those predictions have no example: an entity had too many open ones"
                            + " (state.max-open-snapshots) or too many that await their horizon%n",
                    backtest.refused()));
        }
        ObjectNode alerts = JsonNodeFactory.instance.objectNode();
        backtest.alerts().put(alerts);
        ReportTable.alerts(alerts, line -> out.append(line.strip()).append('\n'));
        if (backtest.examples() == 0) {
            return out.append(NO_EXAMPLES).append('\n').toString();
        }
        Table table = new Table("last 30 %", "n", "base", "AUC", "log-loss", "ECE");
        for (Map.Entry<String, TargetTrack> entry : backtest.tracks().entrySet()) {
            double[] scores = tail(entry.getValue().served());
            double[] labels = tail(entry.getValue().labels());
            table.row(
                    entry.getKey(),
                    String.format(Locale.ROOT, "%,d", labels.length),
                    figure(Arrays.stream(labels).average().orElse(Double.NaN)),
                    figure(ExactMetrics.auc(scores, labels)),
                    figure(ExactMetrics.logLoss(scores, labels)),
                    figure(ExactMetrics.calibrationError(scores, labels)));
        }
        out.append(table.console());
        KindStatus status = backtest.status();
        out.append(String.format(
                Locale.ROOT,
                "champion %s, %d changes, %d resets, %d drifts%n",
                status.champion(),
                status.competition().championChanges(),
                status.competition().resets(),
                status.drift().found()));
        Table learners = new Table("target", "scorer", "fading loss", "AUC");
        for (PrequentialTable.Line line : status.competition().lines()) {
            Metrics fading = line.fading();
            learners.row(line.target(), line.scorer(), figure(fading.loss()), figure(fading.auc()));
        }
        return out.append(learners.console()).toString();
    }

    private static String figure(double value) {
        return String.format(Locale.ROOT, "%.4f", value);
    }
}
