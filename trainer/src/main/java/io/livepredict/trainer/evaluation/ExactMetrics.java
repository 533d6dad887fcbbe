package io.livepredict.trainer.evaluation;

import java.util.Arrays;

/** Metrics over scores held in memory, exact; for reports. */
public final class ExactMetrics {
    private ExactMetrics() {}

    /**
     * Area under the ROC curve by ranks (Mann and Whitney 1947), ties counted half. NaN with only one class.
     *
     * @param scores any order-preserving scores
     * @param labels above 0.5 is positive
     */
    public static double auc(double[] scores, double[] labels) {
        check(scores, labels);
        long[] order = new long[scores.length];
        // Sorts indices by score without boxing: the order-preserving bits of the float score above, the index below.
        for (int i = 0; i < order.length; i++) {
            int bits = Float.floatToIntBits((float) scores[i]);
            int ordered = bits ^ ((bits >> 31) & Integer.MAX_VALUE);
            order[i] = ((long) ordered << 32) | i;
        }
        Arrays.sort(order);
        double rankSum = 0;
        long positives = 0;
        for (int from = 0; from < order.length; ) {
            int to = from;
            long score = order[from] >> 32;
            long tied = 0;
            while (to < order.length && order[to] >> 32 == score) {
                if (labels[(int) order[to]] > 0.5) {
                    tied++;
                }
                to++;
            }
            rankSum += tied * (from + 1 + to) / 2.0;
            positives += tied;
            from = to;
        }
        long negatives = order.length - positives;
        return positives == 0 || negatives == 0
                ? Double.NaN
                : (rankSum - positives * (positives + 1) / 2.0) / positives / negatives;
    }

    /** Mean log-loss in nats; a probability is kept 1e-7 away from 0 and 1. */
    public static double logLoss(double[] scores, double[] labels) {
        check(scores, labels);
        double sum = 0;
        for (int i = 0; i < scores.length; i++) {
            sum += MetricSums.loss(true, scores[i], labels[i]);
        }
        return sum / scores.length;
    }

    /** Standard error of the mean log-loss. */
    public static double logLossError(double[] scores, double[] labels) {
        double mean = logLoss(scores, labels);
        double sum = 0;
        for (int i = 0; i < scores.length; i++) {
            double off = MetricSums.loss(true, scores[i], labels[i]) - mean;
            sum += off * off;
        }
        return Math.sqrt(sum / Math.max(1, scores.length - 1) / scores.length);
    }

    /** Standard error of an AUC over these labels (Hanley and McNeil 1982). NaN with only one class. */
    public static double aucError(double auc, double[] labels) {
        double positives = Arrays.stream(labels).filter(label -> label > 0.5).count();
        double negatives = labels.length - positives;
        double twoPositives = auc / (2 - auc) - auc * auc;
        double twoNegatives = 2 * auc * auc / (1 + auc) - auc * auc;
        double sum = auc * (1 - auc) + (positives - 1) * twoPositives + (negatives - 1) * twoNegatives;
        return Math.sqrt(Math.max(0, sum) / positives / negatives);
    }

    /** Mean squared difference of score and label. */
    public static double brier(double[] scores, double[] labels) {
        check(scores, labels);
        double sum = 0;
        for (int i = 0; i < scores.length; i++) {
            sum += (scores[i] - labels[i]) * (scores[i] - labels[i]);
        }
        return sum / scores.length;
    }

    /** Expected calibration error, 15 bins of equal width (Naeini, Cooper and Hauskrecht 2015). */
    public static double calibrationError(double[] scores, double[] labels) {
        check(scores, labels);
        MetricSums sums = new MetricSums(true);
        MetricSums.Observation observation = new MetricSums.Observation();
        for (int i = 0; i < scores.length; i++) {
            sums.add(observation.set(true, scores[i], labels[i]), 1);
        }
        return sums.metrics(1).calibrationError();
    }

    /** Log-loss of always saying the base rate of these very labels: their entropy. */
    public static double baseRateLogLoss(double[] labels) {
        double rate = Arrays.stream(labels).average().orElse(Double.NaN);
        return rate <= 0 || rate >= 1 ? 0 : -rate * Math.log(rate) - (1 - rate) * Math.log1p(-rate);
    }

    private static void check(double[] scores, double[] labels) {
        if (scores.length != labels.length) {
            throw new IllegalArgumentException(
                    "wanted as many labels as scores, got " + labels.length + " for " + scores.length);
        }
    }
}
