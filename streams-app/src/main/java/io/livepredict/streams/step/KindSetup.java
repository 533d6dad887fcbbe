package io.livepredict.streams.step;

import io.livepredict.contract.DeadLetters.Payload;
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
 * @param payload what dead letters keep of a source record
 */
public record KindSetup(KindDefinition definition, StateStores stores, LongSupplier wallClockMillis, Payload payload) {
    /** As shipped: dead letters keep what could not be used. */
    public KindSetup(KindDefinition definition, StateStores stores, LongSupplier wallClockMillis) {
        this(definition, stores, wallClockMillis, Payload.KEEP);
    }

    /** Which kind. */
    public Kind kind() {
        return definition.kind();
    }

    /** Names of the kind's nodes and stores. */
    public NodeNames names() {
        return new NodeNames(kind());
    }
}
