package io.livepredict.streams.topology;

import io.livepredict.contract.Topics;
import io.livepredict.streams.ingest.EventFormats;
import io.livepredict.streams.step.StateStores;
import io.livepredict.streams.time.InputProgress;
import java.util.function.LongSupplier;

/**
 * What the flow touches outside itself.
 *
 * @param topics where results go
 * @param formats how events are read
 * @param stores where state is kept
 * @param wallClockMillis injected, so that the same input gives the same output
 * @param progress whether a silent task has read all there is
 */
public record FlowSurroundings(
        Topics topics, EventFormats formats, StateStores stores, LongSupplier wallClockMillis, InputProgress progress) {

    /** For a flow that is driven record by record, so that nothing ever waits to be read. */
    public static FlowSurroundings driven(
            Topics topics, EventFormats formats, StateStores stores, LongSupplier wallClockMillis) {
        return new FlowSurroundings(
                topics, formats, stores, wallClockMillis, InputProgress.synchronous(wallClockMillis));
    }
}
