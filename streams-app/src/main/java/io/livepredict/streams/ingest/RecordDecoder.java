package io.livepredict.streams.ingest;

import io.livepredict.streams.mapping.EventMapping;
import io.livepredict.streams.mapping.RefusedRecordException;

/** Reads the values of one source topic. One thread's. */
interface RecordDecoder {
    /**
     * The event in these bytes, or that they are left out.
     *
     * @throws RefusedRecordException if they can't be read or hold no event
     * @throws io.livepredict.serde.RegistryUnavailableException if that can't be known now
     */
    EventMapping.Mapped decode(byte[] value) throws RefusedRecordException;
}
