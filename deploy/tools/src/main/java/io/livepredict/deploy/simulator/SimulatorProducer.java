package io.livepredict.deploy.simulator;

import io.livepredict.avro.OracleRecord;
import io.livepredict.contract.CanonicalEvent;
import io.livepredict.contract.Kind;
import io.livepredict.contract.Topic;
import io.livepredict.contract.Topics;
import io.livepredict.deploy.feed.EventSender;
import java.time.Clock;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Sends a simulated platform's events to their topics when the wall clock has come to them, and what the oracle expects
 * to its side topic. One thread of its own.
 */
public final class SimulatorProducer implements AutoCloseable {
    private final SimulatedPlatform platform;
    private final Clock clock;
    private final Map<Kind, Topic<String, CanonicalEvent>> events = new EnumMap<>(Kind.class);
    private final Topic<String, OracleRecord> oracle;
    private final AtomicLong sent = new AtomicLong();
    private final AtomicLong behindMillis = new AtomicLong();
    private final EventSender sender;

    /** @param client configuration of a Kafka client */
    public SimulatorProducer(SimulatedPlatform platform, Map<String, Object> client, Topics topics, Clock clock) {
        this.platform = platform;
        this.clock = clock;
        for (Kind kind : Kind.values()) {
            events.put(kind, topics.events(kind));
        }
        oracle = topics.oracle();
        sender = new EventSender("simulator", client, this::sendAll);
    }

    /** Begins to send. */
    public SimulatorProducer start() {
        sender.start();
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
        return sender.failure();
    }

    /** Stops sending; what was sent is flushed. */
    @Override
    public void close() {
        sender.close();
    }

    private void sendAll() {
        while (!sender.isStopping()) {
            SimulatedEvent event = platform.next();
            if (!awaitTime(event.sentMillis())) {
                return;
            }
            send(event);
        }
    }

    /** Returns whether to go on. */
    private boolean awaitTime(long millis) {
        while (!sender.isStopping()) {
            long ahead = millis - clock.millis();
            behindMillis.set(Math.max(0, -ahead));
            if (ahead <= 0) {
                return true;
            }
            sender.pause(Duration.ofMillis(Math.min(ahead, 100)));
        }
        return false;
    }

    private void send(SimulatedEvent event) {
        if (!event.isLook()) {
            sender.send(Objects.requireNonNull(events.get(event.kind())), event.entityId(), event.canonical());
            sent.incrementAndGet();
        }
        if (!event.oracle().isEmpty()) {
            sender.send(oracle, event.entityId(), oracle(event));
        }
    }

    /** What is written to the oracle's topic. */
    public static OracleRecord oracle(SimulatedEvent event) {
        return new OracleRecord(event.kind().id(), event.entityId(), event.timeMillis(), event.oracle());
    }
}
