package io.livepredict.streams.api;

import io.livepredict.contract.Kind;
import io.livepredict.streams.step.NodeNames;
import io.livepredict.streams.topology.KindPlan;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.LagInfo;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.TaskMetadata;
import org.apache.kafka.streams.ThreadMetadata;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.state.QueryableStoreTypes;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;

/**
 * One kind's state in this instance, partition by partition: what its tasks take in, or its copies of what other instances'
 * tasks take in.
 */
final class LocalState {
    private final Supplier<Optional<KafkaStreams>> client;
    private final NodeNames names;
    private final Set<String> topics;

    /**
     * @param client Kafka Streams as it is at present
     * @param applicationId begins the names of repartition topics
     */
    LocalState(Supplier<Optional<KafkaStreams>> client, KindPlan plan, String applicationId) {
        this.client = client;
        names = new NodeNames(plan.kind());
        topics = new HashSet<>();
        plan.sources()
                .forEach(source -> topics.add(
                        source.rekey() ? names.repartitionTopic(applicationId, source.topic()) : source.topic()));
    }

    Kind kind() {
        return names.kind();
    }

    /**
     * A partition's stores, which can be read as long as the task stays here.
     *
     * @param isCopy whether another instance's task takes its events in
     * @param lagRecords how many changes a copy has not taken in
     */
    record Part(
            int partition,
            boolean isCopy,
            long lagRecords,
            ReadOnlyKeyValueStore<Bytes, byte[]> activity,
            ReadOnlyKeyValueStore<Bytes, byte[]> open,
            ReadOnlyKeyValueStore<Bytes, byte[]> pending,
            ReadOnlyKeyValueStore<Bytes, byte[]> lastScores) {}

    /** The partitions whose tasks are here and can be read now. */
    List<Part> active() {
        return parts(false);
    }

    /** The partitions of which there are copies here. */
    List<Part> copies() {
        return parts(true);
    }

    private List<Part> parts(boolean copies) {
        List<Part> parts = new ArrayList<>();
        KafkaStreams streams = client.get().orElse(null);
        if (streams == null) {
            return parts;
        }
        try {
            Map<Integer, LagInfo> lags =
                    copies ? streams.allLocalStorePartitionLags().getOrDefault(names.activity(), Map.of()) : Map.of();
            for (int partition : assigned(streams.metadataForLocalThreads(), copies)) {
                LagInfo lag = lags.get(partition);
                part(streams, partition, copies, lag == null ? 0 : lag.offsetLag())
                        .ifPresent(parts::add);
            }
        } catch (IllegalStateException | InvalidStateStoreException e) {
            return List.of(); // it starts or ends
        }
        return parts;
    }

    private Set<Integer> assigned(Collection<ThreadMetadata> threads, boolean copies) {
        Set<Integer> partitions = new TreeSet<>();
        for (ThreadMetadata thread : threads) {
            for (TaskMetadata task : copies ? thread.standbyTasks() : thread.activeTasks()) {
                for (TopicPartition source : task.topicPartitions()) {
                    if (topics.contains(source.topic())) {
                        partitions.add(source.partition());
                    }
                }
            }
        }
        return partitions;
    }

    private Optional<Part> part(KafkaStreams streams, int partition, boolean copies, long lag) {
        try {
            return Optional.of(new Part(
                    partition,
                    copies,
                    lag,
                    store(streams, names.activity(), partition, copies),
                    store(streams, names.openStore(), partition, copies),
                    store(streams, names.pendingStore(), partition, copies),
                    store(streams, names.lastScores(), partition, copies)));
        } catch (InvalidStateStoreException e) {
            return Optional.empty(); // it is being restored, or moves
        }
    }

    private static ReadOnlyKeyValueStore<Bytes, byte[]> store(
            KafkaStreams streams, String name, int partition, boolean stale) {
        StoreQueryParameters<ReadOnlyKeyValueStore<Bytes, byte[]>> of = StoreQueryParameters.fromNameAndType(
                        name, QueryableStoreTypes.<Bytes, byte[]>keyValueStore())
                .withPartition(partition);
        return streams.store(stale ? of.enableStaleStores() : of);
    }
}
