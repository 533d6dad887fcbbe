package io.livepredict.deploy.report;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads the committed records of a topic as they are, from given positions to the end as of the call. */
public final class TopicScan {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private TopicScan() {}

    /**
     * Hands over every record, each partition in order. A topic that does not exist has none.
     *
     * @param client configuration of a Kafka client; deserializers and isolation are set here
     */
    public static void scan(
            Map<String, Object> client,
            String topic,
            TopicPositions from,
            Consumer<ConsumerRecord<byte[], byte[]>> taker) {
        Map<String, Object> config = new HashMap<>(client);
        config.remove(ConsumerConfig.GROUP_ID_CONFIG);
        config.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        config.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        config.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 5_000);
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<PartitionInfo> infos = consumer.listTopics(PATIENCE).getOrDefault(topic, List.of());
            List<TopicPartition> partitions = infos.stream()
                    .map(info -> new TopicPartition(topic, info.partition()))
                    .toList();
            consumer.assign(partitions);
            partitions.forEach(p -> consumer.seek(p, from.from(p)));
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions, PATIENCE);
            long progressed = System.nanoTime();
            while (partitions.stream().anyMatch(p -> consumer.position(p, PATIENCE) < ends.getOrDefault(p, 0L))) {
                for (ConsumerRecord<byte[], byte[]> each : consumer.poll(Duration.ofMillis(200))) {
                    progressed = System.nanoTime();
                    if (each.offset() < ends.getOrDefault(new TopicPartition(topic, each.partition()), 0L)) {
                        taker.accept(each);
                    }
                }
                // The position passes the markers of transactions without a record, so only silence is a failure.
                if (System.nanoTime() - progressed > PATIENCE.toNanos()) {
                    throw new IllegalStateException("topic " + topic + " can't be read to its end: no record for "
                            + PATIENCE.toSeconds() + " s; is a transaction left open on it?");
                }
            }
        }
    }
}
