package io.livepredict.streams.time;

import io.livepredict.streams.state.StateReader;
import io.livepredict.streams.state.StateWriter;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * What the owner of a source partition tells all tasks behind a re-keying of that partition's time. It travels in the same
 * topic as the records, after all of the partition's records that it speaks of.
 *
 * @param source the partition
 * @param watermarkMillis no event that follows and is before this will be taken; {@link PartitionTime#NONE} for none yet
 * @param quietUntilMillis up to then the clock says that nothing happened; {@link PartitionTime#NONE} while it is not quiet
 * @param partitions how many partitions the source topic has
 */
public record SourceAnnouncement(TopicPartition source, long watermarkMillis, long quietUntilMillis, int partitions) {
    /**
     * The key of an announcement. No entity has it: an event without an entity id is refused.
     */
    public static final String KEY = "";

    private static final int LAYOUT = 1;

    /** Its bytes. */
    public byte[] write() {
        StateWriter out = new StateWriter();
        out.writeByte(LAYOUT);
        out.writeString(source.topic());
        out.writeVarint(source.partition());
        out.writeLong(watermarkMillis);
        out.writeLong(quietUntilMillis);
        out.writeVarint(partitions);
        return out.toBytes();
    }

    /** The announcement in these bytes; null if another build wrote it or they are none. */
    public static @Nullable SourceAnnouncement read(byte @Nullable [] value) {
        if (value == null) {
            return null;
        }
        StateReader in = new StateReader();
        in.reset(value);
        try {
            if (in.readByte() != LAYOUT) {
                return null;
            }
            TopicPartition source = new TopicPartition(in.readString(), in.readCount());
            SourceAnnouncement read = new SourceAnnouncement(source, in.readLong(), in.readLong(), in.readCount());
            return source.partition() < read.partitions ? read : null;
        } catch (IndexOutOfBoundsException e) {
            return null; // not what this class wrote
        }
    }
}
