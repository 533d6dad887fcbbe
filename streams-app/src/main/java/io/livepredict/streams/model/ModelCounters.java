package io.livepredict.streams.model;

import io.livepredict.model.Refusal;

/** What receiving models reports of itself; counted by whoever runs it. */
public interface ModelCounters {
    /** A version became the active one. */
    void activated(String name, long version);

    /** A version or pointer was refused. */
    void refused(String name, Refusal reason);

    /** Counts nothing. */
    static ModelCounters none() {
        return new ModelCounters() {
            @Override
            public void activated(String name, long version) {}

            @Override
            public void refused(String name, Refusal reason) {}
        };
    }
}
