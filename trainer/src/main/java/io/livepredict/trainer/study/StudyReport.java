package io.livepredict.trainer.study;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;

/** A study's figures as a table for people and as JSON. */
public final class StudyReport {
    private StudyReport() {}

    /** The table, in Markdown. */
    public static String table(List<ScorerResult> results) {
        StringBuilder text = new StringBuilder();
        text.append("| scorer | n | log-loss | AUC | accuracy | Brier | ECE |\n");
        text.append("| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n");
        for (ScorerResult f : results) {
            text.append(String.format(
                    Locale.ROOT,
                    "| %s | %d | %.4f ± %.4f | %.4f ± %.4f | %.4f ± %.4f | %.4f | %.4f |%n",
                    f.scorer(),
                    f.n(),
                    f.logLoss(),
                    f.logLossHalf(),
                    f.auc(),
                    f.aucHalf(),
                    f.accuracy(),
                    f.accuracyHalf(),
                    f.brier(),
                    f.ece()));
        }
        return text.toString();
    }

    /** By scorer; what is not a number is null. */
    public static String json(String file, String how, List<ScorerResult> results) {
        JsonMapper mapper = JsonMapper.builder().build();
        ObjectNode root = mapper.createObjectNode();
        root.put("file", file).put("how", how);
        ObjectNode scorers = root.putObject("scorers");
        for (ScorerResult f : results) {
            ObjectNode node = scorers.putObject(f.scorer());
            node.put("n", f.n());
            put(node, "log_loss", f.logLoss());
            put(node, "log_loss_half_interval", f.logLossHalf());
            put(node, "auc", f.auc());
            put(node, "auc_half_interval", f.aucHalf());
            put(node, "accuracy", f.accuracy());
            put(node, "accuracy_half_interval", f.accuracyHalf());
            put(node, "brier", f.brier());
            put(node, "ece", f.ece());
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
