package io.livepredict.streams.activity;

import io.livepredict.contract.Kind;

/**
 * Whether nothing comes because nothing happens, or because what happens does not get here: a backlog after an outage and a
 * quiet platform look the same to a task. Called on stream threads; must not block.
 */
@FunctionalInterface
public interface InputProgress {
    /**
     * What is known of a task's input.
     *
     * @param readUntilMillis the latest moment of which it is known that everything which was in the input then had been
     *     processed; {@link Long#MIN_VALUE} for none
     * @param unknownMillis when it last could not be told; {@link Long#MIN_VALUE} for never. Silence up to then proves
     *     nothing: writers may have been cut off just as we were
     */
    record Known(long readUntilMillis, long unknownMillis) {}

    /**
     * What is known now. Asking also says that the answer matters, so that it is found out anew for the next time; a task
     * into which events flow need not ask.
     *
     * @param kind whose events
     * @param partition the task's
     */
    Known known(Kind kind, int partition);

    /** For a flow that is driven record by record: nothing ever waits. */
    static InputProgress synchronous(java.util.function.LongSupplier wallClockMillis) {
        return (kind, partition) -> new Known(wallClockMillis.getAsLong(), Long.MIN_VALUE);
    }
}
