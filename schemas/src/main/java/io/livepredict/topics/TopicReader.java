package io.livepredict.topics;

import io.livepredict.contract.Topic;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Reads a topic from its first record to its last. */
public final class TopicReader {
    private static final Duration PATIENCE = Duration.ofSeconds(15);
    private static final Duration POLL = Duration.ofMillis(200);

    private TopicReader() {}

    /** Takes a record's key and value; the value is null for a tombstone. */
    public interface Taker<K, V> {
        void accept(K key, @Nullable V value);
    }

    /**
     * Hands over every committed record of all partitions up to the end as it was at the call, each partition in order.
     *
     * @param consumerConfig the consumer's configuration; group, isolation and start are set here
     * @return partition to the offset after the last one read: where to go on from
     * @throws TopicException if the topic is not there or Kafka does not answer
     */
    public static <K, V> Map<Integer, Long> readToEnd(
            Map<String, Object> consumerConfig, Topic<K, V> topic, Taker<K, V> taker) {
        Map<String, Object> config = new HashMap<>(consumerConfig);
        config.remove(ConsumerConfig.GROUP_ID_CONFIG);
        config.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        config.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        try (Consumer<K, V> consumer = new KafkaConsumer<>(
                config, topic.key().deserializer(), topic.value().deserializer())) {
            return read(consumer, topic, taker);
        } catch (TimeoutException e) {
            throw new TopicException(
                    "topic " + topic.name() + " can't be read: Kafka does not answer at "
                            + consumerConfig.get(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG) + " within "
                            + PATIENCE.toSeconds() + " s",
                    e);
        }
    }

    private static <K, V> Map<Integer, Long> read(Consumer<K, V> consumer, Topic<K, V> topic, Taker<K, V> taker) {
        List<PartitionInfo> infos = consumer.partitionsFor(topic.name(), PATIENCE);
        if (infos == null || infos.isEmpty()) {
            throw new TopicException("topic " + topic.name() + " does not exist; create it with " + topic.partitions()
                    + " partitions and " + topic.configuration());
        }
        List<TopicPartition> partitions = infos.stream()
                .map(info -> new TopicPartition(info.topic(), info.partition()))
                .toList();
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions, PATIENCE);
        Map<Integer, Long> positions = new TreeMap<>();
        for (TopicPartition partition : partitions) {
            positions.put(partition.partition(), consumer.position(partition, PATIENCE));
        }
        long progressed = System.nanoTime();
        while (!ends.entrySet().stream()
                .allMatch(e -> positions.getOrDefault(e.getKey().partition(), 0L) >= e.getValue())) {
            var records = consumer.poll(POLL);
            for (TopicPartition partition : records.partitions()) {
                long end = ends.getOrDefault(partition, 0L);
                for (var each : records.records(partition)) {
                    if (each.offset() < end) {
                        taker.accept(each.key(), each.value());
                    }
                }
            }
            boolean moved = false;
            for (TopicPartition partition : partitions) {
                long position = Math.min(consumer.position(partition, PATIENCE), ends.getOrDefault(partition, 0L));
                Long before = positions.put(partition.partition(), position);
                moved |= before == null || before != position;
            }
            if (moved) {
                progressed = System.nanoTime();
            } else if (System.nanoTime() - progressed > PATIENCE.toNanos()) {
                throw new TimeoutException("no progress");
            }
        }
        return positions;
    }
}
