package io.livepredict.streams.ingest;

import io.livepredict.contract.SerdeSource;
import io.livepredict.serde.AvroDecoder;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * How event bytes are read.
 *
 * @param canonical serdes for canonical events
 * @param avro makes a decoder for Avro of the users' own schemas, one per task
 * @param pseudonyms what stands in the place of entity ids; null for the ids themselves
 */
public record EventFormats(
        SerdeSource canonical,
        Supplier<AvroDecoder> avro,
        @Nullable Pseudonyms pseudonyms) {
    /** With the ids themselves. */
    public EventFormats(SerdeSource canonical, Supplier<AvroDecoder> avro) {
        this(canonical, avro, null);
    }
}
