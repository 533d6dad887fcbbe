package io.livepredict.streams.ingest;

import io.livepredict.streams.time.SourceAnnouncement;

/** What ingest sends on to activity. */
public sealed interface Ingested permits IngestedEvent, Ingested.Announced {
    /** The owner of a source partition behind a re-keying says how far that partition has come. */
    record Announced(SourceAnnouncement announcement) implements Ingested {}
}
