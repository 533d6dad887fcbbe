package io.livepredict.trainer.learner;

import io.livepredict.contract.Topic;
import io.livepredict.settings.KafkaSettings;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;

/** Writes to several topics at once or not at all, and fences whoever wrote under its id before. Owned by one thread. */
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
        producer.initTransactions();
    }

    /** Within {@link #transact}: one record; null is a tombstone. */
    <V> void send(Topic<String, V> topic, String recordKey, @Nullable V value) {
        byte[] bytes = value == null ? null : topic.value().serializer().serialize(topic.name(), value);
        producer.send(new ProducerRecord<>(topic.name(), recordKey, bytes));
    }

    /** Within {@link #transact}: the group's offsets. */
    void sendOffsets(Map<TopicPartition, OffsetAndMetadata> offsets) {
        producer.sendOffsetsToTransaction(offsets, group);
    }

    /**
     * Sends and commits.
     *
     * @throws ProducerFencedException if another took over
     */
    void transact(Runnable sends) {
        producer.beginTransaction();
        try {
            sends.run();
            producer.commitTransaction();
        } catch (ProducerFencedException e) {
            throw e;
        } catch (CommitFailedException e) {
            producer.abortTransaction();
            throw new KafkaException("the offsets of a checkpoint were not taken: " + e.getMessage(), e);
        } catch (KafkaException e) {
            // If another trainer took over, aborting says so: ProducerFencedException.
            producer.abortTransaction();
            throw e;
        }
    }

    @Override
    public void close() {
        producer.close(Duration.ofSeconds(5));
    }
}
