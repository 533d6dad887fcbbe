package io.livepredict.streams.outcome;

import io.livepredict.contract.Target;
import io.livepredict.streams.output.OutputCounters;
import io.livepredict.streams.time.OutputGate;

/** What outcome reports of itself; counted by whoever runs it. Called on stream threads. */
public interface OutcomeCounters extends OutputCounters {
    /** A feature vector was logged, to be labelled later. */
    void snapshot();

    /** A snapshot was not taken because its entity has too many already. */
    void refused();

    /** A label was emitted. */
    void labelled(Target target, double label);

    /**
     * A label was dropped because its target is no longer configured, or was not all the time since the snapshot, or because
     * the entity got another pseudonym within the horizon.
     */
    void targetChanged();

    /** A request to forget an entity was carried out in a task, which had held something of it or nothing. */
    default void erased(boolean held) {}

    /** A stored value had another layout, or could not be read, and was dropped. */
    void unreadable();

    /** Counts nothing. */
    static OutcomeCounters none() {
        return new OutcomeCounters() {
            @Override
            public void predicted(Target target) {}

            @Override
            public void withheld(Target target, OutputGate.Withheld why) {}

            @Override
            public void snapshot() {}

            @Override
            public void refused() {}

            @Override
            public void labelled(Target target, double label) {}

            @Override
            public void targetChanged() {}

            @Override
            public void unreadable() {}
        };
    }
}
