package io.livepredict.topics;

import io.livepredict.contract.Topic;
import io.livepredict.serde.RegistryUnavailableException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RecordDeserializationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads a topic from its first record to its last. */
public final class TopicReader {
    private static final Logger LOG = LoggerFactory.getLogger(TopicReader.class);
    /** How long a broker may not answer, unless the configuration says otherwise; and how long there may be no progress. */
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    private static final Duration POLL = Duration.ofMillis(200);

    private TopicReader() {}

    /** Takes a record's key and value; the value is null for a tombstone. */
    public interface Taker<K, V> {
        void accept(K key, @Nullable V value);
    }

    /**
     * Hands over every committed record of all partitions up to the end as it was at the call, each partition in order.
     * A record that can't be read is logged and passed over.
     *
     * @param consumerConfig the consumer's configuration; group, isolation and start are set here
     * @return partition to the offset after the last one read: where to go on from
     * @throws TopicException if the topic is not there or Kafka does not answer
     * @throws RegistryUnavailableException if a record's schema can't be asked for
     */
    public static <K, V> Map<Integer, Long> readToEnd(
            Map<String, Object> consumerConfig, Topic<K, V> topic, Taker<K, V> taker) {
        return readLast(consumerConfig, topic, Long.MAX_VALUE, taker);
    }

    /**
     * As {@link #readToEnd}, but only what lies in the last offsets of each partition.
     *
     * @param offsets of each partition; a transaction's marker takes one too
     */
    public static <K, V> Map<Integer, Long> readLast(
            Map<String, Object> consumerConfig, Topic<K, V> topic, long offsets, Taker<K, V> taker) {
        Map<String, Object> config = new HashMap<>(consumerConfig);
        config.remove(ConsumerConfig.GROUP_ID_CONFIG);
        config.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        config.putIfAbsent(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) PATIENCE.toMillis());
        config.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        try (Consumer<K, V> consumer = new KafkaConsumer<>(
                config, topic.key().deserializer(), topic.value().deserializer())) {
            return read(consumer, topic, offsets, taker);
        } catch (TimeoutException e) {
            throw new TopicException(
                    "topic " + topic.name() + " can't be read: Kafka does not answer at "
                            + consumerConfig.get(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG),
                    e);
        }
    }

    private static <K, V> Map<Integer, Long> read(
            Consumer<K, V> consumer, Topic<K, V> topic, long offsets, Taker<K, V> taker) {
        List<PartitionInfo> infos = consumer.partitionsFor(topic.name());
        if (infos == null || infos.isEmpty()) {
            throw new TopicException("topic " + topic.name() + " does not exist; create it with " + topic.partitions()
                    + " partitions and " + topic.configuration());
        }
        List<TopicPartition> partitions = infos.stream()
                .map(info -> new TopicPartition(info.topic(), info.partition()))
                .toList();
        consumer.assign(partitions);
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
        consumer.beginningOffsets(partitions)
                .forEach((partition, first) ->
                        consumer.seek(partition, Math.max(first, ends.getOrDefault(partition, first) - offsets)));
        Map<Integer, Long> positions = new TreeMap<>();
        for (TopicPartition partition : partitions) {
            positions.put(partition.partition(), consumer.position(partition));
        }
        long progressed = System.nanoTime();
        while (!isAtEnd(positions, ends)) {
            hand(over(consumer, topic), ends, taker);
            boolean moved = false;
            for (TopicPartition partition : partitions) {
                long position = Math.min(consumer.position(partition), ends.getOrDefault(partition, 0L));
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

    private static boolean isAtEnd(Map<Integer, Long> positions, Map<TopicPartition, Long> ends) {
        return ends.entrySet().stream()
                .allMatch(end -> positions.getOrDefault(end.getKey().partition(), 0L) >= end.getValue());
    }

    /** The next records; steps over one that can't be read, unless it is the registry that failed. */
    private static <K, V> ConsumerRecords<K, V> over(Consumer<K, V> consumer, Topic<K, V> topic) {
        try {
            return consumer.poll(POLL);
        } catch (RecordDeserializationException e) {
            if (e.getCause() instanceof RegistryUnavailableException unavailable) {
                throw unavailable;
            }
            LOG.warn(
                    "topic {} partition {} offset {} can't be read and is passed over: {}",
                    topic.name(),
                    e.topicPartition().partition(),
                    e.offset(),
                    e.getCause() == null ? e.getMessage() : e.getCause().getMessage());
            consumer.seek(e.topicPartition(), e.offset() + 1);
            return ConsumerRecords.empty();
        }
    }

    private static <K, V> void hand(ConsumerRecords<K, V> records, Map<TopicPartition, Long> ends, Taker<K, V> taker) {
        for (TopicPartition partition : records.partitions()) {
            long end = ends.getOrDefault(partition, 0L);
            for (ConsumerRecord<K, V> each : records.records(partition)) {
                if (each.offset() < end) {
                    taker.accept(each.key(), each.value());
                }
            }
        }
    }
}
