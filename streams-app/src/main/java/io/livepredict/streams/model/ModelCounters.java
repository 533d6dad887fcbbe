package io.livepredict.streams.model;

import io.livepredict.model.Refusal;

/** What receiving models reports of itself; counted by whoever runs it. */
public interface ModelCounters {
    /** A version became the active one. */
    void activated(String name, long version);

    /** A version that was to be served was refused. The name is that of a model that is scored with. */
    void refused(String name, Refusal reason);

    /** Records of the models topic counted for nothing: no trusted key vouches for them. */
    void ignored(Refusal reason, long records);

    /** Counts nothing. */
    static ModelCounters none() {
        return new ModelCounters() {
            @Override
            public void activated(String name, long version) {}

            @Override
            public void refused(String name, Refusal reason) {}

            @Override
            public void ignored(Refusal reason, long records) {}
        };
    }
}
