package io.livepredict.streams.context;

import io.livepredict.contract.KindDefinition;
import io.livepredict.contract.Topic;
import io.livepredict.contract.Topics;
import io.livepredict.streams.activity.ActivityProcessor.ContextAccess;
import io.livepredict.streams.activity.ContextFeatures;
import io.livepredict.streams.step.KindSetup;
import io.livepredict.streams.step.LoggedStore;
import io.livepredict.streams.step.NodeNames;
import io.livepredict.streams.time.AnnouncementPartitioner;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.apache.kafka.streams.state.ValueAndTimestamp;
import org.jspecify.annotations.Nullable;

/**
 * The nodes that make one kind's context features. Two of the installation's topics carry them: {@link
 * Topics#contextParts}, parts of buckets, and {@link Topics#contextRecent}, the contexts' recent buckets, compacted; both
 * are keyed by context.
 *
 * <pre>
 * activity ─► tally ─► parts ─► merge ─► recent ─► (global table) ─► read by activity
 * </pre>
 *
 * @param tasks how many tasks activity has, each of which counts events of any context
 * @param slack how far in event time tasks may be behind the one that has come furthest, and still find whole buckets
 * @param liveFromMillis what is missing for earlier events is stored for whoever loads history; {@link Long#MIN_VALUE} for none
 * @param counters hears of what is missing
 */
public record ContextFlow(
        KindSetup setup, Topics topics, int tasks, Duration slack, long liveFromMillis, Counters counters) {
    /** What is counted. Called on stream threads. */
    @FunctionalInterface
    public interface Counters {
        /** A stored value was dropped because another build or definition had written it. */
        void unreadable();

        /**
         * The recent buckets of a context were looked up for a row.
         *
         * @param whole false if some of them were dropped already, because this task is too far behind others
         * @param asOfMillis time of the row
         */
        default void looked(boolean whole, long asOfMillis) {}
    }

    /** Adds the nodes, behind the node that forwards activity's rows. */
    public void addTo(Topology topology) {
        NodeNames names = setup.names();
        Topic<String, byte[]> parts = topics.contextParts(setup.kind());
        Topic<String, byte[]> recent = topics.contextRecent(setup.kind());
        topology.addProcessor(
                names.contextTally(),
                new ContextTallyProcessor.Wiring(setup, tasks, counters::unreadable).supplier(),
                names.activity());
        topology.addSink(
                names.contextPartsOut(),
                parts.name(),
                parts.key().serializer(),
                parts.value().serializer(),
                new AnnouncementPartitioner(),
                names.contextTally());
        topology.addSource(
                names.contextPartsIn(),
                parts.key().deserializer(),
                parts.value().deserializer(),
                parts.name());
        topology.addProcessor(
                names.contextMerge(),
                new ContextMergeProcessor.Wiring(setup, tasks, slack, counters::unreadable).supplier(),
                names.contextPartsIn());
        topology.addSink(
                names.contextRecentOut(),
                recent.name(),
                recent.key().serializer(),
                recent.value().serializer(),
                names.contextMerge());
        topology.addGlobalStore(
                Stores.keyValueStoreBuilder(
                                Stores.inMemoryKeyValueStore(names.contextRecentStore()),
                                Serdes.String(),
                                Serdes.ByteArray())
                        .withLoggingDisabled(),
                names.contextRecentIn(),
                recent.key().deserializer(),
                recent.value().deserializer(),
                recent.name(),
                names.contextRecentTable(),
                table());
    }

    private ProcessorSupplier<String, byte[], Void, Void> table() {
        String store = setup.names().contextRecentStore();
        return () -> new ContextualProcessor<>() {
            @Override
            public void process(Record<String, byte[]> record) {
                KeyValueStore<String, byte[]> recent = context().getStateStore(store);
                recent.put(record.key(), record.value());
            }
        };
    }

    /** How activity reads the global table and feeds the tally, in a topology that has these nodes. */
    public ContextAccess access() {
        return new ContextAccess(
                ContextReader.features(setup.definition()),
                this::reader,
                history().stream().map(LoggedStore::builder).toList());
    }

    private Optional<LoggedStore<Bytes>> history() {
        return liveFromMillis == Long.MIN_VALUE
                ? Optional.empty()
                : Optional.of(setup.stores().ofOneValue(setup.names().historyLookups()));
    }

    private ContextFeatures reader(ProcessorContext<?, ?> task) {
        KeyValueStore<String, ?> recent = task.getStateStore(setup.names().contextRecentStore());
        Counters all = history()
                .map(store -> counters(new HistoryLookups(store.of(task))))
                .orElse(counters);
        return new ContextReader(setup.definition(), contextId -> value(recent.get(contextId)), slack, all);
    }

    private Counters counters(HistoryLookups history) {
        return new Counters() {
            @Override
            public void unreadable() {
                counters.unreadable();
            }

            @Override
            public void looked(boolean whole, long asOfMillis) {
                counters.looked(whole, asOfMillis);
                if (asOfMillis < liveFromMillis) {
                    history.looked(whole);
                }
            }
        };
    }

    /**
     * Reads features from the global table, from outside of the tasks.
     *
     * @param recent the table's value of a context, as Kafka hands it out
     */
    public static ContextFeatures reader(KindDefinition definition, Function<String, @Nullable Object> recent) {
        return new ContextReader(definition, contextId -> value(recent.apply(contextId)));
    }

    /** Kafka may hand out a global table's values with their timestamps. */
    private static byte @Nullable [] value(@Nullable Object found) {
        if (found instanceof ValueAndTimestamp<?> stamped) {
            return (byte[]) stamped.value();
        }
        return (byte[]) found;
    }
}
