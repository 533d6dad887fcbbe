package io.livepredict.deploy.bench;

import io.livepredict.avro.Prediction;
import io.livepredict.contract.Topics;
import io.livepredict.streams.config.StreamsAppSettings;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.streams.KafkaStreams;

/** Events at a steady rate; the time from an event's sending to its predictions' reaching a read_committed consumer. */
final class LatencyRun {
    /** What comes before is not counted: everything is still being loaded and compiled. */
    static final Duration WARM_UP = Duration.ofSeconds(4);

    private static final Duration LONGEST_START = Duration.ofMinutes(2);

    private LatencyRun() {}

    /**
     * In milliseconds.
     *
     * @param predictions how many were timed
     */
    record Outcome(double p50, double p99, long predictions) {}

    /** @param topics of events, which this run sends, and of results alike */
    static Outcome of(BenchGround ground, BenchFlow flow, StreamsAppSettings config, Topics topics, EventLog events)
            throws InterruptedException {
        String id = topics.namespace().name("streams");
        AtomicBoolean stop = new AtomicBoolean();
        long[] latencies = new long[1 << 16];
        int size = 0;
        try (KafkaStreams streams =
                        new KafkaStreams(flow.topology(topics, ground.serdes), ground.properties(config, id));
                KafkaConsumer<byte[], byte[]> consumer = consumer(ground, topics)) {
            streams.start();
            long deadline = System.nanoTime() + LONGEST_START.toNanos();
            while (streams.state() != KafkaStreams.State.RUNNING) {
                if (System.nanoTime() > deadline) {
                    throw new IllegalStateException("Kafka Streams is not running after " + LONGEST_START);
                }
                LockSupport.parkNanos(10_000_000);
            }
            long counted = System.currentTimeMillis() + WARM_UP.toMillis();
            Thread feeder = new Thread(() -> events.sendLive(ground.producer(), topics, stop), "bench-feeder");
            feeder.start();
            var deserializer = topics.predictions().value().deserializer();
            while (feeder.isAlive()) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(50))) {
                    Prediction prediction = deserializer.deserialize(record.topic(), record.value());
                    long sent = prediction.getEventTime().toEpochMilli();
                    if (sent >= counted) {
                        if (size == latencies.length) {
                            latencies = Arrays.copyOf(latencies, size * 2);
                        }
                        latencies[size++] = System.currentTimeMillis() - sent;
                    }
                }
            }
        } finally {
            stop.set(true);
        }
        if (size == 0) {
            throw new IllegalStateException("no prediction came within the time; give more --seconds");
        }
        Arrays.sort(latencies, 0, size);
        return new Outcome(latencies[size / 2], latencies[(int) (size * 0.99)], size);
    }

    private static KafkaConsumer<byte[], byte[]> consumer(BenchGround ground, Topics topics) {
        Map<String, Object> settings = new HashMap<>(ground.kafka.consumer("bench-reader"));
        settings.put("isolation.level", "read_committed");
        settings.put("auto.offset.reset", "earliest");
        settings.put("enable.auto.commit", false);
        settings.put("max.poll.records", 5_000);
        KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        String topic = topics.predictions().name();
        consumer.assign(consumer.partitionsFor(topic).stream()
                .map(each -> new TopicPartition(topic, each.partition()))
                .toList());
        return consumer;
    }
}
