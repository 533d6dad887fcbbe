package io.livepredict.deploy.console.series;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The last labels of one target, beside what was served for them and what an oracle expected where there is one. All figures of
 * a {@link Quality} are over the same labels, so that they can be compared. Not safe for use from several threads.
 */
public final class ScoredWindow {
    /** How many labels the figures are about. */
    public static final int LABELS = 3_000;

    private static final int BINS = 10;
    private static final double NEAREST = 1e-7;

    private final double[] scores = new double[LABELS];
    private final double[] labels = new double[LABELS];
    private final double[] expected = new double[LABELS];
    private int next;
    private int size;
    private boolean binary = true;

    /**
     * How good the recent scores were.
     *
     * @param n labels it is about
     * @param binary whether scores are probabilities; if not, losses are squared errors and the last three are missing
     * @param rate the mean label: the base rate
     * @param meanScore the mean of what was served
     * @param served loss of what was served, nats per label
     * @param base loss of always saying the base rate of these labels
     * @param oracle loss of the oracle; NaN without one
     * @param auc area under the ROC curve; NaN where all labels are equal
     * @param calibrationError expected calibration error over ten bins
     * @param bins the calibration, lowest scores first; empty bins are left out
     */
    public record Quality(
            int n,
            boolean binary,
            double rate,
            double meanScore,
            double served,
            double base,
            double oracle,
            double auc,
            double calibrationError,
            List<Bin> bins) {}

    /**
     * Scores of about the same height.
     *
     * @param score their mean
     * @param rate how many came true, 0 to 1
     * @param n how many
     */
    public record Bin(double score, double rate, int n) {}

    /**
     * Adds a label.
     *
     * @param oracle what the oracle expected; NaN for none
     */
    public void add(double score, double label, double oracle) {
        binary &= label == 0 || label == 1;
        scores[next] = score;
        labels[next] = label;
        expected[next] = oracle;
        next = (next + 1) % LABELS;
        size = Math.min(size + 1, LABELS);
    }

    /** The figures of the labels that are held. */
    public Quality quality() {
        double rate = mean(labels);
        double served = 0;
        double base = 0;
        double oracle = 0;
        for (int i = 0; i < size; i++) {
            served += loss(scores[i], labels[i]);
            base += loss(rate, labels[i]);
            oracle += Double.isNaN(expected[i]) ? Double.NaN : loss(expected[i], labels[i]);
        }
        List<Bin> bins = binary ? bins() : List.of();
        double error = bins.stream()
                        .mapToDouble(bin -> bin.n() * Math.abs(bin.score() - bin.rate()))
                        .sum()
                / size;
        return new Quality(
                size,
                binary,
                rate,
                mean(scores),
                served / size,
                base / size,
                oracle / size,
                binary ? auc() : Double.NaN,
                binary && size > 0 ? error : Double.NaN,
                bins);
    }

    private double mean(double[] of) {
        return IntStream.range(0, size).mapToDouble(i -> of[i]).average().orElse(Double.NaN);
    }

    private double loss(double score, double label) {
        if (!binary) {
            return (score - label) * (score - label);
        }
        double p = Math.clamp(score, NEAREST, 1 - NEAREST);
        return label > 0.5 ? -Math.log(p) : -Math.log1p(-p);
    }

    private List<Bin> bins() {
        double[] sum = new double[BINS];
        double[] positive = new double[BINS];
        int[] n = new int[BINS];
        for (int i = 0; i < size; i++) {
            int bin = (int) Math.clamp(scores[i] * BINS, 0, BINS - 1);
            sum[bin] += scores[i];
            positive[bin] += labels[i];
            n[bin]++;
        }
        List<Bin> bins = new ArrayList<>();
        for (int bin = 0; bin < BINS; bin++) {
            if (n[bin] > 0) {
                bins.add(new Bin(sum[bin] / n[bin], positive[bin] / n[bin], n[bin]));
            }
        }
        return bins;
    }

    /** By ranks; equal scores share theirs. */
    private double auc() {
        List<Integer> order = IntStream.range(0, size)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> scores[i]))
                .toList();
        double positives = 0;
        double ranks = 0;
        for (int i = 0; i < size; ) {
            int end = i;
            double here = 0;
            while (end < size && scores[order.get(end)] == scores[order.get(i)]) {
                here += labels[order.get(end)];
                end++;
            }
            ranks += here * (i + 1 + end) / 2.0;
            positives += here;
            i = end;
        }
        double negatives = size - positives;
        return positives == 0 || negatives == 0
                ? Double.NaN
                : (ranks - positives * (positives + 1) / 2) / (positives * negatives);
    }
}
