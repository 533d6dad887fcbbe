package io.livepredict.streams.outlook;

import io.livepredict.streams.state.StateReader;
import io.livepredict.streams.state.StateWriter;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one context and bucket, or one task's part of it; parts add up in any order. Sums are whole millionths,
 * so that the order makes no difference.
 */
final class OutlookPart {
    private static final int LAYOUT = 1;
    private static final double MILLION = 1e6;

    /** Of one target. */
    static final class Sums {
        long snapshots;
        long scoreMillionths;
        long lowestVersion;
        long highestVersion;
        long labelled;
        long labelMillionths;

        double scores() {
            return scoreMillionths / MILLION;
        }

        double labels() {
            return labelMillionths / MILLION;
        }

        private void add(Sums other) {
            if (other.snapshots > 0) {
                lowestVersion = snapshots == 0 ? other.lowestVersion : Math.min(lowestVersion, other.lowestVersion);
                highestVersion = Math.max(highestVersion, other.highestVersion);
            }
            snapshots += other.snapshots;
            scoreMillionths += other.scoreMillionths;
            labelled += other.labelled;
            labelMillionths += other.labelMillionths;
        }
    }

    final long bucket;
    /** By how many entities more are present from this bucket on. */
    long presence;
    /** When this was sent on, how many were present; -1 while it was not. */
    long sentPresent = -1;
    /** By target reference. */
    final TreeMap<Integer, Sums> targets = new TreeMap<>();

    OutlookPart(long bucket) {
        this.bucket = bucket;
    }

    void scored(int target, float score, long version) {
        Sums sums = new Sums();
        sums.snapshots = 1;
        sums.scoreMillionths = Math.round(score * MILLION);
        sums.lowestVersion = version;
        sums.highestVersion = version;
        sums(target).add(sums);
    }

    void labelled(int target, double label) {
        Sums sums = sums(target);
        sums.labelled++;
        sums.labelMillionths += Math.round(label * MILLION);
    }

    private Sums sums(int target) {
        return targets.computeIfAbsent(target, absent -> new Sums());
    }

    void add(OutlookPart other) {
        presence += other.presence;
        other.targets.forEach((target, sums) -> sums(target).add(sums));
    }

    byte[] write() {
        StateWriter out = new StateWriter();
        out.writeByte(LAYOUT);
        out.writeSigned(bucket);
        out.writeSigned(presence);
        out.writeSigned(sentPresent);
        out.writeVarint(targets.size());
        targets.forEach((target, sums) -> {
            out.writeInt(target);
            out.writeVarint(sums.snapshots);
            out.writeSigned(sums.scoreMillionths);
            out.writeVarint(sums.lowestVersion);
            out.writeVarint(sums.highestVersion);
            out.writeVarint(sums.labelled);
            out.writeSigned(sums.labelMillionths);
        });
        return out.toBytes();
    }

    /** What was written; null if it has another layout or can't be read. */
    static @Nullable OutlookPart read(byte @Nullable [] value) {
        if (value == null) {
            return null;
        }
        StateReader in = new StateReader();
        in.reset(value);
        try {
            return in.readByte() == LAYOUT ? read(in) : null;
        } catch (IndexOutOfBoundsException e) {
            return null; // not what this class wrote
        }
    }

    private static OutlookPart read(StateReader in) {
        OutlookPart part = new OutlookPart(in.readSigned());
        part.presence = in.readSigned();
        part.sentPresent = in.readSigned();
        for (int i = in.readCount(); i > 0; i--) {
            Sums sums = part.sums(in.readInt());
            sums.snapshots = in.readVarint();
            sums.scoreMillionths = in.readSigned();
            sums.lowestVersion = in.readVarint();
            sums.highestVersion = in.readVarint();
            sums.labelled = in.readVarint();
            sums.labelMillionths = in.readSigned();
        }
        return part;
    }
}
