package io.livepredict.streams.step;

import io.livepredict.contract.Kind;
import io.livepredict.contract.KindDefinition;
import java.util.function.LongSupplier;

/**
 * What all steps of one kind's flow have in common.
 *
 * @param definition what the kind's events are
 * @param stores where state is kept
 * @param wallClockMillis stamps what is written, and tells how long a task has been silent; injected, so that the same input
 *     gives the same output
 */
public record KindSetup(KindDefinition definition, StateStores stores, LongSupplier wallClockMillis) {
    /** Which kind. */
    public Kind kind() {
        return definition.kind();
    }

    /** Names of the kind's nodes and stores. */
    public NodeNames names() {
        return new NodeNames(kind());
    }
}
