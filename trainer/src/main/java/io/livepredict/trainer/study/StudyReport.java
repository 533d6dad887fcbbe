package io.livepredict.trainer.study;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.livepredict.cli.Table;
import java.util.List;
import java.util.Locale;

/** A study's figures as a table for people and as JSON. */
public final class StudyReport {
    private StudyReport() {}

    /** The table, in Markdown. */
    public static String table(List<ScorerResult> results) {
        Table table = new Table("scorer", "n", "log-loss", "AUC", "accuracy", "Brier", "ECE");
        for (ScorerResult result : results) {
            table.row(
                    result.scorer(),
                    String.valueOf(result.n()),
                    interval(result.logLoss()),
                    interval(result.auc()),
                    interval(result.accuracy()),
                    figure(result.calibration().brier()),
                    figure(result.calibration().ece()));
        }
        return table.markdown();
    }

    private static String interval(ScorerResult.Estimate estimate) {
        return figure(estimate.value()) + " ± " + figure(estimate.half());
    }

    private static String figure(double value) {
        return String.format(Locale.ROOT, "%.4f", value);
    }

    /** By scorer; what is not a number is null. */
    public static String json(String file, String how, List<ScorerResult> results) {
        JsonMapper mapper = JsonMapper.builder().build();
        ObjectNode root = mapper.createObjectNode();
        root.put("file", file).put("how", how);
        ObjectNode scorers = root.putObject("scorers");
        for (ScorerResult result : results) {
            ObjectNode node = scorers.putObject(result.scorer());
            node.put("n", result.n());
            put(node, "log_loss", result.logLoss().value());
            put(node, "log_loss_half_interval", result.logLoss().half());
            put(node, "auc", result.auc().value());
            put(node, "auc_half_interval", result.auc().half());
            put(node, "accuracy", result.accuracy().value());
            put(node, "accuracy_half_interval", result.accuracy().half());
            put(node, "brier", result.calibration().brier());
            put(node, "ece", result.calibration().ece());
        }
        try {
            return mapper.writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("numbers can't be written as JSON", e);
        }
    }

    private static void put(ObjectNode node, String name, double value) {
        if (Double.isFinite(value)) {
            node.put(name, value);
        } else {
            node.putNull(name);
        }
    }
}
