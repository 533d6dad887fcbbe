package io.livepredict.streams.outcome;

import io.livepredict.contract.FeatureVector;
import io.livepredict.streams.ingest.Event;
import io.livepredict.streams.score.ModelIdentity;
import io.livepredict.streams.state.StateReader;
import io.livepredict.streams.state.StateWriter;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A logged feature vector that waits for its horizon to pass, as stored. It carries its own schema's id and its own
 * targets, so that it can be completed after the configuration has changed.
 *
 * @param epoch of the task's targets when it was taken, see {@link TargetEpochs}
 * @param schema id of the feature schema of the vector
 * @param moment when it was taken
 * @param horizonMillis of its targets
 * @param served what was predicted then
 * @param vector what was scored, bit for bit
 */
record PendingSnapshot(
        int epoch, String schema, Moment moment, long horizonMillis, Served served, FeatureVector vector) {

    /**
     * When a snapshot was taken.
     *
     * @param contextId the room or match, empty for none
     * @param eventId the event at which it was taken
     * @param eventMillis that event's time
     * @param asOfMillis the later of the event's time and the entity's latest
     */
    record Moment(String contextId, String eventId, long eventMillis, long asOfMillis) {
        static Moment of(Event event, long asOfMillis) {
            return new Moment(event.contextId(), event.eventId(), event.timeMillis(), asOfMillis);
        }
    }

    /** What a model served for the targets of the snapshot's horizon. */
    record Served(ModelIdentity model, List<ServedTarget> targets) {}

    /**
     * A target and what was served for it.
     *
     * @param byPrior whether its prior was served although a model was active
     */
    record ServedTarget(String name, long definition, float score, boolean byPrior) {}

    private static final int LAYOUT = 1;
    /** The same, and whether each target was served by its prior. */
    private static final int LAYOUT_WITH_PRIORS = 2;

    void write(StateWriter out) {
        boolean priors = served.targets.stream().anyMatch(ServedTarget::byPrior);
        out.writeByte(priors ? LAYOUT_WITH_PRIORS : LAYOUT);
        out.writeVarint(epoch);
        out.writeLong(Long.parseUnsignedLong(schema, 16));
        out.writeString(moment.contextId);
        out.writeString(moment.eventId);
        out.writeSigned(moment.asOfMillis);
        out.writeSigned(moment.asOfMillis - moment.eventMillis);
        out.writeVarint(horizonMillis);
        out.writeString(served.model.name());
        out.writeVarint(served.model.version());
        byte[] sha = HexFormat.of().parseHex(served.model.sha256());
        out.writeByte(sha.length);
        out.writeBytes(sha, 0, sha.length);
        out.writeVarint(served.targets.size());
        for (ServedTarget target : served.targets) {
            out.writeString(target.name);
            out.writeLong(target.definition);
            out.writeFloat(target.score);
            if (priors) {
                out.writeByte(target.byPrior ? 1 : 0);
            }
        }
        write(out, vector);
    }

    /** Most dense features are zero, so one bit per feature says which are not. */
    private static void write(StateWriter out, FeatureVector vector) {
        out.writeVarint(vector.dense.length);
        for (int from = 0; from < vector.dense.length; from += 8) {
            int mask = 0;
            int to = Math.min(from + 8, vector.dense.length);
            for (int i = from; i < to; i++) {
                mask |= Float.floatToRawIntBits(vector.dense[i]) == 0 ? 0 : 1 << i - from;
            }
            out.writeByte(mask);
            for (int i = from; i < to; i++) {
                if ((mask & 1 << i - from) != 0) {
                    out.writeFloat(vector.dense[i]);
                }
            }
        }
        out.writeVarint(vector.sequenceTypes.length);
        for (int i = 0; i < vector.sequenceTypes.length; i++) {
            out.writeVarint(vector.sequenceTypes[i]);
            if (vector.sequenceTypes[i] != 0) {
                out.writeFloat(vector.sequenceGaps[i]);
            }
        }
        out.writeVarint(vector.ids.length);
        for (int id : vector.ids) {
            out.writeVarint(id);
        }
    }

    /** The stored snapshot, or null if the value has another layout or cannot be read. */
    static @Nullable PendingSnapshot read(byte[] value) {
        StateReader in = new StateReader();
        in.reset(value);
        try {
            int layout = in.readByte();
            return layout == LAYOUT || layout == LAYOUT_WITH_PRIORS ? read(in, layout == LAYOUT_WITH_PRIORS) : null;
        } catch (IndexOutOfBoundsException e) {
            return null; // not what this class wrote
        }
    }

    private static PendingSnapshot read(StateReader in, boolean priors) {
        int epoch = in.readCount();
        String schema = HexFormat.of().toHexDigits(in.readLong());
        String contextId = in.readString();
        String eventId = in.readString();
        long asOf = in.readSigned();
        long eventTime = asOf - in.readSigned();
        long horizon = in.readVarint();
        String modelName = in.readString();
        long modelVersion = in.readVarint();
        byte[] sha = new byte[in.readByte()];
        in.readBytes(sha, 0, sha.length);
        List<ServedTarget> targets = new ArrayList<>();
        for (int i = in.readCount(); i > 0; i--) {
            targets.add(new ServedTarget(in.readString(), in.readLong(), in.readFloat(), priors && in.readByte() != 0));
        }
        return new PendingSnapshot(
                epoch,
                schema,
                new Moment(contextId, eventId, eventTime, asOf),
                horizon,
                new Served(
                        new ModelIdentity(
                                modelName, modelVersion, HexFormat.of().formatHex(sha)),
                        targets),
                readVector(in));
    }

    private static FeatureVector readVector(StateReader in) {
        float[] dense = new float[bounded(in, 8L * in.remaining())];
        int mask = 0;
        for (int i = 0; i < dense.length; i++) {
            if (i % 8 == 0) {
                mask = in.readByte();
            }
            dense[i] = (mask & 1 << i % 8) != 0 ? in.readFloat() : 0;
        }
        int length = bounded(in, in.remaining());
        int[] types = new int[length];
        float[] gaps = new float[length];
        for (int i = 0; i < length; i++) {
            types[i] = in.readCount();
            gaps[i] = types[i] != 0 ? in.readFloat() : 0;
        }
        FeatureVector vector = new FeatureVector(dense.length, length, bounded(in, in.remaining()));
        System.arraycopy(dense, 0, vector.dense, 0, dense.length);
        System.arraycopy(types, 0, vector.sequenceTypes, 0, length);
        System.arraycopy(gaps, 0, vector.sequenceGaps, 0, length);
        for (int i = 0; i < vector.ids.length; i++) {
            vector.ids[i] = in.readCount();
        }
        return vector;
    }

    private static int bounded(StateReader in, long most) {
        int count = in.readCount();
        if (count > most) {
            throw new IndexOutOfBoundsException(count + " values");
        }
        return count;
    }
}
