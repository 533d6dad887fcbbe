package io.livepredict.deploy.simulator;

import io.livepredict.avro.OracleRecord;
import io.livepredict.avro.PlayerEvent;
import io.livepredict.avro.ViewerEvent;
import io.livepredict.contract.Topic;
import io.livepredict.contract.Topics;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
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

/**
 * Sends a simulated platform's events to their topics when the wall clock has come to them, and what the oracle expects
 * to its side topic. One thread of its own.
 */
public final class SimulatorProducer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SimulatorProducer.class);
    private static final Duration LONGEST_STOP = Duration.ofSeconds(5);

    private final SimulatedPlatform platform;
    private final Clock clock;
    private final Topic<String, ViewerEvent> viewerEvents;
    private final Topic<String, PlayerEvent> playerEvents;
    private final Topic<String, OracleRecord> oracle;
    private final Producer<String, byte[]> producer;
    private final AtomicLong sent = new AtomicLong();
    private final AtomicLong behindMillis = new AtomicLong();
    private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
    private final Thread thread;
    private volatile boolean stopping;

    /** @param client configuration of a Kafka client */
    public SimulatorProducer(SimulatedPlatform platform, Map<String, Object> client, Topics topics, Clock clock) {
        this.platform = platform;
        this.clock = clock;
        viewerEvents = topics.viewerEvents();
        playerEvents = topics.playerEvents();
        oracle = topics.oracle();
        Map<String, Object> config = new HashMap<>(client);
        config.put(ProducerConfig.ACKS_CONFIG, "all");
        config.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        config.put(ProducerConfig.LINGER_MS_CONFIG, 5);
        config.put(ProducerConfig.BATCH_SIZE_CONFIG, 128 << 10);
        producer = new KafkaProducer<>(config, new StringSerializer(), new ByteArraySerializer());
        thread = new Thread(this::run, "simulator");
    }

    /** Begins to send. */
    public SimulatorProducer start() {
        thread.start();
        return this;
    }

    /** Events sent so far. */
    public long sent() {
        return sent.get();
    }

    /** By how much sending is behind the wall clock: this machine can't keep the rate. */
    public Duration behind() {
        return Duration.ofMillis(behindMillis.get());
    }

    /** Why sending ended by itself; null while all is well. */
    public @Nullable Exception failure() {
        return failure.get();
    }

    /** Stops sending; what was sent is flushed. */
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

    private void run() {
        try {
            while (!stopping) {
                SimulatedEvent event = platform.next();
                if (!awaitTime(event.sentMillis())) {
                    return;
                }
                send(event);
            }
        } catch (RuntimeException e) {
            if (!stopping) {
                failure.compareAndSet(null, e);
                LOG.error("the simulator stops: {}", e.getMessage());
            }
        }
    }

    /** Returns whether to go on. */
    private boolean awaitTime(long millis) {
        while (!stopping) {
            long ahead = millis - clock.millis();
            behindMillis.set(Math.max(0, -ahead));
            if (ahead <= 0) {
                return true;
            }
            LockSupport.parkNanos(Duration.ofMillis(Math.min(ahead, 100)).toNanos());
        }
        return false;
    }

    private void send(SimulatedEvent event) {
        switch (event.kind()) {
            case VIEWER -> send(viewerEvents, event.entityId(), viewerEvent(event));
            case PLAYER -> send(playerEvents, event.entityId(), playerEvent(event));
        }
        sent.incrementAndGet();
        if (!event.oracle().isEmpty()) {
            send(oracle, event.entityId(), oracle(event));
        }
    }

    private <T> void send(Topic<String, T> topic, String key, T value) {
        byte[] bytes = topic.value().serializer().serialize(topic.name(), value);
        producer.send(new ProducerRecord<>(topic.name(), key, bytes), (metadata, e) -> {
            if (e != null && !stopping && failure.compareAndSet(null, e)) {
                LOG.error("an event could not be sent to {}: {}", topic.name(), e.getMessage());
            }
        });
    }

    /** What is written to the oracle's topic. */
    public static OracleRecord oracle(SimulatedEvent event) {
        return new OracleRecord(event.kind().id(), event.entityId(), event.timeMillis(), event.oracle());
    }

    /** What is written to the viewers' topic. */
    public static ViewerEvent viewerEvent(SimulatedEvent event) {
        return new ViewerEvent(
                event.eventId(),
                event.entityId(),
                event.contextId(),
                event.timeMillis(),
                event.type(),
                event.numbers(),
                event.attributes(),
                null);
    }

    /** What is written to the players' topic. */
    public static PlayerEvent playerEvent(SimulatedEvent event) {
        return new PlayerEvent(
                event.eventId(),
                event.entityId(),
                event.contextId(),
                event.timeMillis(),
                event.type(),
                event.numbers(),
                event.attributes(),
                null);
    }
}
