package io.livepredict.streams.ingest;

import io.livepredict.contract.SerdeSource;
import io.livepredict.serde.AvroDecoder;
import java.util.function.Supplier;

/**
 * How event bytes are read.
 *
 * @param canonical serdes for canonical events
 * @param avro makes a decoder for Avro of the users' own schemas, one per task
 */
public record EventFormats(SerdeSource canonical, Supplier<AvroDecoder> avro) {}
