package io.livepredict.streams.wiring;

import io.livepredict.streams.ingest.Source;
import io.livepredict.streams.step.NodeNames;
import io.livepredict.streams.topology.KindPlan;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Topics that are re-keyed may get more partitions. The changelog of how far each of them has come must then get as many, or
 * Kafka Streams refuses to start: it makes a changelog once and never changes it.
 */
final class GrownSources {
    private static final Logger LOG = LoggerFactory.getLogger(GrownSources.class);

    private GrownSources() {}

    /**
     * Gives changelogs as many partitions as their source topics have.
     *
     * @param client how to reach Kafka
     * @throws StartException in one line if one has too few and can't be given more
     */
    static void follow(Map<String, Object> client, String applicationId, List<KindPlan> kinds) {
        Map<String, Integer> wanted = changelogs(applicationId, kinds);
        if (wanted.isEmpty()) {
            return;
        }
        try (Admin admin = Admin.create(client)) {
            for (Map.Entry<String, KafkaFuture<TopicDescription>> described :
                    admin.describeTopics(wanted.keySet()).topicNameValues().entrySet()) {
                String changelog = described.getKey();
                int partitions = wanted.getOrDefault(changelog, 0);
                if (partitionsOf(described.getValue()) < partitions) {
                    grow(admin, changelog, partitions);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StartException("interrupted while looking at the changelogs", e);
        }
    }

    private static Map<String, Integer> changelogs(String applicationId, List<KindPlan> kinds) {
        Map<String, Integer> wanted = new TreeMap<>();
        for (KindPlan kind : kinds) {
            for (Source source : kind.sources()) {
                if (source.rekey()) {
                    wanted.put(
                            new NodeNames(kind.kind()).rekeyTimeChangelog(applicationId, source.topic()),
                            kind.partitions(source));
                }
            }
        }
        return wanted;
    }

    /**
     * The changelog's number of partitions; if it does not exist, as many as are asked for, for Kafka Streams makes
     * it then.
     */
    private static int partitionsOf(KafkaFuture<TopicDescription> described) throws InterruptedException {
        try {
            return described.get().partitions().size();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UnknownTopicOrPartitionException) {
                return Integer.MAX_VALUE;
            }
            throw new StartException("the changelogs of re-keyed topics can't be looked at: " + e.getMessage(), e);
        }
    }

    private static void grow(Admin admin, String changelog, int partitions) throws InterruptedException {
        Map<String, NewPartitions> more = new HashMap<>();
        more.put(changelog, NewPartitions.increaseTo(partitions));
        try {
            admin.createPartitions(more).all().get();
            LOG.info("{} has {} partitions now, as many as its source topic", changelog, partitions);
        } catch (ExecutionException e) {
            throw new StartException(
                    changelog + " needs " + partitions
                            + " partitions, as many as its source topic has, and can't be given them: " + e.getMessage()
                            + "; alter the topic, or allow the app to",
                    e);
        }
    }
}
