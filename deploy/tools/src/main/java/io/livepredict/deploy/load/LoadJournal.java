package io.livepredict.deploy.load;

import io.livepredict.avro.LoadRecord;
import io.livepredict.contract.CanonicalEvent;
import io.livepredict.contract.Topic;
import io.livepredict.topics.TopicFollower;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;

/**
 * Writes events and how far they go in one transaction, so that after any end of the process the next one knows exactly what
 * is in the source topic. Whoever takes over ends what another loader of the same topic has begun. Not safe for use from
 * several threads.
 */
final class LoadJournal implements AutoCloseable {
    private static final Duration LONGEST_CLOSE = Duration.ofSeconds(5);
    /** How long readers of committed records wait at most for a loader that was killed. */
    private static final int TRANSACTION_TIMEOUT_MILLIS = 20_000;

    private final Map<String, Object> consumer;
    private final Topic<String, CanonicalEvent> events;
    private final Topic<String, LoadRecord> loads;
    private final LongSupplier clock;
    private final Producer<String, byte[]> producer;

    /**
     * @param producer configuration of a producer
     * @param consumer configuration of a consumer
     * @param transactionalId the same for all loaders of that topic
     * @param events the source topic
     * @param clock stamps records, so that the topic keeps them from now on whatever their event times
     */
    LoadJournal(
            Map<String, Object> producer,
            Map<String, Object> consumer,
            String transactionalId,
            Topic<String, CanonicalEvent> events,
            Topic<String, LoadRecord> loads,
            LongSupplier clock) {
        this.consumer = consumer;
        this.events = events;
        this.loads = loads;
        this.clock = clock;
        Map<String, Object> config = new HashMap<>(producer);
        config.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, transactionalId);
        config.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, TRANSACTION_TIMEOUT_MILLIS);
        config.put(ProducerConfig.LINGER_MS_CONFIG, 20);
        config.put(ProducerConfig.BATCH_SIZE_CONFIG, 256 << 10);
        this.producer = new KafkaProducer<>(config, new StringSerializer(), new ByteArraySerializer());
    }

    /**
     * Fences whoever loads this topic, and says how far they came.
     *
     * @return null if nothing was loaded yet
     * @throws LoadException if there is no topic of loads
     */
    @Nullable
    LoadRecord takeOver() {
        guarded(producer::initTransactions);
        LoadRecord[] found = {null};
        try (TopicFollower follower = new TopicFollower(consumer, loads.name())) {
            if (!follower.toBeginning()) {
                throw new LoadException("topic " + loads.name()
                        + " does not exist; with time.live-from in its configuration, streams-app topics --config FILE"
                        + " --create makes it");
            }
            follower.toEnd(TopicFollower.decoding(loads, (topic, record) -> {
                if (events.name().equals(topic)) {
                    found[0] = record;
                }
            }));
        }
        return found[0];
    }

    /**
     * Sends events and how far the log is in the topic with them. All in one go: reading a log may take longer than a
     * transaction may be open.
     *
     * @return by partition the offset behind the last event sent
     */
    Map<TopicPartition, Long> commit(List<CanonicalEvent> batch, LoadRecord reached) {
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        guarded(() -> {
            producer.beginTransaction();
            for (CanonicalEvent event : batch) {
                byte[] value = events.value().serializer().serialize(events.name(), event);
                sent.add(producer.send(
                        new ProducerRecord<>(events.name(), null, clock.getAsLong(), event.entityId(), value)));
            }
            byte[] value = loads.value().serializer().serialize(loads.name(), reached);
            producer.send(new ProducerRecord<>(loads.name(), events.name(), value));
            producer.commitTransaction();
        });
        Map<TopicPartition, Long> ends = new HashMap<>();
        for (Future<RecordMetadata> each : sent) {
            RecordMetadata metadata = guarded(() -> done(each));
            ends.merge(new TopicPartition(metadata.topic(), metadata.partition()), metadata.offset() + 1, Math::max);
        }
        return ends;
    }

    private static RecordMetadata done(Future<RecordMetadata> future) {
        try {
            return future.get();
        } catch (ExecutionException e) {
            throw new KafkaException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new KafkaException(e);
        }
    }

    private void guarded(Runnable call) {
        guarded(() -> {
            call.run();
            return true;
        });
    }

    private <T> T guarded(Supplier<T> call) {
        try {
            return call.get();
        } catch (KafkaException e) {
            for (Throwable cause = e; cause != null; cause = cause.getCause()) {
                if (cause instanceof ProducerFencedException || cause instanceof InvalidProducerEpochException) {
                    throw new LoadException(
                            "another load into " + events.name() + " has taken over, and this one ends: one at a time",
                            e);
                }
            }
            throw new LoadException(
                    "nothing can be written to " + events.name() + ": " + e.getMessage()
                            + "; run it again, it goes on where it stopped",
                    e);
        }
    }

    /** Ends; what was sent and not committed, because that failed, does not count. */
    @Override
    public void close() {
        producer.close(LONGEST_CLOSE);
    }
}
