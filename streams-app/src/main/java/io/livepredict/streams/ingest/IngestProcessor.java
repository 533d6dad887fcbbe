package io.livepredict.streams.ingest;

import io.livepredict.streams.commit.PreCommitStore;
import io.livepredict.streams.mapping.FieldFaults;
import io.livepredict.streams.mapping.RefusedRecordException;
import io.livepredict.streams.mapping.Skip;
import io.livepredict.streams.step.KindSetup;
import io.livepredict.streams.step.LoggedStore;
import io.livepredict.streams.step.NodeNames;
import io.livepredict.streams.step.Step;
import io.livepredict.streams.step.StepSupplier;
import io.livepredict.streams.time.InputProgress;
import io.livepredict.streams.time.SourceAnnouncement;
import io.livepredict.streams.time.TimeSettings;
import java.util.OptionalLong;
import org.apache.kafka.common.utils.Bytes;
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
 *   <li>{@code REKEY}: it is not; a valid record goes on, as raw as it came, to the repartition topic, keyed by the id, and
 *       carries the watermark of its partition ({@link RekeyedTime}); where ids are pseudonyms, only {@link EventBytes} go on;
 *   <li>{@code REKEYED}: the other side of that topic; dead letters still name the user's record.
 * </ul>
 */
public final class IngestProcessor<K> implements Step<K, byte[]> {
    /** Which of the three forms this processor has. */
    private enum Form {
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

        /** A supplier of processors for a topic that is keyed by the entity id. */
        public ProcessorSupplier<byte[], byte[], Object, Object> direct() {
            return new StepSupplier<>(task -> new IngestProcessor<>(this, Form.DIRECT, task, null));
        }

        /**
         * A supplier of processors that key records by the entity id; it brings the store of each source partition's time.
         *
         * @param progress whether a silent source partition is read to its end
         * @param partitions how many partitions the source topic has
         * @param targets how many partitions re-keyed records go to
         */
        public ProcessorSupplier<byte[], byte[], Object, Object> rekey(
                TimeSettings time, InputProgress progress, int partitions, int targets) {
            RekeyedTime.Settings settings = new RekeyedTime.Settings(time, progress, partitions, targets);
            NodeNames names = setup.names();
            String topic = source.topic();
            LoggedStore<Bytes> times = setup.stores().ofOneValue(names.rekeyTime(topic));
            return new StepSupplier<>(
                    task -> new IngestProcessor<>(
                            this,
                            Form.REKEY,
                            task,
                            new RekeyedTime(
                                    settings,
                                    topic,
                                    times.of(task),
                                    task.getStateStore(names.rekeyCommit(topic)),
                                    task,
                                    names.rekeyed(topic),
                                    setup.wallClockMillis())),
                    times.builder(),
                    PreCommitStore.builder(names.rekeyCommit(topic)));
        }

        /** A supplier of processors for re-keyed records. */
        public ProcessorSupplier<String, byte[], Object, Object> rekeyed() {
            return new StepSupplier<>(task -> new IngestProcessor<>(this, Form.REKEYED, task, null));
        }
    }

    private final Wiring wiring;
    private final Form form;
    private final Ingest ingest;
    private final EventBytes eventBytes;
    private final String nextNode;
    private final String deadLettersNode;
    private final ProcessorContext<Object, Object> task;
    /** In form REKEY. */
    private final @Nullable RekeyedTime time;

    private IngestProcessor(
            Wiring wiring, Form form, ProcessorContext<Object, Object> task, @Nullable RekeyedTime time) {
        this.wiring = wiring;
        this.form = form;
        this.task = task;
        this.time = time;
        // Each value that is left out is counted once: of a re-keyed record when it is taken for good.
        FieldFaults faults = form == Form.REKEY
                ? (column, why) -> {}
                : (column, why) -> wiring.counters().fieldLeftOut(column);
        ingest = wiring.source().ingest(wiring.setup().definition(), wiring.bounds(), wiring.formats(), faults);
        eventBytes = new EventBytes(wiring.setup().definition());
        NodeNames names = wiring.setup().names();
        String topic = wiring.source().topic();
        nextNode = form == Form.REKEY ? names.rekeyed(topic) : names.activity();
        deadLettersNode = form == Form.REKEY ? names.rekeyDeadLetters(topic) : names.deadLetters();
    }

    @Override
    public void process(Record<K, byte[]> record) {
        if (form == Form.REKEYED && SourceAnnouncement.KEY.equals(record.key())) {
            pass(record);
            return;
        }
        SourceRecord source = source(record);
        if (form == Form.REKEYED && source.isWithheld()) {
            Event event = eventBytes.read(record.value());
            if (event == null) {
                wiring.counters().skipped(Skip.UNDECLARED_TYPE);
            } else {
                forward(new IngestedEvent(event, source), record);
            }
            return;
        }
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
            String remedy = SchemaHeaders.explain(refused.reason(), record.headers());
            task.forward(DeadLetterRecords.of(source, wiring.setup().payload(), refused, remedy, now), deadLettersNode);
        }
    }

    private void forward(IngestedEvent ingested, Record<K, byte[]> record) {
        String key = ingested.event().entityId();
        if (time != null) {
            boolean withheld = wiring.formats().pseudonyms() != null;
            SourceRecord source = withheld ? ingested.source().withheld() : ingested.source();
            byte[] value = withheld ? eventBytes.write(ingested.event()) : record.value();
            task.forward(
                    new Record<Object, Object>(
                            key, value, record.timestamp(), RekeyedHeaders.of(source, time.take(ingested))),
                    nextNode);
            return;
        }
        IngestedEvent taken = form == Form.DIRECT
                ? ingested
                : new IngestedEvent(
                        ingested.event(),
                        ingested.source(),
                        OptionalLong.of(RekeyedHeaders.watermark(record.headers())));
        task.forward(new Record<Object, Object>(key, taken, record.timestamp()), nextNode);
    }

    private void pass(Record<K, byte[]> record) {
        SourceAnnouncement announcement = SourceAnnouncement.read(record.value());
        if (announcement != null) { // else of another build; its owner's next one will be of this
            task.forward(
                    new Record<Object, Object>(
                            SourceAnnouncement.KEY, new Ingested.Announced(announcement), record.timestamp()),
                    nextNode);
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
                TransportTime.stamp(record.headers(), record.timestamp()),
                false,
                SourceRecord.replayed(record.headers()));
    }
}
