package io.livepredict.deploy.report;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;

/**
 * Where topics ended at some moment, so that a later report covers what came after it. A topic that was not there then
 * counts from its beginning.
 *
 * @param offsets partition to the offset of the next record
 */
public record TopicPositions(Map<TopicPartition, Long> offsets) {
    public TopicPositions {
        offsets = Map.copyOf(offsets);
    }

    /** The beginning of everything. */
    public static TopicPositions beginning() {
        return new TopicPositions(Map.of());
    }

    /** The ends of all topics of a name that begins like this, as of now. */
    public static TopicPositions ends(Admin admin, String prefix) {
        try {
            List<String> names = admin.listTopics().names().get().stream()
                    .filter(name -> name.startsWith(prefix))
                    .toList();
            return of(admin, names);
        } catch (ExecutionException e) {
            throw new IllegalStateException("Kafka does not say where its topics end: " + e.getCause(), e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while asking where topics end", e);
        }
    }

    /** The ends of these topics, as of now. */
    public static TopicPositions of(Admin admin, Collection<String> topics)
            throws ExecutionException, InterruptedException {
        List<TopicPartition> partitions = new ArrayList<>();
        for (TopicDescription topic :
                admin.describeTopics(topics).allTopicNames().get().values()) {
            for (TopicPartitionInfo partition : topic.partitions()) {
                partitions.add(new TopicPartition(topic.name(), partition.partition()));
            }
        }
        Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
        partitions.forEach(p -> latest.put(p, OffsetSpec.latest()));
        Map<TopicPartition, Long> ends = new HashMap<>();
        admin.listOffsets(latest).all().get().forEach((partition, end) -> ends.put(partition, end.offset()));
        return new TopicPositions(ends);
    }

    /** Where to begin in that partition. */
    public long from(TopicPartition partition) {
        return offsets.getOrDefault(partition, 0L);
    }
}
