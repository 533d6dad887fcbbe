package io.livepredict.contract;

import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serde;

/** Makes value serdes in the Confluent wire format; the subject of each is TOPIC-value. */
public interface SerdeSource {
    /** A serde for values of that generated Avro class. */
    <T extends SpecificRecord> Serde<T> value(Class<T> type);

    /** A serde for values of that schema, which no generated class has. */
    Serde<GenericRecord> value(Schema schema);

    /** A serde for canonical events of that kind; an event without an id can't be written. */
    Serde<CanonicalEvent> events(Kind kind);
}
