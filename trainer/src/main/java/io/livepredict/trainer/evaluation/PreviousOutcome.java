package io.livepredict.trainer.evaluation;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;

/**
 * The reference that is hardest to beat with little effort: what the same entity did last time. It says the fading mean
 * label among the examples whose entity's previous label was the same (none, 0, 1). The previous label is one that was known
 * at the snapshot, its own horizon being over by then: where snapshots are closer together than a horizon, the last label
 * to arrive would tell what the score had to foresee. Bounded: a table with one slot per hash, in which a new entity
 * replaces the old one. For a sum-of target it says the previous value itself. Not safe for use from several threads.
 */
final class PreviousOutcome {
    private final boolean binary;
    private final int[] tags;
    /** The last label that was known at the entity's last snapshot; NaN for none. */
    private final float[] previous;
    /** A later label, and when it is known. */
    private final float[] next;

    private final long[] nextKnownAt;
    private final long horizonMillis;
    private final BaseRate unknown;
    private final BaseRate afterNegative;
    private final BaseRate afterPositive;

    PreviousOutcome(boolean binary, double prior, long horizonMillis, EvaluationSettings settings) {
        this.binary = binary;
        this.horizonMillis = horizonMillis;
        tags = new int[settings.entities()];
        previous = new float[settings.entities()];
        next = new float[settings.entities()];
        nextKnownAt = new long[settings.entities()];
        unknown = new BaseRate(prior, settings.decay());
        afterNegative = new BaseRate(prior, settings.decay());
        afterPositive = new BaseRate(prior, settings.decay());
    }

    /** The prediction at a snapshot of that time; to be followed by {@link #learn} of the same snapshot. */
    double predict(long entityHash, long asOfMillis) {
        int slot = slot(entityHash);
        if (tags[slot] != tag(entityHash)) {
            return unknown.predict();
        }
        if (nextKnownAt[slot] <= asOfMillis) {
            previous[slot] = next[slot];
        }
        if (Float.isNaN(previous[slot])) {
            return unknown.predict();
        }
        return binary ? rate(previous[slot]).predict() : previous[slot];
    }

    void learn(long entityHash, long asOfMillis, double label) {
        int slot = slot(entityHash);
        int tag = tag(entityHash);
        boolean known = tags[slot] == tag && !Float.isNaN(previous[slot]);
        if (!known) {
            unknown.learn(label);
        } else if (binary) {
            rate(previous[slot]).learn(label);
        }
        if (tags[slot] != tag) {
            tags[slot] = tag;
            previous[slot] = Float.NaN;
        } else if (nextKnownAt[slot] > asOfMillis) {
            return; // the one that waits is known earlier
        }
        next[slot] = (float) label;
        nextKnownAt[slot] = asOfMillis + horizonMillis;
    }

    private BaseRate rate(float label) {
        return label > 0.5f ? afterPositive : afterNegative;
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
                out.writeFloat(next[i]);
                out.writeLong(nextKnownAt[i]);
            }
        }
    }

    void read(DataInput in) throws IOException {
        unknown.read(in);
        afterNegative.read(in);
        afterPositive.read(in);
        Arrays.fill(tags, 0);
        Arrays.fill(previous, 0);
        Arrays.fill(next, 0);
        Arrays.fill(nextKnownAt, 0);
        int filled = in.readInt();
        for (int i = 0; i < filled; i++) {
            int at = in.readInt();
            if (at < 0 || at >= tags.length) {
                throw new IOException("wanted a slot below " + tags.length + ", got " + at);
            }
            tags[at] = in.readInt();
            previous[at] = in.readFloat();
            next[at] = in.readFloat();
            nextKnownAt[at] = in.readLong();
        }
    }
}
