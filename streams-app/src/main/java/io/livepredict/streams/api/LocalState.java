package io.livepredict.streams.api;

import io.livepredict.contract.Kind;
import io.livepredict.streams.api.LocalTasks.Place;
import io.livepredict.streams.step.NodeNames;
import io.livepredict.streams.topology.KindPlan;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * One kind's state in this instance, partition by partition: what its tasks take in, or its copies of what other instances'
 * tasks take in.
 */
final class LocalState {
    private final NodeNames names;
    private final LocalTasks tasks;

    /**
     * @param client Kafka Streams as it is at present
     * @param applicationId begins the names of repartition topics
     */
    LocalState(Supplier<Optional<KafkaStreams>> client, KindPlan plan, String applicationId) {
        names = new NodeNames(plan.kind());
        tasks = new LocalTasks(
                client,
                plan.sources().stream()
                        .map(source ->
                                source.rekey() ? names.repartitionTopic(applicationId, source.topic()) : source.topic())
                        .collect(Collectors.toSet()),
                names.activity());
    }

    Kind kind() {
        return names.kind();
    }

    /**
     * A partition's stores, which can be read as long as the task stays here.
     *
     * @param isCopy whether another instance's task takes its events in
     * @param lagRecords how many changes a copy has not taken in; null while the brokers do not tell
     */
    record Part(
            int partition,
            boolean isCopy,
            @Nullable Long lagRecords,
            ReadOnlyKeyValueStore<Bytes, byte[]> activity,
            ReadOnlyKeyValueStore<Bytes, byte[]> open,
            ReadOnlyKeyValueStore<Bytes, byte[]> pending,
            ReadOnlyKeyValueStore<Bytes, byte[]> lastScores) {}

    /**
     * The partitions that can be read here now.
     *
     * @param copies of others' tasks, instead of own tasks
     */
    List<Part> parts(boolean copies) {
        return tasks.read(copies, this::part);
    }

    private Part part(Place place) {
        return new Part(
                place.partition(),
                place.isCopy(),
                place.lagRecords(),
                place.store(names.activity()),
                place.store(names.openStore()),
                place.store(names.pendingStore()),
                place.store(names.lastScores()));
    }
}
