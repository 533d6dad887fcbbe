package io.livepredict.streams.ingest;

import io.livepredict.contract.Erasure;
import io.livepredict.streams.time.SourceAnnouncement;

/** What ingest sends on to activity. */
public sealed interface Ingested permits IngestedEvent, Ingested.Announced, Ingested.Erase {
    /** The owner of a source partition behind a re-keying says how far that partition has come. */
    record Announced(SourceAnnouncement announcement) implements Ingested {}

    /** Somebody is to be forgotten; every task hears of it, for the entity may be in any. */
    record Erase(Erasure erasure) implements Ingested {}
}
