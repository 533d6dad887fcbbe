package io.livepredict.streams.ingest;

import io.livepredict.contract.DeadLetterReason;

/** What ingest reports of itself; counted by whoever runs it. Called on stream threads. */
public interface IngestCounters {
    /** A record became a valid event. */
    void valid();

    /** A record was left out. */
    void skipped(Skip why);

    /** A record went to the dead letters. */
    void deadLetter(DeadLetterReason reason);

    /** Counts nothing. */
    static IngestCounters none() {
        return new IngestCounters() {
            @Override
            public void valid() {}

            @Override
            public void skipped(Skip why) {}

            @Override
            public void deadLetter(DeadLetterReason reason) {}
        };
    }
}
