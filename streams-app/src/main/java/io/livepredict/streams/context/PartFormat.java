package io.livepredict.streams.context;

import io.livepredict.contract.KindDefinition;
import io.livepredict.streams.state.StateReader;
import io.livepredict.streams.state.StateWriter;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * How one task's part of a bucket is written: on its way to where it is merged, and while it is open. Lives for seconds, so
 * that a part in the layout of other event types is not converted but dropped. Not safe for use from several threads.
 */
final class PartFormat {
    private static final int LAYOUT = 2;

    /** A part that was read. */
    record Part(long index, ContextBucket bucket) {}

    private final int types;
    private final int typesHash;
    private final int[] places;
    private final StateReader in = new StateReader();
    private final StateWriter out = new StateWriter();

    PartFormat(KindDefinition definition) {
        types = definition.eventTypes().size();
        typesHash = definition.eventTypes().hashCode();
        places = IntStream.range(0, types).toArray();
    }

    ContextBucket newBucket() {
        return new ContextBucket(types);
    }

    byte[] write(long index, ContextBucket bucket) {
        out.reset();
        out.writeByte(LAYOUT);
        out.writeInt(typesHash);
        out.writeSigned(index);
        bucket.write(out, true);
        return out.toBytes();
    }

    /** The part that was written; null if it has another layout or cannot be read. */
    @Nullable
    Part read(byte[] value) {
        in.reset(value);
        try {
            if (in.readByte() == LAYOUT && in.readInt() == typesHash) {
                Part part = new Part(in.readSigned(), newBucket());
                part.bucket.read(in, places);
                return part;
            }
        } catch (IndexOutOfBoundsException e) {
            // not what this class wrote: as good as no value
        }
        return null;
    }
}
