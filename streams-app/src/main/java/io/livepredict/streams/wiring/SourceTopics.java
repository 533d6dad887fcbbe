package io.livepredict.streams.wiring;

import io.livepredict.contract.Kind;
import io.livepredict.streams.ingest.Source;
import io.livepredict.topics.KafkaPatience;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Checks the topics on the cluster before anything starts. */
final class SourceTopics {
    /** How long Kafka may take to answer, unless {@code kafka.default.api.timeout.ms} says otherwise. */
    private static final String PATIENCE = AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG;

    private SourceTopics() {}

    /**
     * How many partitions each of these topics has.
     *
     * @param hint what to do about a missing one
     * @throws StartException if some are missing, naming them all, or Kafka does not answer
     */
    static Map<String, Integer> partitions(
            Map<String, Object> client, String bootstrap, Collection<String> topics, String hint) {
        Map<String, Integer> partitions = new TreeMap<>();
        List<String> missing = new ArrayList<>();
        Map<String, Object> patient = new LinkedHashMap<>(client);
        patient.putIfAbsent(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, (int) KafkaPatience.REQUEST.toMillis());
        patient.putIfAbsent(PATIENCE, (int) KafkaPatience.ANSWER.toMillis());
        try (Admin admin = Admin.create(patient)) {
            for (Map.Entry<String, KafkaFuture<TopicDescription>> topic :
                    admin.describeTopics(Set.copyOf(topics)).topicNameValues().entrySet()) {
                try {
                    partitions.put(
                            topic.getKey(), topic.getValue().get().partitions().size());
                } catch (ExecutionException e) {
                    if (e.getCause() instanceof TimeoutException) {
                        throw unreachable(
                                bootstrap,
                                new TimeoutException(
                                        "no answer within " + patient.get(PATIENCE) + " ms (" + PATIENCE + ')'));
                    }
                    if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
                        throw unreachable(bootstrap, e.getCause() == null ? e : e.getCause());
                    }
                    missing.add(topic.getKey());
                }
            }
        } catch (KafkaException e) {
            throw unreachable(bootstrap, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StartException("interrupted while looking at the topics", e);
        }
        if (!missing.isEmpty()) {
            missing.sort(null);
            throw new StartException((missing.size() == 1 ? "topic " : "topics ") + String.join(", ", missing)
                    + (missing.size() == 1 ? " does not exist" : " do not exist") + " on " + bootstrap + ": " + hint);
        }
        return partitions;
    }

    /**
     * How many partitions a kind's repartition topics get. All that is keyed by entity must be divided alike, or one
     * entity's events would go to several tasks.
     *
     * @throws StartException if the sources that are not re-keyed differ
     */
    static Map<Kind, Integer> repartitions(List<Source> sources, Map<String, Integer> partitions, int otherwise) {
        Map<Kind, Integer> counts = new EnumMap<>(Kind.class);
        for (Kind kind : Kind.values()) {
            Map<String, Integer> keyed = new LinkedHashMap<>();
            for (Source source : sources) {
                if (source.kind() == kind && !source.rekey()) {
                    keyed.put(source.topic(), partitions.getOrDefault(source.topic(), otherwise));
                }
            }
            Set<Integer> distinct = new LinkedHashSet<>(keyed.values());
            if (distinct.size() > 1) {
                throw new StartException("the sources of " + kind.id() + " have different numbers of partitions, "
                        + keyed + ", so that one entity's events would go to several tasks: set rekey: true for all but"
                        + " those of one number");
            }
            counts.put(
                    kind, distinct.isEmpty() ? otherwise : distinct.iterator().next());
        }
        return counts;
    }

    private static StartException unreachable(String bootstrap, Throwable cause) {
        return new StartException(
                "kafka at " + bootstrap + " can't be reached: " + cause.getMessage()
                        + "; start it, or correct kafka.bootstrap.servers and the security settings beside it",
                cause);
    }
}
