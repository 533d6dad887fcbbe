package io.livepredict.streams.ingest;

import io.livepredict.streams.step.KindSetup;
import io.livepredict.streams.step.NodeNames;
import io.livepredict.streams.step.Step;
import io.livepredict.streams.step.StepSupplier;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;

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
public final class IngestProcessor<K> implements Step<K, byte[]> {
    /** Which of the three. */
    public enum Form {
        DIRECT,
        REKEY,
        REKEYED
    }

    /**
     * What every task's processor of one source is made from. In form REKEY its children are {@link NodeNames#rekeyed} and
     * {@link NodeNames#rekeyDeadLetters}, otherwise {@link NodeNames#activity} and {@link NodeNames#deadLetters}.
     *
     * @param source what is read
     */
    public record Wiring(
            KindSetup setup, Source source, TimeBounds bounds, EventFormats formats, IngestCounters counters) {

        /** A supplier of processors of that form. */
        public <K> ProcessorSupplier<K, byte[], Object, Object> supplier(Form form) {
            return new StepSupplier<>(task -> new IngestProcessor<>(this, form, task));
        }
    }

    private final Wiring wiring;
    private final Form form;
    private final Ingest ingest;
    private final String nextNode;
    private final String deadLettersNode;
    private final ProcessorContext<Object, Object> task;

    private IngestProcessor(Wiring wiring, Form form, ProcessorContext<Object, Object> task) {
        this.wiring = wiring;
        this.form = form;
        this.task = task;
        ingest = wiring.source().ingest(wiring.setup().definition(), wiring.bounds(), wiring.formats());
        NodeNames names = wiring.setup().names();
        String topic = wiring.source().topic();
        nextNode = form == Form.REKEY ? names.rekeyed(topic) : names.activity();
        deadLettersNode = form == Form.REKEY ? names.rekeyDeadLetters(topic) : names.deadLetters();
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
            long now = wiring.setup().wallClockMillis().getAsLong();
            task.forward(DeadLetterRecords.of(source, refused.reason(), refused.words(), now), deadLettersNode);
        }
    }

    private void forward(IngestedEvent ingested, Record<K, byte[]> record) {
        String key = ingested.event().entityId();
        if (form == Form.REKEY) {
            task.forward(record.<Object>withKey(key).withHeaders(RekeyedHeaders.of(ingested.source())), nextNode);
        } else {
            task.forward(new Record<Object, Object>(key, ingested, record.timestamp()), nextNode);
        }
    }

    private SourceRecord source(Record<K, byte[]> record) {
        if (form == Form.REKEYED) {
            SourceRecord source = RekeyedHeaders.source(record.headers(), record.value());
            if (source != null) {
                return source;
            }
        }
        RecordMetadata metadata = task.recordMetadata().orElseThrow();
        return new SourceRecord(
                record.key() instanceof byte[] key ? key : null,
                record.value(),
                metadata.topic(),
                metadata.partition(),
                metadata.offset(),
                record.timestamp());
    }
}
