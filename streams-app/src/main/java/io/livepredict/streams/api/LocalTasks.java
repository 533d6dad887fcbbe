package io.livepredict.streams.api;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.LagInfo;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.TaskMetadata;
import org.apache.kafka.streams.ThreadMetadata;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.errors.StreamsException;
import org.apache.kafka.streams.state.QueryableStoreTypes;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;
import org.jspecify.annotations.Nullable;

/** The tasks of one sub-topology that are in this instance, and its copies of those that are in others. */
final class LocalTasks {
    private final Supplier<Optional<KafkaStreams>> client;
    private final Set<String> topics;
    private final String store;

    /**
     * @param client Kafka Streams as it is at present
     * @param topics that the tasks read
     * @param store by which is known how far a copy is behind
     */
    LocalTasks(Supplier<Optional<KafkaStreams>> client, Set<String> topics, String store) {
        this.client = client;
        this.topics = Set.copyOf(topics);
        this.store = store;
    }

    /**
     * A task, or a copy of one.
     *
     * @param lagRecords how many changes a copy has not taken in; null while the brokers do not tell
     */
    record Place(
            KafkaStreams streams,
            int partition,
            boolean isCopy,
            @Nullable Long lagRecords) {
        /** A store of it, which can be read as long as the task stays here. */
        <K> ReadOnlyKeyValueStore<K, byte[]> store(String name) {
            StoreQueryParameters<ReadOnlyKeyValueStore<K, byte[]>> of = StoreQueryParameters.fromNameAndType(
                            name, QueryableStoreTypes.<K, byte[]>keyValueStore())
                    .withPartition(partition);
            return streams.store(isCopy ? of.enableStaleStores() : of);
        }
    }

    /** Opens what is read of a task. */
    interface Opening<P> {
        /**
         * Opens it.
         *
         * @throws InvalidStateStoreException if it is being restored, or moves
         */
        P open(Place place);
    }

    /** What can be read now. */
    <P> List<P> read(boolean copies, Opening<P> opening) {
        List<P> parts = new ArrayList<>();
        KafkaStreams streams = client.get().orElse(null);
        if (streams == null) {
            return parts;
        }
        try {
            Map<Integer, LagInfo> lags = copies ? lags(streams) : Map.of();
            for (int partition : assigned(streams.metadataForLocalThreads(), copies)) {
                LagInfo lag = lags.get(partition);
                Long behind = !copies ? Long.valueOf(0) : lag == null ? null : Long.valueOf(lag.offsetLag());
                open(new Place(streams, partition, copies, behind), opening).ifPresent(parts::add);
            }
        } catch (IllegalStateException | InvalidStateStoreException e) {
            return List.of(); // it starts or ends
        }
        return parts;
    }

    private static <P> Optional<P> open(Place place, Opening<P> opening) {
        try {
            return Optional.of(opening.open(place));
        } catch (InvalidStateStoreException e) {
            return Optional.empty(); // that one is being restored, or moves
        }
    }

    private Map<Integer, LagInfo> lags(KafkaStreams streams) {
        try {
            return streams.allLocalStorePartitionLags().getOrDefault(store, Map.of());
        } catch (StreamsException e) {
            return Map.of(); // the brokers do not tell
        }
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
}
