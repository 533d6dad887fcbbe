package io.livepredict.trainer.evaluation;

import io.livepredict.trainer.evaluation.MetricSums.Observation;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * One scorer on one target, prequential: fading (each example weighs {@code decay} times the one after it; Gama,
 * Sebastião and Rodrigues 2013, eq. 6) and over a sliding window of blocks. The owner turns the window, so that every
 * scorer's window covers the same examples. Not safe for use from several threads.
 */
final class PrequentialMetrics {
    /** The fading sums are rescaled when the weight of one example has grown by this much. */
    private static final double RESCALE_AT = 1e100;

    private final boolean binary;
    private final double growth;
    private final MetricSums fading;
    private double unit = 1;
    private final MetricSums[] blocks;
    private int block;
    private final Observation observation = new Observation();

    PrequentialMetrics(boolean binary, EvaluationSettings settings) {
        this.binary = binary;
        growth = 1 / settings.decay();
        fading = new MetricSums(binary);
        blocks = new MetricSums[settings.blocks()];
        for (int i = 0; i < blocks.length; i++) {
            blocks[i] = new MetricSums(binary);
        }
    }

    /** Takes one score and its label; returns the loss. */
    double add(double score, double label) {
        observation.set(binary, score, label);
        unit *= growth;
        fading.add(observation, unit);
        if (unit > RESCALE_AT) {
            fading.scale(1 / unit);
            unit = 1;
        }
        blocks[block].add(observation, 1);
        return observation.loss;
    }

    /** Begins a new block in place of the oldest. */
    void beginBlock() {
        block = (block + 1) % blocks.length;
        blocks[block].clear();
    }

    /** Forgets everything. */
    void clear() {
        fading.clear();
        unit = 1;
        for (MetricSums sums : blocks) {
            sums.clear();
        }
    }

    Metrics fading() {
        return fading.metrics(unit);
    }

    Metrics windowed() {
        MetricSums all = new MetricSums(binary);
        for (MetricSums sums : blocks) {
            all.addAll(sums);
        }
        return all.metrics(1);
    }

    double windowWeight() {
        double weight = 0;
        for (MetricSums sums : blocks) {
            weight += sums.weight();
        }
        return weight;
    }

    /** Mean loss over the window; NaN when it is empty. */
    double windowLoss() {
        double weight = 0;
        double loss = 0;
        for (MetricSums sums : blocks) {
            weight += sums.weight();
            loss += sums.lossSum();
        }
        return loss / weight;
    }

    void write(DataOutput out) throws IOException {
        out.writeDouble(unit);
        fading.write(out);
        out.writeByte(block);
        for (MetricSums sums : blocks) {
            sums.write(out);
        }
    }

    void read(DataInput in) throws IOException {
        unit = in.readDouble();
        fading.read(in);
        block = in.readUnsignedByte();
        for (MetricSums sums : blocks) {
            sums.read(in);
        }
    }
}
