package io.livepredict.topics;

import io.livepredict.contract.Topic;
import io.livepredict.serde.RegistryUnavailableException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the committed records of all partitions of a topic, without a group: to the end as it is now, and then onwards.
 * Each partition comes in order. A record whose taker throws is handed over again by the next call, and so are those
 * behind it.
 *
 * <p>Reading to the end gives up when no position has moved for {@link #PATIENCE}. A position also moves over the markers of
 * transactions and over aborted records, so only a broker that does not answer or a transaction that is left open stops it.
 *
 * <p>One thread at a time, {@link #wakeup} excepted.
 */
public final class TopicFollower implements AutoCloseable {
    /** How long Kafka may not answer, unless the configuration says otherwise, and how long no position may move. */
    public static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final Logger LOG = LoggerFactory.getLogger(TopicFollower.class);
    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(2);

    private final String topic;
    private final Object address;
    private final Consumer<byte[], byte[]> consumer;

    /** Takes a record as it lies in the topic. */
    @FunctionalInterface
    public interface Taker {
        void accept(ConsumerRecord<byte[], byte[]> record);
    }

    /** Takes a record's key and value; the value is null for a tombstone. */
    @FunctionalInterface
    public interface ValueTaker<K, V> {
        void accept(K key, @Nullable V value);
    }

    /** @param consumerConfig how to reach Kafka; group, isolation, deserializers and start are set here */
    public TopicFollower(Map<String, Object> consumerConfig, String topic) {
        Map<String, Object> config = new HashMap<>(consumerConfig);
        config.remove(ConsumerConfig.GROUP_ID_CONFIG);
        config.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        config.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        config.putIfAbsent(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) PATIENCE.toMillis());
        this.topic = topic;
        this.address = String.valueOf(consumerConfig.get(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG));
        this.consumer = new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    /**
     * The taker of a typed topic. A record that can't be read is passed over; the first is logged, and the tenth, the
     * hundredth and so on, for anybody may have written any number of them. One whose schema can't be asked for
     * is not, and {@link RegistryUnavailableException} goes to the caller.
     */
    public static <K, V> Taker decoding(Topic<K, V> topic, ValueTaker<K, V> taker) {
        long[] unreadable = {0};
        return record -> {
            K key;
            V value;
            try {
                key = topic.key().deserializer().deserialize(topic.name(), record.key());
                value = record.value() == null
                        ? null
                        : topic.value().deserializer().deserialize(topic.name(), record.value());
            } catch (RegistryUnavailableException e) {
                throw e;
            } catch (SerializationException e) {
                if (isPowerOfTen(++unreadable[0])) {
                    LOG.warn(
                            "topic {} partition {} offset {} can't be read and is passed over ({} such so far): {}",
                            topic.name(),
                            record.partition(),
                            record.offset(),
                            unreadable[0],
                            e.getMessage());
                }
                return;
            }
            taker.accept(key, value);
        };
    }

    private static boolean isPowerOfTen(long count) {
        long rest = count;
        while (rest % 10 == 0) {
            rest /= 10;
        }
        return rest == 1;
    }

    /**
     * Goes to the beginning of each partition.
     *
     * @return false if there is no such topic; nothing is read then
     */
    public boolean toBeginning() {
        List<TopicPartition> partitions = assigned();
        Map<TopicPartition, Long> first = asked(() -> consumer.beginningOffsets(partitions));
        return seek(partitions, partition -> of(first, partition));
    }

    /** As {@link #toBeginning}, but to where only that many offsets of each partition are left; markers count too. */
    public boolean toLast(long offsets) {
        List<TopicPartition> partitions = assigned();
        Map<TopicPartition, Long> first = asked(() -> consumer.beginningOffsets(partitions));
        Map<TopicPartition, Long> ends = asked(() -> consumer.endOffsets(partitions));
        return seek(partitions, partition -> Math.max(of(first, partition), of(ends, partition) - offsets));
    }

    /** As {@link #toBeginning}, but to given offsets. */
    public boolean to(ToLongFunction<TopicPartition> offsets) {
        return seek(assigned(), offsets);
    }

    /**
     * Hands over what lies before the end as it is now, and nothing behind it.
     *
     * @throws TopicException if Kafka does not answer, or no position moves for {@link #PATIENCE}
     */
    public void toEnd(Taker taker) {
        Map<TopicPartition, Long> ends = asked(() -> consumer.endOffsets(consumer.assignment()));
        Map<TopicPartition, Long> before = upTo(ends);
        long movedAt = System.nanoTime();
        while (!before.equals(ends)) {
            hand(POLL, ends, taker);
            Map<TopicPartition, Long> now = upTo(ends);
            if (!now.equals(before)) {
                movedAt = System.nanoTime();
            } else if (System.nanoTime() - movedAt > PATIENCE.toNanos()) {
                throw new TopicException(
                        "topic " + topic + " at " + address + " can't be read to its end: nothing came for "
                                + PATIENCE.toSeconds() + " s; is the broker well, or a transaction left open?");
            }
            before = now;
        }
        ends.forEach(consumer::seek); // some may have been read beyond, and were not handed over
    }

    /**
     * Hands over the next records.
     *
     * @param wait how long to wait for the first
     * @return whether there were any
     */
    public boolean next(Duration wait, Taker taker) {
        return hand(wait, Map.of(), taker);
    }

    /** By partition, the offset of the next record to hand over. */
    public Map<Integer, Long> positions() {
        Map<Integer, Long> positions = new TreeMap<>();
        offsets().forEach((partition, offset) -> positions.put(partition.partition(), offset));
        return positions;
    }

    /** Ends a wait of another thread with {@link org.apache.kafka.common.errors.WakeupException}. */
    public void wakeup() {
        consumer.wakeup();
    }

    @Override
    public void close() {
        consumer.close(CloseOptions.timeout(CLOSE_PATIENCE));
    }

    private List<TopicPartition> assigned() {
        if (consumer.assignment().isEmpty()) {
            List<PartitionInfo> infos = asked(() -> consumer.partitionsFor(topic));
            consumer.assign(
                    infos == null
                            ? List.of()
                            : infos.stream()
                                    .map(info -> new TopicPartition(info.topic(), info.partition()))
                                    .toList());
        }
        return List.copyOf(consumer.assignment());
    }

    private boolean seek(Collection<TopicPartition> partitions, ToLongFunction<TopicPartition> offsets) {
        partitions.forEach(partition -> consumer.seek(partition, offsets.applyAsLong(partition)));
        return !partitions.isEmpty();
    }

    /** @param ends beyond which nothing is handed over; partitions that are not in it have none */
    private boolean hand(Duration wait, Map<TopicPartition, Long> ends, Taker taker) {
        ConsumerRecords<byte[], byte[]> records = consumer.poll(wait);
        Map<TopicPartition, Long> due = new HashMap<>();
        records.partitions()
                .forEach(partition ->
                        due.put(partition, records.records(partition).get(0).offset()));
        try {
            for (TopicPartition partition : records.partitions()) {
                for (ConsumerRecord<byte[], byte[]> record : records.records(partition)) {
                    if (record.offset() < ends.getOrDefault(partition, Long.MAX_VALUE)) {
                        due.put(partition, record.offset());
                        taker.accept(record);
                    }
                }
                due.remove(partition);
            }
        } finally {
            due.forEach(consumer::seek);
        }
        return !records.isEmpty();
    }

    private Map<TopicPartition, Long> offsets() {
        return asked(() ->
                consumer.assignment().stream().collect(Collectors.toMap(partition -> partition, consumer::position)));
    }

    /** How far each partition was read, the end at most. */
    private Map<TopicPartition, Long> upTo(Map<TopicPartition, Long> ends) {
        Map<TopicPartition, Long> reached = new HashMap<>(offsets());
        reached.replaceAll((partition, offset) -> Math.min(offset, of(ends, partition)));
        return reached;
    }

    private static long of(Map<TopicPartition, Long> offsets, TopicPartition partition) {
        return offsets.getOrDefault(partition, 0L);
    }

    private interface Question<T> {
        T ask();
    }

    private <T> T asked(Question<T> question) {
        try {
            return question.ask();
        } catch (TimeoutException e) {
            throw new TopicException("topic " + topic + " can't be read: Kafka does not answer at " + address, e);
        }
    }
}
