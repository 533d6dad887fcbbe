package io.livepredict.streams.erasure.flow;

import io.livepredict.contract.Erasure;
import io.livepredict.streams.ingest.Ingested;
import io.livepredict.streams.step.NodeNames;
import io.livepredict.streams.step.Step;
import io.livepredict.streams.step.StepSupplier;
import java.util.function.LongSupplier;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;

/** Brings the requests that have come to a task into its flow. What is none in their topic goes to the dead letters. */
final class ErasureEntry implements Step<String, byte[]> {
    private final NodeNames names;
    private final LongSupplier wallClockMillis;
    private final ProcessorContext<Object, Object> task;

    private ErasureEntry(NodeNames names, LongSupplier wallClockMillis, ProcessorContext<Object, Object> task) {
        this.names = names;
        this.wallClockMillis = wallClockMillis;
        this.task = task;
    }

    /** A supplier for one kind; its children are {@link NodeNames#activity} and {@link NodeNames#deadLetters}. */
    static ProcessorSupplier<String, byte[], Object, Object> supplier(NodeNames names, LongSupplier wallClockMillis) {
        return new StepSupplier<>(task -> new ErasureEntry(names, wallClockMillis, task));
    }

    @Override
    public void process(Record<String, byte[]> record) {
        Erasure erasure;
        try {
            erasure = ErasureJson.read(record.value(), "", record.timestamp());
        } catch (IllegalArgumentException e) {
            task.forward(
                    ErasureIntake.deadLetter(
                            record,
                            task.recordMetadata().orElseThrow(),
                            String.valueOf(e.getMessage()),
                            wallClockMillis.getAsLong()),
                    names.deadLetters());
            return;
        }
        task.forward(
                new Record<>(erasure.entityId(), new Ingested.Erase(erasure), record.timestamp()), names.activity());
    }
}
