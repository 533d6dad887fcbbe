package io.livepredict.trainer.learner;

import io.livepredict.avro.LabelledExample;
import io.livepredict.contract.Topic;
import io.livepredict.serde.RegistryUnavailableException;
import io.livepredict.topics.KafkaPatience;
import io.livepredict.topics.TopicException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The labelled examples of one kind, of all partitions, from given offsets on; and whether the brokers answer: a consumer that
 * waits for records asks every half second, and a broker that is there answers. Owned by one thread.
 */
final class ExampleFeed implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ExampleFeed.class);

    private final Topic<String, LabelledExample> topic;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Metric responses;
    private List<TopicPartition> partitions = List.of();
    private double responsesBefore;
    private long answeredAtNanos = System.nanoTime();

    ExampleFeed(Map<String, Object> consumerConfig, Topic<String, LabelledExample> topic) {
        this.topic = topic;
        consumer = new KafkaConsumer<>(consumerConfig, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        responses = consumer.metrics().entrySet().stream()
                .filter(entry -> entry.getKey().name().equals("response-total")
                        && entry.getKey().group().equals("consumer-metrics"))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElseThrow();
    }

    /**
     * Goes to where learning stands.
     *
     * @param kind for messages
     * @param offsets partition to the next offset to learn from; where there is none, the beginning
     * @throws TopicException if there is no such topic
     * @throws TrainerException if the topic ends before an offset
     */
    void begin(String kind, Map<Integer, Long> offsets) {
        List<PartitionInfo> infos = consumer.partitionsFor(topic.name(), KafkaPatience.ANSWER);
        if (infos == null || infos.isEmpty()) {
            throw new TopicException(
                    "topic " + topic.name() + " does not exist; create it (the streams app's 'topics --create' does)");
        }
        partitions = infos.stream()
                .map(info -> new TopicPartition(info.topic(), info.partition()))
                .toList();
        consumer.assign(partitions);
        Map<TopicPartition, Long> first = consumer.beginningOffsets(partitions, KafkaPatience.ANSWER);
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions, KafkaPatience.ANSWER);
        for (TopicPartition partition : partitions) {
            long from = first.getOrDefault(partition, 0L);
            long to = ends.getOrDefault(partition, 0L);
            long wanted = offsets.getOrDefault(partition.partition(), from);
            if (wanted > to) {
                throw new TrainerException("the saved state goes on at offset " + wanted + " of " + partition
                        + ", which ends at " + to + ": the topic was made anew; start over with --fresh");
            }
            if (wanted < from) {
                LOG.warn(
                        "{}: {} examples of {} were deleted before they were learned from",
                        kind,
                        from - wanted,
                        partition);
            }
            consumer.seek(partition, Math.max(wanted, from));
        }
        answered();
    }

    /**
     * Goes back to earlier records of some partitions, to the first there is where those are gone; the others are left alone until
     * {@link #goOn}.
     *
     * @param from partition to offset
     */
    void rewind(Map<Integer, Long> from) {
        List<TopicPartition> others = partitions.stream()
                .filter(partition -> !from.containsKey(partition.partition()))
                .toList();
        consumer.pause(others);
        Map<TopicPartition, Long> first = consumer.beginningOffsets(partitions, KafkaPatience.ANSWER);
        for (TopicPartition partition : partitions) {
            Long wanted = from.get(partition.partition());
            if (wanted != null) {
                consumer.seek(partition, Math.max(wanted, first.getOrDefault(partition, 0L)));
            }
        }
        answered();
    }

    /** Goes on at these offsets with all partitions. */
    void goOn(Map<Integer, Long> offsets) {
        partitions.forEach(partition -> consumer.seek(partition, offsets.getOrDefault(partition.partition(), 0L)));
        consumer.resume(partitions);
    }

    ConsumerRecords<byte[], byte[]> next(Duration wait) {
        ConsumerRecords<byte[], byte[]> records = consumer.poll(wait);
        double now = ((Number) responses.metricValue()).doubleValue();
        if (!records.isEmpty() || now != responsesBefore) {
            responsesBefore = now;
            answered();
        }
        return records;
    }

    private void answered() {
        answeredAtNanos = System.nanoTime();
    }

    /** For how long no broker has answered; counted while {@link #next} is called again and again. */
    Duration silence() {
        return Duration.ofNanos(System.nanoTime() - answeredAtNanos);
    }

    /**
     * The record's example; null if it is none.
     *
     * @throws RegistryUnavailableException if its schema can't be asked for
     */
    @Nullable
    LabelledExample decode(ConsumerRecord<byte[], byte[]> record) {
        try {
            return topic.value().deserializer().deserialize(topic.name(), record.value());
        } catch (RegistryUnavailableException e) {
            throw e;
        } catch (SerializationException e) {
            return null;
        }
    }

    /** Partition to the offset it is read up to. */
    Map<Integer, Long> positions() {
        return partitions.stream().collect(Collectors.toMap(TopicPartition::partition, consumer::position));
    }

    /** Examples that wait to be read, as far as known. */
    long behind() {
        return partitions.stream()
                .mapToLong(partition -> consumer.currentLag(partition).orElse(0))
                .sum();
    }

    @Override
    public void close() {
        consumer.close(CloseOptions.timeout(Duration.ofSeconds(2)));
    }
}
