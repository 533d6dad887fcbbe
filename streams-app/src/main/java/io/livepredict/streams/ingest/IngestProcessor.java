package io.livepredict.streams.ingest;

import io.livepredict.contract.KindDefinition;
import io.livepredict.contract.SerdeSource;
import io.livepredict.serde.AvroDecoder;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.jspecify.annotations.Nullable;

/**
 * The first step of the flow: raw bytes in, valid events or dead letters out. Keys and values arrive undecoded, so that
 * nothing in a record can kill the thread before this class has had a look at it. Three forms:
 *
 * <ul>
 *   <li>{@code DIRECT}: the topic is keyed by the entity id;
 *   <li>{@code REKEY}: it is not; a valid record goes on, as raw as it came, to the repartition topic, keyed by the id;
 *   <li>{@code REKEYED}: the other side of that topic; dead letters still name the user's record.
 * </ul>
 */
public final class IngestProcessor<K> implements Processor<K, byte[], Object, Object> {
    /** Which of the three. */
    public enum Form {
        DIRECT,
        REKEY,
        REKEYED
    }

    /**
     * What every task's processor of one source is made from.
     *
     * @param source what is read
     * @param nextNode child that gets the events, or in form REKEY the raw records under their new key
     * @param deadLettersNode child that gets the dead letters
     */
    public record Wiring(
            Source source,
            KindDefinition definition,
            TimeBounds bounds,
            SerdeSource serdes,
            Supplier<AvroDecoder> avro,
            IngestCounters counters,
            LongSupplier wallClockMillis,
            String nextNode,
            String deadLettersNode) {

        /** A supplier of processors of that form. */
        public <K> ProcessorSupplier<K, byte[], Object, Object> supplier(Form form) {
            return () -> new IngestProcessor<>(this, form);
        }
    }

    private final Wiring wiring;
    private final Form form;
    private final Ingest ingest;
    private @Nullable ProcessorContext<Object, Object> context;

    private IngestProcessor(Wiring wiring, Form form) {
        this.wiring = wiring;
        this.form = form;
        this.ingest = wiring.source().ingest(wiring.definition(), wiring.bounds(), wiring.serdes(), wiring.avro());
    }

    @Override
    public void init(ProcessorContext<Object, Object> context) {
        this.context = context;
    }

    @Override
    public void process(Record<K, byte[]> record) {
        SourceRecord source = source(record);
        try {
            switch (ingest.take(source)) {
                case Ingest.Valid valid -> forward(valid.ingested(), record);
                case Ingest.Skipped skipped -> {
                    // Each record is counted once: a re-keyed one when it is taken for good.
                    wiring.counters().skipped(skipped.why());
                }
            }
        } catch (RefusedRecordException refused) {
            wiring.counters().deadLetter(refused.reason());
            context()
                    .forward(
                            DeadLetterRecords.of(
                                    source,
                                    refused.reason(),
                                    refused.words(),
                                    wiring.wallClockMillis().getAsLong()),
                            wiring.deadLettersNode());
        }
    }

    private void forward(IngestedEvent ingested, Record<K, byte[]> record) {
        String key = ingested.event().entityId();
        if (form == Form.REKEY) {
            context()
                    .forward(
                            record.<Object>withKey(key).withHeaders(RekeyedHeaders.of(ingested.source())),
                            wiring.nextNode());
        } else {
            context().forward(new Record<Object, Object>(key, ingested, record.timestamp()), wiring.nextNode());
        }
    }

    private SourceRecord source(Record<K, byte[]> record) {
        if (form == Form.REKEYED) {
            SourceRecord source = RekeyedHeaders.source(record.headers(), record.value());
            if (source != null) {
                return source;
            }
        }
        RecordMetadata metadata = context().recordMetadata().orElseThrow();
        return new SourceRecord(
                record.key() instanceof byte[] key ? key : null,
                record.value(),
                metadata.topic(),
                metadata.partition(),
                metadata.offset(),
                record.timestamp());
    }

    private ProcessorContext<Object, Object> context() {
        if (context == null) {
            throw new IllegalStateException("used before init");
        }
        return context;
    }
}
