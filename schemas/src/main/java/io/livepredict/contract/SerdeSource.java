package io.livepredict.contract;

import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serde;

/** Makes value serdes for generated Avro classes in the Confluent wire format. */
public interface SerdeSource {
    /** A serde for values of that class; the subject is TOPIC-value. */
    <T extends SpecificRecord> Serde<T> value(Class<T> type);
}
