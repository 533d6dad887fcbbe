package io.livepredict.streams.ingest;

import io.livepredict.contract.DeadLetterReason;
import io.livepredict.streams.mapping.Skip;

/** What ingest reports of itself; counted by whoever runs it. Valid events are not: activity
 * counts them, once it knows that they are neither late nor repeats. Called on stream threads. */
public interface IngestCounters {
    /** A record was left out. */
    void skipped(Skip why);

    /** A record went to the dead letters. */
    void deadLetter(DeadLetterReason reason);

    /** An optional value of a column was left out of an event because it can't be used. */
    void fieldLeftOut(String column);

    /** Counts nothing. */
    static IngestCounters none() {
        return new IngestCounters() {
            @Override
            public void skipped(Skip why) {}

            @Override
            public void deadLetter(DeadLetterReason reason) {}

            @Override
            public void fieldLeftOut(String column) {}
        };
    }
}
