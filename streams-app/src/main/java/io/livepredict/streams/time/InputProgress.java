package io.livepredict.streams.time;

import java.util.function.LongSupplier;
import org.apache.kafka.common.TopicPartition;

/**
 * Tells a task whether it receives nothing because nothing happens, or because what happens does not reach it: to a task, a
 * backlog after an outage looks like a quiet platform. Called on stream threads; must not block.
 */
@FunctionalInterface
public interface InputProgress {
    /**
     * What is known of a source partition.
     *
     * @param readUntilMillis the latest moment of which it is known that everything which was in the partition then had been
     *     processed; {@link Long#MIN_VALUE} for none
     * @param unknownMillis when the answer last could not be found out; {@link Long#MIN_VALUE} for never. Silence up to
     *     then proves nothing: writers may have been cut off just as we were
     */
    record Known(long readUntilMillis, long unknownMillis) {}

    /**
     * What is known now. Each call also asks for a newer answer, which a later call returns; a task that
     * receives events need not ask.
     *
     * @param source a partition of a topic that events are read from
     */
    Known known(TopicPartition source);

    /**
     * Whether all history of that topic is in it: only then may a partition that has not come to {@code live-from} follow
     * the clock. Without history nobody asks.
     */
    default boolean isLoaded(String topic) {
        return false;
    }

    /** For a flow that is driven record by record: nothing ever waits. */
    static InputProgress synchronous(LongSupplier wallClockMillis) {
        return source -> new Known(wallClockMillis.getAsLong(), Long.MIN_VALUE);
    }
}
