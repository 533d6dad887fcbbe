package io.livepredict.deploy.feed;

import io.livepredict.contract.Topic;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sends what a thread of its own makes, until that thread ends, fails or is asked to stop. */
public final class EventSender implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EventSender.class);
    private static final Duration LONGEST_STOP = Duration.ofSeconds(5);

    private final String name;
    private final Producer<String, byte[]> producer;
    private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
    private final Thread thread;
    private volatile boolean stopping;
    private volatile boolean ended;

    /**
     * @param name in what is logged, and of the thread
     * @param client configuration of a Kafka client
     * @param work what the thread does; it looks at {@link #isStopping} before it waits
     */
    public EventSender(String name, Map<String, Object> client, Runnable work) {
        this.name = name;
        Map<String, Object> config = new HashMap<>(client);
        config.put(ProducerConfig.ACKS_CONFIG, "all");
        config.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        config.put(ProducerConfig.LINGER_MS_CONFIG, 5);
        config.put(ProducerConfig.BATCH_SIZE_CONFIG, 256 << 10);
        producer = new KafkaProducer<>(config, new StringSerializer(), new ByteArraySerializer());
        thread = new Thread(() -> run(work), name);
    }

    /** Begins. */
    public void start() {
        thread.start();
    }

    /** Whether the work is to end. */
    public boolean isStopping() {
        return stopping;
    }

    /** Whether the work is at its end; a failure that ended it is known before. */
    public boolean isEnded() {
        return ended;
    }

    /** Waits, or less long if it is to end. Spurious returns are possible: ask again. */
    public void pause(Duration time) {
        if (!stopping) {
            LockSupport.parkNanos(time.toNanos());
        }
    }

    /** Sends a record. */
    public <T> void send(Topic<String, T> topic, String key, T value) {
        byte[] bytes = topic.value().serializer().serialize(topic.name(), value);
        producer.send(new ProducerRecord<>(topic.name(), key, bytes), (metadata, e) -> {
            if (e != null && !stopping && failure.compareAndSet(null, e)) {
                LOG.error("an event could not be sent to {}: {}", topic.name(), e.getMessage());
            }
        });
    }

    /** Waits until all that was sent has been acknowledged. */
    public void flush() {
        producer.flush();
    }

    /** Why it ended by itself, or what could not be sent; null while all is well. */
    public @Nullable Exception failure() {
        return failure.get();
    }

    /** Stops; what was sent is flushed. */
    @Override
    public void close() {
        stopping = true;
        LockSupport.unpark(thread);
        try {
            thread.join(LONGEST_STOP);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        producer.close(LONGEST_STOP);
    }

    private void run(Runnable work) {
        try {
            work.run();
        } catch (RuntimeException e) {
            if (!stopping) {
                failure.compareAndSet(null, e);
                LOG.error("the {} stops: {}", name, e.getMessage());
            }
        } finally {
            ended = true;
        }
    }
}
