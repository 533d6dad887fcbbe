package io.livepredict.trainer.study;

import io.livepredict.trainer.evaluation.ExactMetrics;

/**
 * How one scorer did on the examples it was tested on, exactly.
 *
 * @param scorer a learner's name, {@code champion}, or a reference
 * @param n examples
 * @param logLoss mean, in nats; its interval is from the losses' spread, as if they were independent
 * @param auc area under the ROC curve; its interval is that of Hanley and McNeil 1982, eq. 2
 * @param accuracy share right at 0.5; its interval is binomial
 * @param calibration how far the probabilities are off
 */
public record ScorerResult(
        String scorer, int n, Estimate logLoss, Estimate auc, Estimate accuracy, Calibration calibration) {
    /**
     * A mean.
     *
     * @param half half the width of its 95 % interval
     */
    public record Estimate(double value, double half) {
        private static Estimate of(double value, double variance) {
            return new Estimate(value, NORMAL_95 * Math.sqrt(variance));
        }
    }

    /**
     * How far probabilities are off.
     *
     * @param brier mean squared error
     * @param ece expected calibration error
     */
    public record Calibration(double brier, double ece) {}

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
                Estimate.of(mean, variance / n),
                Estimate.of(auc, aucVariance(auc, positives, n - positives)),
                Estimate.of(accuracy, accuracy * (1 - accuracy) / n),
                new Calibration(ExactMetrics.brier(scores, labels), ExactMetrics.calibrationError(scores, labels)));
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
