package io.livepredict.streams.ingest;

import io.livepredict.streams.mapping.EventMapping;
import io.livepredict.streams.mapping.RefusedRecordException;

/** Reads the records of one source topic. One thread's. */
interface RecordDecoder {
    /**
     * The event in a record, or that it is left out.
     *
     * @throws RefusedRecordException if it can't be read or holds no event
     * @throws io.livepredict.serde.RegistryUnavailableException if that can't be known now
     */
    EventMapping.Mapped decode(SourceRecord record) throws RefusedRecordException;
}
