package io.livepredict.streams.activity;

import io.livepredict.contract.Kind;

/**
 * Tells a task whether it receives nothing because nothing happens, or because what happens does not reach it: to a task, a
 * backlog after an outage looks like a quiet platform. Called on stream threads; must not block.
 */
@FunctionalInterface
public interface InputProgress {
    /**
     * What is known of a task's input.
     *
     * @param readUntilMillis the latest moment of which it is known that everything which was in the input then had been
     *     processed; {@link Long#MIN_VALUE} for none
     * @param unknownMillis when the answer last could not be found out; {@link Long#MIN_VALUE} for never. Silence up to
     *     then proves nothing: writers may have been cut off just as we were
     */
    record Known(long readUntilMillis, long unknownMillis) {}

    /**
     * What is known now. Each question also makes sure that a newer answer is looked up for the next one; a task that
     * receives events need not ask.
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
