package io.livepredict.deploy.replay;

import io.livepredict.avro.PlayerEvent;
import io.livepredict.avro.ViewerEvent;
import io.livepredict.contract.Kind;
import io.livepredict.contract.Topic;
import io.livepredict.contract.Topics;
import io.livepredict.streams.ingest.CanonicalEvent;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sends a recording to its events topic, paced. One thread of its own. */
public final class Replayer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Replayer.class);
    private static final Duration LONGEST_STOP = Duration.ofSeconds(5);
    private static final Duration ASK_EVERY = Duration.ofMillis(20);

    private final Recording recording;
    private final Topics topics;
    private final @Nullable Pace pace;
    private final OptionalDouble speed;
    private final LongSupplier nanoClock;
    private final Producer<String, byte[]> producer;
    private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
    private final Thread thread;
    private volatile boolean stopping;
    private volatile boolean ended;
    private volatile long sent;
    private volatile long beganNanos;
    private volatile long endedNanos;

    /**
     * How fast a log is replayed.
     *
     * @param maxAhead how many events it may be ahead of what was learned and activated; 0 for no bound
     * @param speed multiple of real time; empty for as fast as the bound allows
     */
    public record Speed(long maxAhead, OptionalDouble speed) {
        public Speed {
            if (maxAhead < 0) {
                throw new IllegalArgumentException("max-ahead must not be negative, got " + maxAhead);
            }
            if (speed.isPresent() && !(speed.getAsDouble() > 0)) {
                throw new IllegalArgumentException("speed must be positive, got " + speed.getAsDouble());
            }
        }
    }

    /**
     * @param client configuration of a Kafka client
     * @param nanoClock what {@link System#nanoTime} gives
     */
    public Replayer(
            Recording recording,
            Map<String, Object> client,
            Topics topics,
            Speed speed,
            Downstream downstream,
            LongSupplier nanoClock) {
        this.recording = recording;
        this.topics = topics;
        this.pace = speed.maxAhead() == 0 ? null : new Pace(downstream, speed.maxAhead());
        this.speed = speed.speed();
        this.nanoClock = nanoClock;
        Map<String, Object> config = new HashMap<>(client);
        config.put(ProducerConfig.ACKS_CONFIG, "all");
        config.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        config.put(ProducerConfig.LINGER_MS_CONFIG, 5);
        config.put(ProducerConfig.BATCH_SIZE_CONFIG, 256 << 10);
        producer = new KafkaProducer<>(config, new StringSerializer(), new ByteArraySerializer());
        thread = new Thread(this::run, "replay");
    }

    /** Begins to send. */
    public Replayer start() {
        beganNanos = nanoClock.getAsLong();
        thread.start();
        return this;
    }

    /** Events sent so far. */
    public long sent() {
        return sent;
    }

    /** Whether the log is at its end and, where paced, everything has come all the way. */
    public boolean isEnded() {
        return ended;
    }

    /** How much of the log has been read, 0 to 1. */
    public double progress() {
        return ended ? 1 : recording.progress();
    }

    /** How long it has run. */
    public Duration elapsed() {
        return Duration.ofNanos((ended ? endedNanos : nanoClock.getAsLong()) - beganNanos);
    }

    /** How long it will still take, from the share of the log read so far; null while that can't be said. */
    public @Nullable Duration timeLeft() {
        double share = progress();
        return share < 0.005 || sent == 0
                ? null
                : Duration.ofMillis((long) (elapsed().toMillis() * (1 - share) / share));
    }

    /** Why it ended by itself before the end; null while all is well. */
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
        recording.close();
    }

    private void run() {
        try {
            sendAll();
            producer.flush();
            while (pace != null && !stopping && !pace.isDone(sent)) {
                LockSupport.parkNanos(ASK_EVERY.toNanos());
            }
        } catch (RuntimeException e) {
            if (!stopping) {
                failure.compareAndSet(null, e);
                LOG.error("the replay stops: {}", e.getMessage());
            }
        } finally {
            endedNanos = nanoClock.getAsLong();
            ended = true;
        }
    }

    private void sendAll() {
        long firstMillis = 0;
        while (!stopping) {
            Recording.Recorded next = recording.next();
            if (next == null) {
                return;
            }
            CanonicalEvent event = next.event();
            if (sent == 0) {
                firstMillis = event.timeMillis();
            }
            awaitTime(event.timeMillis() - firstMillis);
            while (pace != null && !stopping && !pace.maySend(sent)) {
                LockSupport.parkNanos(ASK_EVERY.toNanos());
            }
            if (stopping) {
                return;
            }
            send(event);
            sent = sent + 1; // written by this thread only
        }
    }

    private void awaitTime(long sinceFirstMillis) {
        if (speed.isEmpty()) {
            return;
        }
        long due = beganNanos + (long) (sinceFirstMillis * 1e6 / speed.getAsDouble());
        while (!stopping) {
            long ahead = due - nanoClock.getAsLong();
            if (ahead <= 0) {
                return;
            }
            LockSupport.parkNanos(Math.min(ahead, 100_000_000));
        }
    }

    private void send(CanonicalEvent event) {
        switch (recording.kind()) {
            case VIEWER ->
                send(
                        topics.viewerEvents(),
                        event.entityId(),
                        new ViewerEvent(
                                event.eventId(),
                                event.entityId(),
                                event.contextId(),
                                event.timeMillis(),
                                event.type(),
                                event.numbers(),
                                event.attributes(),
                                event.text()));
            case PLAYER ->
                send(
                        topics.playerEvents(),
                        event.entityId(),
                        new PlayerEvent(
                                event.eventId(),
                                event.entityId(),
                                event.contextId(),
                                event.timeMillis(),
                                event.type(),
                                event.numbers(),
                                event.attributes(),
                                event.text()));
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

    /** What a replay left out, for people: nothing if it left out nothing. */
    public List<String> faults() {
        return recording.faults();
    }

    /** Whose events the log has. */
    public Kind kind() {
        return recording.kind();
    }
}
