package io.livepredict.trainer.evaluation;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;

/**
 * The reference that is hardest to beat with little effort: what the same entity did last time. It says the fading mean
 * label among the examples whose entity's previous label was the same (none, 0, 1). Bounded: a table of one slot a hash,
 * in which a newcomer takes the older one's place. For a sum-of target it says the previous value itself. Not safe for use
 * from several threads.
 */
final class PreviousOutcome {
    private final boolean binary;
    private final int[] tags;
    private final float[] previous;
    private final BaseRate unknown;
    private final BaseRate afterNegative;
    private final BaseRate afterPositive;

    PreviousOutcome(boolean binary, double prior, EvaluationSettings settings) {
        this.binary = binary;
        tags = new int[settings.entities()];
        previous = new float[settings.entities()];
        unknown = new BaseRate(prior, settings.decay());
        afterNegative = new BaseRate(prior, settings.decay());
        afterPositive = new BaseRate(prior, settings.decay());
    }

    double predict(long entityHash) {
        int slot = slot(entityHash);
        if (tags[slot] != tag(entityHash)) {
            return unknown.predict();
        }
        if (!binary) {
            return previous[slot];
        }
        return (previous[slot] > 0.5f ? afterPositive : afterNegative).predict();
    }

    void learn(long entityHash, double label) {
        int slot = slot(entityHash);
        int tag = tag(entityHash);
        if (tags[slot] != tag) {
            unknown.learn(label);
            tags[slot] = tag;
        } else if (binary) {
            (previous[slot] > 0.5f ? afterPositive : afterNegative).learn(label);
        }
        previous[slot] = (float) label;
    }

    private int slot(long hash) {
        return (int) hash & (tags.length - 1);
    }

    /** Never 0: that is an empty slot. */
    private static int tag(long hash) {
        return (int) (hash >>> 32) | 1;
    }

    void write(DataOutput out) throws IOException {
        unknown.write(out);
        afterNegative.write(out);
        afterPositive.write(out);
        int filled = 0;
        for (int tag : tags) {
            if (tag != 0) {
                filled++;
            }
        }
        out.writeInt(filled);
        for (int i = 0; i < tags.length; i++) {
            if (tags[i] != 0) {
                out.writeInt(i);
                out.writeInt(tags[i]);
                out.writeFloat(previous[i]);
            }
        }
    }

    void read(DataInput in) throws IOException {
        unknown.read(in);
        afterNegative.read(in);
        afterPositive.read(in);
        Arrays.fill(tags, 0);
        Arrays.fill(previous, 0);
        int filled = in.readInt();
        for (int i = 0; i < filled; i++) {
            int at = in.readInt();
            if (at < 0 || at >= tags.length) {
                throw new IOException("wanted a slot below " + tags.length + ", got " + at);
            }
            tags[at] = in.readInt();
            previous[at] = in.readFloat();
        }
    }
}
