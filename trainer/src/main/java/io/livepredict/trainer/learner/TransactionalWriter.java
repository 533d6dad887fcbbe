package io.livepredict.trainer.learner;

import io.livepredict.contract.Topic;
import io.livepredict.settings.KafkaSettings;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;

/**
 * Writes to several topics at once or not at all, and fences whoever wrote under its id before. After a failure it is of no use
 * any more, and whether the transaction was committed may be unknown; the next writer of the same id ends what is left of it.
 * Owned by one thread.
 */
final class TransactionalWriter implements AutoCloseable {
    private final KafkaProducer<String, byte[]> producer;
    private final ConsumerGroupMetadata group;

    /** @param id the transactional id, and the group whose offsets are written along */
    TransactionalWriter(KafkaSettings kafka, String id) {
        Map<String, Object> config = kafka.producer(id);
        config.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, id);
        config.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, 2 << 20);
        config.putIfAbsent(ProducerConfig.LINGER_MS_CONFIG, 0);
        config.putIfAbsent(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 60_000);
        config.putIfAbsent(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 15_000);
        producer = new KafkaProducer<>(config, new StringSerializer(), new ByteArraySerializer());
        group = new ConsumerGroupMetadata(id);
    }

    /** From here on an older writer of this id can't commit any more. */
    void fence() {
        asked(producer::initTransactions);
    }

    /** Within {@link #transact}: one record; null is a tombstone. */
    <V> void send(Topic<String, V> topic, String recordKey, @Nullable V value) {
        byte[] bytes = value == null ? null : topic.value().serializer().serialize(topic.name(), value);
        asked(() -> producer.send(new ProducerRecord<>(topic.name(), recordKey, bytes)));
    }

    /** Within {@link #transact}: the group's offsets. */
    void sendOffsets(Map<TopicPartition, OffsetAndMetadata> offsets) {
        asked(() -> producer.sendOffsetsToTransaction(offsets, group));
    }

    /**
     * Sends and commits.
     *
     * @throws KafkaException if it is not known to be committed
     */
    void transact(Runnable sends) {
        asked(producer::beginTransaction);
        sends.run();
        asked(producer::commitTransaction);
    }

    /** The producer says by an IllegalStateException that a call before this one failed; a fresh one would be well. */
    private static void asked(Runnable call) {
        try {
            call.run();
        } catch (IllegalStateException e) {
            throw new KafkaException("a transaction can't be gone on with: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        producer.close(Duration.ofSeconds(5));
    }
}
