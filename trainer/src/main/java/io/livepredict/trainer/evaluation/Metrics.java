package io.livepredict.trainer.evaluation;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How one scorer did on one target.
 *
 * @param examples weight of the examples behind the figures: a count in a window, at most 1 / (1 − decay) when fading
 * @param loss mean log-loss in nats; for a sum-of target the mean squared error
 * @param auc area under the ROC curve, 0.5 for ties; NaN while only one class was seen, and for a sum-of target
 * @param brier mean squared difference of probability and label; for a sum-of target the mean absolute error
 * @param calibrationError expected calibration error, 15 bins of equal width; NaN for a sum-of target
 */
public record Metrics(double examples, double loss, double auc, double brier, double calibrationError) {
    /** Nothing was seen. */
    public static final Metrics NONE = new Metrics(0, Double.NaN, Double.NaN, Double.NaN, Double.NaN);

    /** The finite figures by the names that manifests and reports use. */
    public Map<String, Double> named(boolean binary) {
        Map<String, Double> named = new LinkedHashMap<>();
        put(named, "n", examples);
        put(named, binary ? "log_loss" : "mse", loss);
        put(named, "auc", auc);
        put(named, binary ? "brier" : "mae", brier);
        put(named, "ece", calibrationError);
        return named;
    }

    private static void put(Map<String, Double> named, String name, double value) {
        if (Double.isFinite(value)) {
            named.put(name, value);
        }
    }
}
