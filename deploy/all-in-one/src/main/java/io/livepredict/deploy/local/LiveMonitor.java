package io.livepredict.deploy.local;

import io.livepredict.avro.LabelledExample;
import io.livepredict.avro.OracleRecord;
import io.livepredict.avro.TargetLabel;
import io.livepredict.contract.Hashes;
import io.livepredict.contract.Kind;
import io.livepredict.contract.Target;
import io.livepredict.contract.Topic;
import io.livepredict.contract.Topics;
import io.livepredict.deploy.report.ReportRequest.Latency;
import io.livepredict.deploy.report.TopicPositions;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches a run as any consumer of the results could: reads committed predictions for their rate and latency, and
 * examples with what the oracle expected for the recent log-loss of the served scores. One thread of its own; what it
 * tells may be asked from any.
 */
final class LiveMonitor implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LiveMonitor.class);
    /** The recent labels of a target that its figures are about. */
    private static final int WINDOW = 3_000;
    /** What the oracle expected is remembered until the labels come: the longest horizon and some more. */
    private static final int ORACLE_KEPT = 300_000;

    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Clock clock;
    private final String predictions;
    private final String oracleTopic;
    private final Topic<String, OracleRecord> oracle;
    private final Map<String, Topic<String, LabelledExample>> examples = new HashMap<>();
    private final Map<String, Recent> recent = new LinkedHashMap<>();
    private final Map<Long, Map<String, Double>> expected = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Map<String, Double>> eldest) {
            return size() > ORACLE_KEPT;
        }
    };
    private final Histogram latency = new Histogram(Latency.DIGITS);
    private final Histogram recentLatency = new Histogram(Latency.DIGITS);
    private final Thread thread;
    private long predictionCount;
    private long labelCount;
    private volatile boolean stopping;

    /**
     * The recent scores of one target.
     *
     * @param n labels they are about
     * @param served log-loss of what was served
     * @param base log-loss of their base rate
     * @param oracle log-loss of the oracle; NaN without one
     */
    record Loss(int n, double served, double base, double oracle) {}

    /** @param client configuration of a Kafka client; @param from where the run begins */
    LiveMonitor(Map<String, Object> client, Topics topics, List<Target> targets, TopicPositions from, Clock clock) {
        this.clock = clock;
        predictions = topics.predictions().name();
        oracle = topics.oracle();
        oracleTopic = oracle.name();
        for (Target target : targets) {
            if (target.isBinary()) {
                recent.put(target.name(), new Recent());
            }
        }
        Map<String, Object> config = new HashMap<>(client);
        config.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        config.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 5_000);
        config.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 100);
        consumer = new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        List<TopicPartition> partitions = new ArrayList<>();
        List<String> names = new ArrayList<>(List.of(predictions, oracleTopic));
        for (Kind kind : Kind.values()) {
            Topic<String, LabelledExample> topic = topics.labelledExamples(kind);
            examples.put(topic.name(), topic);
            names.add(topic.name());
        }
        Map<String, List<PartitionInfo>> known = consumer.listTopics(Duration.ofSeconds(15));
        for (String name : names) {
            known.getOrDefault(name, List.of()).forEach(p -> partitions.add(new TopicPartition(name, p.partition())));
        }
        consumer.assign(partitions);
        partitions.forEach(p -> consumer.seek(p, from.from(p)));
        thread = new Thread(this::run, "monitor");
        thread.setDaemon(true);
    }

    LiveMonitor start() {
        thread.start();
        return this;
    }

    synchronized long predictions() {
        return predictionCount;
    }

    synchronized long labels() {
        return labelCount;
    }

    /** Latency of the predictions since the last call; null if there were none. */
    synchronized @Nullable Latency recentLatency() {
        Latency recent = Latency.of(recentLatency);
        recentLatency.reset();
        return recent;
    }

    /** Latency of all predictions so far; null if there were none. */
    synchronized @Nullable Latency latency() {
        return Latency.of(latency);
    }

    /** By target. */
    synchronized Map<String, Loss> losses() {
        Map<String, Loss> losses = new LinkedHashMap<>();
        recent.forEach((target, scores) -> losses.put(target, scores.loss()));
        return losses;
    }

    @Override
    public void close() {
        stopping = true;
        consumer.wakeup();
        try {
            thread.join(5_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try (consumer) {
            while (!stopping) {
                var records = consumer.poll(Duration.ofMillis(200));
                long now = clock.millis();
                synchronized (this) {
                    for (ConsumerRecord<byte[], byte[]> each : records) {
                        take(each, now);
                    }
                }
            }
        } catch (WakeupException e) {
            // The consumer was closed.
        } catch (RuntimeException e) {
            if (!stopping) {
                LOG.warn("the status line stops: {}", e.getMessage());
            }
        }
    }

    private void take(ConsumerRecord<byte[], byte[]> each, long now) {
        if (each.topic().equals(predictions)) {
            predictionCount++;
            long millis = Math.max(0, now - each.timestamp());
            latency.recordValue(millis);
            recentLatency.recordValue(millis);
        } else if (each.topic().equals(oracleTopic)) {
            OracleRecord record = oracle.value().deserializer().deserialize(oracleTopic, each.value());
            expected.put(place(record.getEntityId(), record.getTime()), record.getProbabilities());
        } else {
            Topic<String, LabelledExample> topic = examples.get(each.topic());
            if (topic != null) {
                take(topic.value().deserializer().deserialize(each.topic(), each.value()));
            }
        }
    }

    private void take(LabelledExample example) {
        Map<String, Double> known = expected.getOrDefault(place(example.getEntityId(), example.getAsOf()), Map.of());
        for (TargetLabel label : example.getLabels()) {
            Recent scores = recent.get(label.getTarget());
            labelCount++;
            if (scores != null) {
                scores.add(label.getServedScore(), label.getLabel(), known.getOrDefault(label.getTarget(), Double.NaN));
            }
        }
    }

    private static long place(String entity, long time) {
        return Hashes.parts(entity, Long.toString(time));
    }

    /** Sums over the last labels of a target. */
    private static final class Recent {
        private static final double NEAREST = 1e-7;
        private final Deque<double[]> window = new ArrayDeque<>();

        void add(double score, double label, double expected) {
            window.add(new double[] {label, loss(score, label), loss(expected, label)});
            if (window.size() > WINDOW) {
                window.remove();
            }
        }

        Loss loss() {
            double positives = 0;
            double served = 0;
            double oracle = 0;
            for (double[] each : window) {
                positives += each[0];
                served += each[1];
                oracle += each[2];
            }
            int n = window.size();
            double rate = positives / n;
            double base = rate <= 0 || rate >= 1 ? 0 : -rate * Math.log(rate) - (1 - rate) * Math.log1p(-rate);
            return new Loss(n, served / n, base, oracle / n);
        }

        private static double loss(double probability, double label) {
            if (Double.isNaN(probability)) {
                return Double.NaN;
            }
            double p = Math.clamp(probability, NEAREST, 1 - NEAREST);
            return label > 0.5 ? -Math.log(p) : -Math.log1p(-p);
        }
    }
}
