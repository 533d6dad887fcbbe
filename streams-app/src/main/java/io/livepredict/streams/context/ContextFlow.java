package io.livepredict.streams.context;

import io.livepredict.contract.KindDefinition;
import io.livepredict.streams.activity.ContextFeatures;
import java.util.Map;
import java.util.function.Function;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.apache.kafka.streams.state.ValueAndTimestamp;
import org.jspecify.annotations.Nullable;

/**
 * The nodes that make one kind's context features. Two topics of the installation's carry them: parts of buckets, keyed
 * by context, and the contexts' recent buckets, compacted.
 *
 * <pre>
 * activity ─► tally ─► parts ─► merge ─► recent ─► (global table) ─► read by activity
 * </pre>
 *
 * @param definition the kind's
 * @param partsTopic as many partitions as are wanted for merging; may be deleted after minutes
 * @param recentTopic compacted
 * @param prefix of the nodes' and stores' names
 * @param stores makes stores by name: RocksDB or in memory
 * @param changelogConfig topic settings of the changelogs
 * @param unreadable called for each stored value that was dropped because another build or definition had written it
 */
public record ContextFlow(
        KindDefinition definition,
        String partsTopic,
        String recentTopic,
        String prefix,
        Function<String, KeyValueBytesStoreSupplier> stores,
        Map<String, String> changelogConfig,
        Runnable unreadable) {

    /** Name of the node behind activity that counts events: one of activity's children. */
    public String tallyNode() {
        return prefix + "-tally";
    }

    private String globalStore() {
        return prefix + "-recent";
    }

    /** Adds the nodes, behind the node that forwards activity's rows. */
    public void addTo(Topology topology, String activityNode) {
        topology.addProcessor(
                tallyNode(),
                new ContextTallyProcessor.Wiring(
                                definition,
                                stores.apply(prefix + "-tally"),
                                changelogConfig,
                                prefix + "-tally-commit",
                                unreadable)
                        .supplier(),
                activityNode);
        topology.addSink(
                prefix + "-parts-out",
                partsTopic,
                new StringSerializer(),
                Serdes.ByteArray().serializer(),
                tallyNode());
        topology.addSource(
                prefix + "-parts-in",
                Serdes.String().deserializer(),
                Serdes.ByteArray().deserializer(),
                partsTopic);
        topology.addProcessor(
                prefix + "-merge",
                new ContextMergeProcessor.Wiring(
                                definition,
                                stores.apply(prefix + "-merge"),
                                changelogConfig,
                                prefix + "-merge-commit",
                                unreadable)
                        .supplier(),
                prefix + "-parts-in");
        topology.addSink(
                prefix + "-recent-out",
                recentTopic,
                new StringSerializer(),
                Serdes.ByteArray().serializer(),
                prefix + "-merge");
        topology.addGlobalStore(
                Stores.keyValueStoreBuilder(
                                Stores.inMemoryKeyValueStore(globalStore()), Serdes.String(), Serdes.ByteArray())
                        .withLoggingDisabled(),
                prefix + "-recent-in",
                Serdes.String().deserializer(),
                Serdes.ByteArray().deserializer(),
                recentTopic,
                prefix + "-recent-table",
                table());
    }

    private ProcessorSupplier<String, byte[], Void, Void> table() {
        String store = globalStore();
        return () -> new ContextualProcessor<>() {
            @Override
            public void process(Record<String, byte[]> record) {
                KeyValueStore<String, byte[]> recent = context().getStateStore(store);
                recent.put(record.key(), record.value());
            }
        };
    }

    /** A reader of the global table, for a processor of a topology that has these nodes. */
    public ContextFeatures reader(ProcessorContext<?, ?> context) {
        KeyValueStore<String, ?> recent = context.getStateStore(globalStore());
        return new ContextReader(definition, contextId -> value(recent.get(contextId)));
    }

    /** Kafka may hand out a global table's values with their timestamps. */
    private static byte @Nullable [] value(@Nullable Object found) {
        if (found instanceof ValueAndTimestamp<?> stamped) {
            return (byte[]) stamped.value();
        }
        return (byte[]) found;
    }
}
