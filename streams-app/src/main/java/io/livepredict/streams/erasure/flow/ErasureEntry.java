package io.livepredict.streams.erasure.flow;

import io.livepredict.contract.Erasure;
import io.livepredict.streams.ingest.Ingested;
import io.livepredict.streams.step.NodeNames;
import io.livepredict.streams.step.Step;
import io.livepredict.streams.step.StepSupplier;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;

/** Brings the requests that have come to a task into its flow. */
final class ErasureEntry implements Step<String, byte[]> {
    private final String activityNode;
    private final ProcessorContext<Object, Object> task;

    private ErasureEntry(String activityNode, ProcessorContext<Object, Object> task) {
        this.activityNode = activityNode;
        this.task = task;
    }

    /** A supplier for one kind; its child is {@link NodeNames#activity}. */
    static ProcessorSupplier<String, byte[], Object, Object> supplier(NodeNames names) {
        return new StepSupplier<>(task -> new ErasureEntry(names.activity(), task));
    }

    @Override
    public void process(Record<String, byte[]> record) {
        Erasure erasure = ErasureJson.read(record.value(), "", record.timestamp());
        task.forward(new Record<>(erasure.entityId(), new Ingested.Erase(erasure), record.timestamp()), activityNode);
    }
}
