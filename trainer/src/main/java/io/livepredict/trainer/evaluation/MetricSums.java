package io.livepredict.trainer.evaluation;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;

/**
 * The weighted sums from which {@link Metrics} are computed; sums over disjoint examples add up. AUC comes from two
 * histograms of the score's logit, one per class: 256 bins of 1/16 over (−8, 8), scores in the same bin count as
 * half a tie, so it is exact except for pairs whose logits differ by less than 1/16. Not safe for use from several
 * threads.
 */
final class MetricSums {
    static final int RANK_BINS = 256;
    private static final int CALIBRATION_BINS = 15;
    private static final double LOGIT_BOUND = 8;
    private static final double BINS_PER_LOGIT = RANK_BINS / (2 * LOGIT_BOUND);
    /** Scores are float32: closer to 0 or 1 than this they can't be told from it. */
    static final double PROBABILITY_FLOOR = 1e-7;

    private final boolean binary;
    private double weight;
    private double loss;
    private double distance;
    private final double[] positives;
    private final double[] negatives;
    private final double[] binWeight;
    private final double[] binScore;
    private final double[] binLabel;

    MetricSums(boolean binary) {
        this.binary = binary;
        positives = new double[binary ? RANK_BINS : 0];
        negatives = new double[binary ? RANK_BINS : 0];
        binWeight = new double[binary ? CALIBRATION_BINS : 0];
        binScore = new double[binary ? CALIBRATION_BINS : 0];
        binLabel = new double[binary ? CALIBRATION_BINS : 0];
    }

    /** The loss of one score: log-loss in nats, or the squared error. */
    static double loss(boolean binary, double score, double label) {
        if (!binary) {
            return (score - label) * (score - label);
        }
        double p = Math.min(Math.max(score, PROBABILITY_FLOOR), 1 - PROBABILITY_FLOOR);
        return -Math.log(label > 0.5 ? p : 1 - p);
    }

    void add(Observation o, double w) {
        weight += w;
        loss += w * o.loss;
        if (!binary) {
            distance += w * Math.abs(o.score - o.label);
            return;
        }
        distance += w * (o.score - o.label) * (o.score - o.label);
        (o.label > 0.5 ? positives : negatives)[o.rankBin] += w;
        int bin = (int) Math.min(Math.max(o.score * CALIBRATION_BINS, 0), CALIBRATION_BINS - 1.0);
        binWeight[bin] += w;
        binScore[bin] += w * o.score;
        binLabel[bin] += w * o.label;
    }

    void addAll(MetricSums other) {
        weight += other.weight;
        loss += other.loss;
        distance += other.distance;
        plus(positives, other.positives);
        plus(negatives, other.negatives);
        plus(binWeight, other.binWeight);
        plus(binScore, other.binScore);
        plus(binLabel, other.binLabel);
    }

    void scale(double factor) {
        weight *= factor;
        loss *= factor;
        distance *= factor;
        for (double[] array : arrays()) {
            for (int i = 0; i < array.length; i++) {
                array[i] *= factor;
            }
        }
    }

    void clear() {
        weight = 0;
        loss = 0;
        distance = 0;
        for (double[] array : arrays()) {
            Arrays.fill(array, 0);
        }
    }

    double weight() {
        return weight;
    }

    double lossSum() {
        return loss;
    }

    /** @param unit the weight that counts as one example */
    Metrics metrics(double unit) {
        if (weight <= 0) {
            return Metrics.NONE;
        }
        if (!binary) {
            return new Metrics(weight / unit, loss / weight, Double.NaN, distance / weight, Double.NaN);
        }
        double error = 0;
        for (int b = 0; b < CALIBRATION_BINS; b++) {
            error += Math.abs(binScore[b] - binLabel[b]);
        }
        return new Metrics(weight / unit, loss / weight, auc(), distance / weight, error / weight);
    }

    private double auc() {
        double below = 0;
        double pairs = 0;
        double positive = 0;
        for (int b = 0; b < RANK_BINS; b++) {
            pairs += positives[b] * (below + negatives[b] / 2);
            below += negatives[b];
            positive += positives[b];
        }
        return positive > 0 && below > 0 ? pairs / positive / below : Double.NaN;
    }

    void write(DataOutput out) throws IOException {
        out.writeDouble(weight);
        out.writeDouble(loss);
        out.writeDouble(distance);
        for (double[] array : arrays()) {
            Sparse.write(out, array);
        }
    }

    void read(DataInput in) throws IOException {
        weight = in.readDouble();
        loss = in.readDouble();
        distance = in.readDouble();
        for (double[] array : arrays()) {
            Sparse.read(in, array);
        }
    }

    private double[][] arrays() {
        return new double[][] {positives, negatives, binWeight, binScore, binLabel};
    }

    private static void plus(double[] into, double[] from) {
        for (int i = 0; i < into.length; i++) {
            into[i] += from[i];
        }
    }

    /** One score beside its label, with what every sum needs of it computed once; reused. */
    static final class Observation {
        double score;
        double label;
        double loss;
        int rankBin;

        Observation set(boolean binary, double newScore, double newLabel) {
            score = newScore;
            label = newLabel;
            if (binary) {
                double p = Math.min(Math.max(newScore, PROBABILITY_FLOOR), 1 - PROBABILITY_FLOOR);
                double logP = Math.log(p);
                // Not log1p, at four times the cost: p is kept so far from 0 that 1 − p has nine digits of it.
                double logQ = Math.log(1 - p);
                loss = newLabel > 0.5 ? -logP : -logQ;
                double bin = (logP - logQ + LOGIT_BOUND) * BINS_PER_LOGIT;
                rankBin = (int) Math.min(Math.max(bin, 0), RANK_BINS - 1.0);
            } else {
                loss = MetricSums.loss(false, newScore, newLabel);
            }
            return this;
        }
    }
}
