package io.livepredict.streams.step;

import org.apache.kafka.streams.processor.api.Record;

/**
 * One step of the flow at work for one task. A {@link StepSupplier} makes it when the task starts and closes it when the
 * task ends, so a step gets all that it needs of the task in its constructor. Used by the task's thread only.
 */
public interface Step<K, V> extends AutoCloseable {
    /** Takes in a record. */
    void process(Record<K, V> record);

    /** Frees what the step holds. Called after the task's last commit: what is forwarded here is lost. */
    @Override
    default void close() {}
}
