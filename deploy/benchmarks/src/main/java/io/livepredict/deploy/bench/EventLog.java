package io.livepredict.deploy.bench;

import io.livepredict.contract.CanonicalEvent;
import io.livepredict.contract.Kind;
import io.livepredict.contract.Target;
import io.livepredict.contract.Topic;
import io.livepredict.contract.Topics;
import io.livepredict.deploy.simulator.SimulatedEvent;
import io.livepredict.deploy.simulator.SimulatedEventBuilder;
import io.livepredict.deploy.simulator.SimulatedPlatform;
import io.livepredict.deploy.simulator.SimulatorSettings;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** The simulated platform's events, drawn beforehand so that drawing them costs nothing while something is measured. */
final class EventLog {
    private final List<SimulatedEvent> events = new ArrayList<>();
    private final long startMillis;

    /**
     * @param count how many
     * @param perSecond at which rate, in event time
     * @param startMillis event time of the first
     */
    EventLog(int count, double perSecond, long startMillis, List<Target> targets) {
        this.startMillis = startMillis;
        SimulatedPlatform platform =
                new SimulatedPlatform(SimulatorSettings.of(1, startMillis, perSecond, null, targets));
        for (int i = 0; i < count; i++) {
            events.add(platform.next());
        }
    }

    /** How many events there are of each kind. */
    Map<Kind, Integer> counts() {
        Map<Kind, Integer> counts = new EnumMap<>(Kind.class);
        events.forEach(event -> counts.merge(event.kind(), 1, Integer::sum));
        return counts;
    }

    /** Sends all of them at once. */
    void sendAll(Map<String, Object> client, Topics topics) {
        try (KafkaProducer<String, byte[]> producer = producer(client)) {
            events.forEach(event -> send(producer, topics, event));
        }
    }

    /**
     * Sends each when its time has come, which then is both when it happens and when it is sent.
     *
     * @param stop set to end it before the last event
     */
    void sendLive(Map<String, Object> client, Topics topics, AtomicBoolean stop) {
        try (KafkaProducer<String, byte[]> producer = producer(client)) {
            long shift = System.currentTimeMillis() - startMillis;
            for (SimulatedEvent event : events) {
                long due = event.sentMillis() + shift;
                while (System.currentTimeMillis() < due && !stop.get()) {
                    LockSupport.parkNanos(500_000);
                }
                if (stop.get()) {
                    return;
                }
                send(
                        producer,
                        topics,
                        SimulatedEventBuilder.builder(event)
                                .timeMillis(due)
                                .sentMillis(due)
                                .build());
            }
        }
    }

    private static KafkaProducer<String, byte[]> producer(Map<String, Object> client) {
        Map<String, Object> config = new HashMap<>(client);
        config.put("linger.ms", 1);
        config.put("batch.size", 128 << 10);
        return new KafkaProducer<>(config, new StringSerializer(), new ByteArraySerializer());
    }

    private static void send(KafkaProducer<String, byte[]> producer, Topics topics, SimulatedEvent event) {
        Topic<String, CanonicalEvent> topic = topics.events(event.kind());
        byte[] value = topic.value().serializer().serialize(topic.name(), event.canonical());
        var unused = producer.send(new ProducerRecord<>(topic.name(), event.entityId(), value));
    }
}
