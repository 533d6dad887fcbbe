package io.livepredict.deploy.loop;

import io.livepredict.avro.Prediction;
import io.livepredict.contract.Kind;
import io.livepredict.contract.Topic;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * A reader of committed predictions, as a user has one: notes which versions are served, and for each phase how long after
 * its event was sent a prediction was here.
 */
final class PredictionTap implements AutoCloseable {
    /** What goes on meanwhile. */
    enum Phase {
        WARMING,
        CALM,
        SWAPPING
    }

    private final SteadyLoad load;
    private final Topic<String, Prediction> topic;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Map<Phase, Latencies> latencies = new EnumMap<>(Phase.class);
    private final Map<Kind, Set<Long>> served = new EnumMap<>(Kind.class);
    private final Thread thread = new Thread(this::read, "prediction-tap");
    private Phase phase = Phase.WARMING;
    private long count;
    private volatile boolean closing;

    private static final class Latencies {
        long[] nanos = new long[1 << 12];
        int size;

        void add(long value) {
            if (size == nanos.length) {
                nanos = Arrays.copyOf(nanos, 2 * size);
            }
            nanos[size++] = value;
        }

        /** Milliseconds that such a share is below. */
        double quantile(double share) {
            long[] sorted = Arrays.copyOf(nanos, size);
            Arrays.sort(sorted);
            return size == 0 ? Double.NaN : sorted[(int) (share * (size - 1))] / 1e6;
        }
    }

    PredictionTap(Installation installation, SteadyLoad load) {
        this.load = load;
        topic = installation.topics().predictions();
        for (Phase each : Phase.values()) {
            latencies.put(each, new Latencies());
        }
        for (Kind kind : Kind.values()) {
            served.put(kind, new HashSet<>());
        }
        Map<String, Object> config = new HashMap<>(installation.client());
        config.put("isolation.level", "read_committed");
        config.put("auto.offset.reset", "earliest");
        config.put("fetch.max.wait.ms", 50);
        consumer = new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        consumer.assign(IntStream.range(0, Installation.PARTITIONS)
                .mapToObj(p -> new TopicPartition(topic.name(), p))
                .toList());
        thread.start();
    }

    private void read() {
        try {
            while (!closing) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
                    take(topic.value().deserializer().deserialize(topic.name(), record.value()));
                }
            }
        } catch (WakeupException e) {
            // close() does this
        } finally {
            consumer.close();
        }
    }

    private synchronized void take(Prediction prediction) {
        count++;
        versions(Kind.of(prediction.getKind())).add(prediction.getModelVersion());
        long sent = load.sentAtNanos(prediction.getEventId());
        if (sent >= 0) {
            latencies(phase).add(System.nanoTime() - sent);
        }
    }

    private Set<Long> versions(Kind kind) {
        return Objects.requireNonNull(served.get(kind));
    }

    private Latencies latencies(Phase of) {
        return Objects.requireNonNull(latencies.get(of));
    }

    synchronized void phase(Phase now) {
        phase = now;
    }

    /** How many predictions came so far. */
    synchronized long count() {
        return count;
    }

    /** Whether that version has made a prediction. */
    synchronized boolean served(Kind kind, long version) {
        return versions(kind).contains(version);
    }

    /** Latencies with and without swaps. */
    synchronized String summary() {
        Latencies calm = latencies(Phase.CALM);
        Latencies swapping = latencies(Phase.SWAPPING);
        return String.format(
                Locale.ROOT,
                "latency p50/p99 while swapping %.0f/%.0f ms (n = %d), otherwise %.0f/%.0f ms (n = %d), ratio of p99"
                        + " %.2f",
                swapping.quantile(.5),
                swapping.quantile(.99),
                swapping.size,
                calm.quantile(.5),
                calm.quantile(.99),
                calm.size,
                swapping.quantile(.99) / calm.quantile(.99));
    }

    @Override
    public void close() throws InterruptedException {
        closing = true;
        consumer.wakeup();
        thread.join();
    }
}
