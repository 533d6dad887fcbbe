package io.livepredict.deploy.bench;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Two scorers on the same labels: by how much the first is ahead of the second, with the standard error of that difference.
 * AUC's is DeLong's (DeLong, DeLong and Clarke-Pearson, Biometrics 44, 1988); log-loss's that of a mean of paired differences.
 *
 * @param auc AUC of the first less that of the second
 * @param aucError its standard error
 * @param logLoss log-loss of the first less that of the second; below 0 the first is better
 * @param logLossError its standard error
 */
record PairedScores(double auc, double aucError, double logLoss, double logLossError) {
    private static final double CLOSEST = 1e-6;

    static PairedScores of(double[] first, double[] second, double[] labels) {
        double[] one = placements(first, labels);
        double[] other = placements(second, labels);
        double[] apart = new double[labels.length];
        for (int i = 0; i < apart.length; i++) {
            apart[i] = one[i] - other[i];
        }
        Moments positives = Moments.of(apart, labels, 1);
        Moments negatives = Moments.of(apart, labels, 0);
        double[] losses = new double[labels.length];
        for (int i = 0; i < losses.length; i++) {
            losses[i] = loss(first[i], labels[i]) - loss(second[i], labels[i]);
        }
        Moments loss = Moments.of(losses, new double[losses.length], 0);
        return new PairedScores(
                positives.mean,
                Math.sqrt(positives.variance / positives.count + negatives.variance / negatives.count),
                loss.mean,
                Math.sqrt(loss.variance / loss.count));
    }

    private static double loss(double score, double label) {
        double p = Math.clamp(score, CLOSEST, 1 - CLOSEST);
        return -Math.log(label > 0.5 ? p : 1 - p);
    }

    /** Of each row the share of rows of the other label that it stands on the right side of; ties count half. */
    static double[] placements(double[] scores, double[] labels) {
        int[] order = IntStream.range(0, scores.length)
                .boxed()
                .sorted((a, b) -> Double.compare(scores[a], scores[b]))
                .mapToInt(Integer::intValue)
                .toArray();
        double positives = Arrays.stream(labels).filter(label -> label > 0.5).count();
        double negatives = labels.length - positives;
        double[] placements = new double[scores.length];
        double positivesBelow = 0;
        double negativesBelow = 0;
        for (int from = 0; from < order.length; ) {
            int to = from;
            double positivesHere = 0;
            while (to < order.length && scores[order[to]] == scores[order[from]]) {
                positivesHere += labels[order[to++]] > 0.5 ? 1 : 0;
            }
            double negativesHere = to - from - positivesHere;
            for (int i = from; i < to; i++) {
                placements[order[i]] = labels[order[i]] > 0.5
                        ? (negativesBelow + negativesHere / 2) / negatives
                        : 1 - (positivesBelow + positivesHere / 2) / positives;
            }
            positivesBelow += positivesHere;
            negativesBelow += negativesHere;
            from = to;
        }
        return placements;
    }

    private record Moments(double count, double mean, double variance) {
        /** Of the values with that label. */
        static Moments of(double[] values, double[] labels, double label) {
            double count = 0;
            double mean = 0;
            double squares = 0;
            for (int i = 0; i < values.length; i++) {
                if (labels[i] == label) {
                    count++;
                    double from = values[i] - mean;
                    mean += from / count;
                    squares += from * (values[i] - mean);
                }
            }
            return new Moments(count, mean, squares / (count - 1));
        }
    }
}
