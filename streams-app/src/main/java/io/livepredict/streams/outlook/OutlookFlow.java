package io.livepredict.streams.outlook;

import io.livepredict.avro.Outlook;
import io.livepredict.contract.Target;
import io.livepredict.contract.Topic;
import io.livepredict.contract.Topics;
import io.livepredict.streams.step.KindSetup;
import io.livepredict.streams.step.NodeNames;
import io.livepredict.streams.time.AnnouncementPartitioner;
import io.livepredict.streams.time.OutputGate;
import java.time.Duration;
import java.util.List;
import org.apache.kafka.streams.Topology;

/**
 * The nodes that make one kind's outlook.
 *
 * <pre>
 * outcome ─► tally ─► parts (by context) ─► merge ─► outlook
 * </pre>
 *
 * @param targets those of this kind
 * @param presentFor how long after its last event an entity counts as present
 * @param tasks how many tasks outcome has
 * @param gate which buckets are sent on
 * @param unreadable called for each stored value that was dropped because another build had written it
 */
public record OutlookFlow(
        KindSetup setup,
        Topics topics,
        List<Target> targets,
        Duration presentFor,
        int tasks,
        OutputGate gate,
        Runnable unreadable) {
    public OutlookFlow {
        targets = List.copyOf(targets);
    }

    /** Adds the nodes, behind outcome. */
    public void addTo(Topology topology) {
        NodeNames names = setup.names();
        Topic<String, byte[]> parts = topics.outlookParts(setup.kind());
        Topic<String, Outlook> outlook = topics.outlook();
        topology.addProcessor(
                names.outlookTally(),
                new OutlookTallyProcessor.Wiring(setup, tasks, unreadable).supplier(),
                names.outcome());
        topology.addSink(
                names.outlookPartsOut(),
                parts.name(),
                parts.key().serializer(),
                parts.value().serializer(),
                new AnnouncementPartitioner(),
                names.outlookTally());
        topology.addSource(
                names.outlookPartsIn(),
                parts.key().deserializer(),
                parts.value().deserializer(),
                parts.name());
        topology.addProcessor(
                names.outlookMerge(),
                new OutlookMergeProcessor.Wiring(setup, targets, presentFor, tasks, gate, unreadable).supplier(),
                names.outlookPartsIn());
        topology.addSink(
                names.outlook(),
                outlook.name(),
                outlook.key().serializer(),
                outlook.value().serializer(),
                names.outlookMerge());
    }
}
