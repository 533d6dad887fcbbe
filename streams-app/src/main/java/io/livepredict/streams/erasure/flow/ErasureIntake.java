package io.livepredict.streams.erasure.flow;

import io.livepredict.contract.DeadLetterReason;
import io.livepredict.contract.DeadLetters.Payload;
import io.livepredict.contract.Erasure;
import io.livepredict.contract.Kind;
import io.livepredict.streams.ingest.DeadLetterRecords;
import io.livepredict.streams.ingest.SourceRecord;
import io.livepredict.streams.step.Step;
import io.livepredict.streams.step.StepSupplier;
import java.util.Set;
import java.util.function.LongSupplier;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.jspecify.annotations.Nullable;

/**
 * Reads the requests of the topic {@code erasures}. A request is sent on keyed by its kind, and goes from there to every task of
 * that kind: whoever writes events may partition them by another hash than ours, so an entity can be in any task. What is no
 * request goes to the dead letters.
 */
final class ErasureIntake implements Step<byte[], byte[]> {
    /** Reads the topic of requests. Last in the alphabet: Kafka Streams numbers sub-topologies in that order, so no other moves. */
    static final String SOURCE = "z-erasures-source";

    /** The step. */
    static final String NODE = "z-erasures-intake";

    /** Gives what is sent on its types back. */
    static final String REQUESTS = "z-erasures-requests";

    /** Writes what is no request to the dead letters. */
    static final String DEAD_LETTERS = "z-erasures-dead-letters";

    /** Lets through those of a kind. */
    static String requestsOf(String kind) {
        return REQUESTS + "-of-" + kind;
    }

    /** Clocks and time zones may differ by so much. */
    private static final long AHEAD_MILLIS = 86_400_000;

    private final Set<Kind> kinds;
    private final LongSupplier wallClockMillis;
    private final ProcessorContext<Object, Object> task;

    private ErasureIntake(Set<Kind> kinds, LongSupplier wallClockMillis, ProcessorContext<Object, Object> task) {
        this.kinds = kinds;
        this.wallClockMillis = wallClockMillis;
        this.task = task;
    }

    /** @param kinds those that this app keeps anything of */
    static ProcessorSupplier<byte[], byte[], Object, Object> supplier(Set<Kind> kinds, LongSupplier wallClockMillis) {
        return new StepSupplier<>(task -> new ErasureIntake(kinds, wallClockMillis, task));
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        RecordMetadata metadata = task.recordMetadata().orElseThrow();
        Erasure erasure;
        try {
            erasure = read(record, metadata.topic() + '-' + metadata.partition() + '@' + metadata.offset());
        } catch (IllegalArgumentException e) {
            task.forward(
                    deadLetter(record, metadata, String.valueOf(e.getMessage()), wallClockMillis.getAsLong()),
                    DEAD_LETTERS);
            return;
        }
        task.forward(new Record<>(erasure.kind().id(), ErasureJson.write(erasure), record.timestamp()), REQUESTS);
    }

    private Erasure read(Record<byte[], byte[]> record, String place) {
        Erasure erasure = ErasureJson.read(record.value(), place, record.timestamp());
        if (!kinds.contains(erasure.kind())) {
            throw new IllegalArgumentException("an erasure of kind "
                    + erasure.kind().id() + ", of which this app keeps nothing: no target of it is configured");
        }
        if (erasure.requestedAtMillis() - AHEAD_MILLIS > record.timestamp()) {
            throw new IllegalArgumentException("requested-at of an erasure lies more than a day ahead of its record:"
                    + " whatever the entity does until then would be dropped");
        }
        return erasure;
    }

    /** Without the record's bytes: they may well hold an id. */
    static Record<byte[], byte[]> deadLetter(
            Record<?, byte[]> record, RecordMetadata metadata, String why, long nowMillis) {
        byte @Nullable [] value = record.value();
        SourceRecord source = new SourceRecord(
                null, value, metadata.topic(), metadata.partition(), metadata.offset(), record.timestamp());
        DeadLetterReason reason = value == null ? DeadLetterReason.NULL_VALUE : DeadLetterReason.BAD_FIELD;
        return DeadLetterRecords.of(source, Payload.HASH, reason, why, nowMillis);
    }
}
