package io.livepredict.trainer.evaluation;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;

/**
 * Sums over the recent window, on the labels that a model was served for only: each learner's loss and the served score's.
 * Not safe for use from several threads.
 */
final class PairedLosses {
    private final int learners;
    private final int columns;
    /** [blocks][targets · (learners + 2)]: per target the count, the served loss, then each learner's. */
    private final double[][] blocks;

    private int block;

    PairedLosses(int learners, int targets, int blocks) {
        this.learners = learners;
        columns = learners + 2;
        this.blocks = new double[blocks][targets * columns];
    }

    void add(int target, double[] learnerLosses, double servedLoss) {
        double[] sums = blocks[block];
        int at = target * columns;
        sums[at]++;
        sums[at + 1] += servedLoss;
        for (int l = 0; l < learners; l++) {
            sums[at + 2 + l] += learnerLosses[l];
        }
    }

    void beginBlock() {
        block = (block + 1) % blocks.length;
        Arrays.fill(blocks[block], 0);
    }

    double weight(int target) {
        return sum(target * columns);
    }

    double servedLoss(int target) {
        return sum(target * columns + 1);
    }

    double learnerLoss(int target, int learner) {
        return sum(target * columns + 2 + learner);
    }

    private double sum(int at) {
        double sum = 0;
        for (double[] sums : blocks) {
            sum += sums[at];
        }
        return sum;
    }

    void write(DataOutput out) throws IOException {
        out.writeByte(block);
        for (double[] sums : blocks) {
            Sparse.write(out, sums);
        }
    }

    void read(DataInput in) throws IOException {
        block = in.readUnsignedByte();
        for (double[] sums : blocks) {
            Sparse.read(in, sums);
        }
    }
}
