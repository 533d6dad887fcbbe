package io.livepredict.trainer.study;

import io.livepredict.trainer.evaluation.ExactMetrics;

/**
 * How one scorer did on the examples it was tested on, exact, each figure with half the width of its 95 % interval.
 *
 * @param scorer a learner's name, {@code champion}, or a reference
 * @param n examples
 * @param logLoss mean, in nats
 * @param logLossHalf from the losses' spread, as if they were independent
 * @param auc area under the ROC curve
 * @param aucHalf by Hanley and McNeil 1982, eq. 2
 * @param accuracy share right at 0.5
 * @param accuracyHalf binomial
 * @param brier mean squared error
 * @param ece expected calibration error
 */
public record ScorerResult(
        String scorer,
        int n,
        double logLoss,
        double logLossHalf,
        double auc,
        double aucHalf,
        double accuracy,
        double accuracyHalf,
        double brier,
        double ece) {
    private static final double NORMAL_95 = 1.96;
    private static final double FLOOR = 1e-7;

    /** The figures of these scores. */
    public static ScorerResult of(String scorer, double[] scores, double[] labels) {
        int n = scores.length;
        double sum = 0;
        double squares = 0;
        int right = 0;
        double positives = 0;
        for (int i = 0; i < n; i++) {
            double loss = loss(scores[i], labels[i]);
            sum += loss;
            squares += loss * loss;
            positives += labels[i];
            if (scores[i] >= 0.5 == labels[i] > 0.5) {
                right++;
            }
        }
        double mean = sum / n;
        double variance = Math.max(0, squares / n - mean * mean);
        double auc = ExactMetrics.auc(scores, labels);
        double accuracy = (double) right / n;
        return new ScorerResult(
                scorer,
                n,
                mean,
                NORMAL_95 * Math.sqrt(variance / n),
                auc,
                NORMAL_95 * Math.sqrt(aucVariance(auc, positives, n - positives)),
                accuracy,
                NORMAL_95 * Math.sqrt(accuracy * (1 - accuracy) / n),
                ExactMetrics.brier(scores, labels),
                ExactMetrics.calibrationError(scores, labels));
    }

    static double loss(double score, double label) {
        double p = Math.min(Math.max(score, FLOOR), 1 - FLOOR);
        return label > 0.5 ? -Math.log(p) : -Math.log1p(-p);
    }

    private static double aucVariance(double auc, double positives, double negatives) {
        double q1 = auc / (2 - auc);
        double q2 = 2 * auc * auc / (1 + auc);
        return Math.max(
                0,
                (auc * (1 - auc) + (positives - 1) * (q1 - auc * auc) + (negatives - 1) * (q2 - auc * auc))
                        / positives
                        / negatives);
    }
}
