package io.livepredict.streams.model;

import io.livepredict.avro.ModelRecord;
import io.livepredict.contract.Topic;
import io.livepredict.serde.RegistryUnavailableException;
import io.livepredict.topics.TopicException;
import io.livepredict.topics.TopicFollower;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the models topic with a consumer of its own, on a thread of its own. {@link #start} returns when everything that
 * was in the topic is taken in and the newest good version is active, so that a restarted app scores its first event with
 * it; from then on the thread follows.
 */
public final class ModelReceiver implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ModelReceiver.class);
    private static final Duration POLL = Duration.ofMillis(500);

    private final Topic<String, ModelRecord> topic;
    private final ModelIntake intake;
    private final TopicFollower follower;
    private final Thread thread;
    private volatile boolean closing;
    private volatile @Nullable String trouble;

    /**
     * @param consumerConfig how to reach Kafka; what matters here is set here
     */
    public ModelReceiver(Map<String, Object> consumerConfig, Topic<String, ModelRecord> topic, ModelIntake intake) {
        this.topic = topic;
        this.intake = intake;
        Map<String, Object> config = new HashMap<>(consumerConfig);
        config.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, 4 * 1024 * 1024);
        this.follower = new TopicFollower(config, topic.name());
        this.thread = new Thread(this::follow, "livepredict-models");
        this.thread.setDaemon(true);
    }

    /**
     * Reads the topic to its end as of now, activates what is pointed to, and starts following.
     *
     * @throws TopicException if the topic is not there or Kafka does not answer
     */
    public void start() {
        try {
            if (!follower.toBeginning()) {
                throw new TopicException("topic " + topic.name()
                        + " does not exist; create it with: streams-app topics --config FILE --create");
            }
            follower.toEnd(this::take);
            settle();
        } catch (KafkaException e) {
            follower.close();
            throw e instanceof SerializationException
                    ? e
                    : new TopicException("topic " + topic.name() + " can't be read: " + e.getMessage(), e);
        }
        thread.start();
    }

    private void settle() {
        for (Optional<ModelIntake.Missing> missing = intake.settle(); missing.isPresent(); missing = intake.settle()) {
            intake.restart(missing.get());
            follower.toBeginning();
            follower.toEnd(this::take);
        }
    }

    private void take(ConsumerRecord<byte[], byte[]> record) {
        try {
            String key =
                    record.key() == null ? null : topic.key().deserializer().deserialize(topic.name(), record.key());
            intake.accept(key, read(record.value()));
        } catch (RegistryUnavailableException e) {
            throw e; // this record comes again
        } catch (SerializationException e) {
            intake.unreadable("offset " + record.offset() + " is not a model record: " + e.getMessage());
        }
    }

    private @Nullable ModelRecord read(byte @Nullable [] value) {
        if (value == null) {
            return null;
        }
        Deserializer<ModelRecord> deserializer = topic.value().deserializer();
        return deserializer.deserialize(topic.name(), value);
    }

    private void follow() {
        while (!closing) {
            try {
                if (follower.next(POLL, this::take)) {
                    settle();
                }
                intake.tick();
                if (trouble != null) {
                    LOG.info("models are received again");
                    trouble = null;
                }
            } catch (WakeupException | InterruptException e) {
                // close() does this; the loop's condition decides.
            } catch (RuntimeException | Error e) {
                // Even for want of memory: this thread is the only one that brings new models.
                if (trouble == null) {
                    LOG.warn("models are not received for now, trying again every second: {}", e.toString());
                }
                trouble = "models are not received: " + e;
                pause();
            }
        }
        follower.close();
    }

    /** Why models are not received at present; empty when all is well. */
    public Optional<String> trouble() {
        if (!closing && !thread.isAlive()) {
            return Optional.of("models are not received: the thread that does it has ended");
        }
        return Optional.ofNullable(trouble);
    }

    /** Whether its thread has ended, so that it opens and runs no model any longer. */
    public boolean hasEnded() {
        return !thread.isAlive();
    }

    @SuppressWarnings("BusyWait") // not a wait for a condition: a pause between attempts
    private void pause() {
        try {
            Thread.sleep(1000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            closing = true;
        }
    }

    /** Stops following. The active models stay as they are. */
    @Override
    public void close() {
        closing = true;
        if (thread.isAlive()) {
            follower.wakeup();
            try {
                thread.join(Duration.ofSeconds(10));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
