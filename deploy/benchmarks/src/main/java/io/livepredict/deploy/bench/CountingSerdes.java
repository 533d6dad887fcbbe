package io.livepredict.deploy.bench;

import io.livepredict.avro.LabelledExample;
import io.livepredict.avro.Prediction;
import io.livepredict.contract.CanonicalEvent;
import io.livepredict.contract.Kind;
import io.livepredict.contract.SerdeSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;

/** The usual serdes, counting what is written of predictions and examples: records and bytes. */
final class CountingSerdes implements SerdeSource {
    private final SerdeSource usual;
    private final Map<Class<?>, Written> written = new ConcurrentHashMap<>();

    private static final class Written {
        private final LongAdder records = new LongAdder();
        private final LongAdder bytes = new LongAdder();
    }

    CountingSerdes(SerdeSource usual) {
        this.usual = usual;
    }

    @Override
    public <T extends SpecificRecord> Serde<T> value(Class<T> type) {
        return counting(usual.value(type), type);
    }

    /** All of them are rows. */
    @Override
    public Serde<GenericRecord> value(Schema schema) {
        return counting(usual.value(schema), GenericRecord.class);
    }

    private <T> Serde<T> counting(Serde<T> serde, Class<?> type) {
        Written count = written.computeIfAbsent(type, absent -> new Written());
        return Serdes.serdeFrom(
                (topic, value) -> {
                    byte[] bytes = serde.serializer().serialize(topic, value);
                    count.records.increment();
                    count.bytes.add(bytes == null ? 0 : bytes.length);
                    return bytes;
                },
                serde.deserializer());
    }

    /** Not counted: flows that are compared only read these. */
    @Override
    public Serde<CanonicalEvent> events(Kind kind) {
        return usual.events(kind);
    }

    /** Records of predictions: one a target, or one an event in rows. */
    long predictions() {
        return count(Prediction.class).records.sum()
                + count(GenericRecord.class).records.sum();
    }

    long examples() {
        return count(LabelledExample.class).records.sum();
    }

    /** Bytes of both together. */
    long bytes() {
        return count(Prediction.class).bytes.sum()
                + count(GenericRecord.class).bytes.sum()
                + count(LabelledExample.class).bytes.sum();
    }

    private Written count(Class<?> type) {
        return written.computeIfAbsent(type, absent -> new Written());
    }
}
