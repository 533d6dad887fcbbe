package io.livepredict.streams.ingest;

import io.livepredict.contract.DeadLetters;
import io.livepredict.contract.KindDefinition;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/**
 * A record as it lies in the source topic. Immutable by convention; the arrays are not copied.
 *
 * @param key raw key
 * @param value raw value
 * @param topic where it lies; through a re-keying this stays the user's topic
 * @param partition where it lies
 * @param offset where it lies
 * @param timestampMillis transport time: the record's timestamp as the broker has it, which may be ahead of the clock here
 * @param isWithheld whether key and value are not here, though the record has them
 * @param replayed the dead letter that this is a replay of, see {@link DeadLetters#REPLAYED}; null if it is none
 */
@SuppressWarnings("ArrayRecordComponent") // passed along one call chain, never compared
public record SourceRecord(
        byte @Nullable [] key,
        byte @Nullable [] value,
        String topic,
        int partition,
        long offset,
        long timestampMillis,
        boolean isWithheld,
        @Nullable String replayed) {

    /** A record that is no replay. */
    public SourceRecord(
            byte @Nullable [] key,
            byte @Nullable [] value,
            String topic,
            int partition,
            long offset,
            long timestampMillis) {
        this(key, value, topic, partition, offset, timestampMillis, false, null);
    }

    /** The same without its key and value. */
    SourceRecord withheld() {
        return new SourceRecord(null, null, topic, partition, offset, timestampMillis, true, replayed);
    }

    /** What stands for the record of a look, which has none: the entity as key, and the name of looks as topic. */
    public static SourceRecord ofLook(Event look, int partition) {
        return new SourceRecord(
                look.entityId().getBytes(StandardCharsets.UTF_8),
                null,
                KindDefinition.LOOK,
                partition,
                -1,
                look.timeMillis());
    }

    /** What headers say of a replay. */
    static @Nullable String replayed(Headers headers) {
        Header replayed = headers.lastHeader(DeadLetters.REPLAYED);
        return replayed == null || replayed.value() == null
                ? null
                : new String(replayed.value(), StandardCharsets.UTF_8);
    }
}
