package io.livepredict.streams.wiring;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.processor.StateRestoreListener;
import org.jspecify.annotations.Nullable;

/**
 * Whether one client of Kafka Streams makes progress, by its own metrics: a thread that no longer asks for records, or
 * records that are processed and not committed, are a stream that is frozen, whatever the client's state says.
 */
final class StreamsProgress implements StateRestoreListener {
    /** A thread asks for records ten times a second, and commits every second or so. */
    static final Duration FROZEN_AFTER = Duration.ofSeconds(60);

    private final KafkaStreams client;
    private final String group;
    private final InstantSource clock;
    private final LongConsumer counter;
    private final Map<TopicPartition, Restoring> restoring = new ConcurrentHashMap<>();
    private volatile KafkaStreams.State state;
    private volatile Instant stateSince;
    private volatile @Nullable String frozen;
    /** When the last record was restored, or a restore began or ended. */
    private volatile Instant restoredAt;

    private double committed = -1;
    private double processedAtCommit;
    private Instant committedAt;

    private record Restoring(String store, long records, AtomicLong done) {}

    /**
     * @param group the consumer group, for messages
     * @param counter told how many records were restored
     */
    StreamsProgress(KafkaStreams client, String group, InstantSource clock, LongConsumer counter) {
        this.client = client;
        this.group = group;
        this.clock = clock;
        this.counter = counter;
        state = client.state();
        stateSince = clock.instant();
        committedAt = stateSince;
        restoredAt = stateSince;
        client.setGlobalStateRestoreListener(this);
    }

    /** Looks at the state and the metrics. To be called every few seconds, on one thread. */
    void look() {
        KafkaStreams.State now = client.state();
        if (now != state) {
            state = now;
            stateSince = clock.instant();
        }
        frozen = now == KafkaStreams.State.RUNNING ? frozenBecause() : null;
    }

    private @Nullable String frozenBecause() {
        double processed = 0;
        double commits = 0;
        String silent = null;
        for (Map.Entry<MetricName, ? extends Metric> each : client.metrics().entrySet()) {
            MetricName name = each.getKey();
            switch (name.name()) {
                case "process-total" -> processed += ofThread(name, each.getValue());
                case "commit-total" -> commits += ofThread(name, each.getValue());
                case "last-poll-seconds-ago" -> {
                    String consumer = name.tags().getOrDefault("client-id", "");
                    double ago = number(each.getValue());
                    if (isMain(consumer) && ago > FROZEN_AFTER.toSeconds()) {
                        silent = consumer + " has not asked for records for " + Math.round(ago) + " s";
                    }
                }
                default -> {}
            }
        }
        Instant now = clock.instant();
        if (commits != committed || processed <= processedAtCommit) {
            committed = commits;
            processedAtCommit = processed;
            committedAt = now;
        }
        if (silent != null) {
            return silent;
        }
        return Duration.between(committedAt, now).compareTo(FROZEN_AFTER) > 0
                ? "nothing has been committed since " + committedAt + ", though records were processed"
                : null;
    }

    private static boolean isMain(String consumer) {
        return consumer.endsWith("-consumer")
                && !consumer.endsWith("-restore-consumer")
                && !consumer.endsWith("-global-consumer");
    }

    private static double ofThread(MetricName name, Metric metric) {
        return name.group().equals("stream-thread-metrics") ? number(metric) : 0;
    }

    private static double number(Metric metric) {
        return metric.metricValue() instanceof Number number ? number.doubleValue() : 0;
    }

    /** Why it makes no progress, since when, and where to look; empty when it does. */
    Optional<String> trouble() {
        KafkaStreams.State now = client.state();
        String standing = frozen;
        if (now == KafkaStreams.State.RUNNING) {
            return standing == null
                    ? Optional.empty()
                    : Optional.of("streams are frozen: " + standing + "; look at the load and disk of this machine and"
                            + " at the brokers' logs");
        }
        String restored = restored();
        return Optional.of("streams are " + now + " since " + (now == state ? stateSince : clock.instant())
                + (restored.isEmpty()
                        ? now == KafkaStreams.State.REBALANCING
                                ? "; if that lasts, a member of group " + group
                                        + " or its coordinator is stuck: look at"
                                        + " the brokers' logs and at the group's members"
                                : ""
                        : "; " + restored));
    }

    private String restored() {
        long records = 0;
        long done = 0;
        for (Restoring each : restoring.values()) {
            records += each.records;
            done += Math.min(each.records, each.done.get());
        }
        if (records == 0) {
            return "";
        }
        String standing =
                "state is being restored, " + done + " of " + records + " records of " + restoring.size() + " stores";
        Instant last = restoredAt;
        return Duration.between(last, clock.instant()).compareTo(FROZEN_AFTER) <= 0
                ? standing
                : standing + ", but none since " + last
                        + ": do the brokers answer, or have they left a transaction open"
                        + " in a changelog ('kafka-transactions.sh find-hanging', then 'abort')?";
    }

    @Override
    public void onRestoreStart(TopicPartition partition, String store, long start, long end) {
        restoredAt = clock.instant();
        restoring.put(partition, new Restoring(store, end - start, new AtomicLong()));
    }

    @Override
    public void onBatchRestored(TopicPartition partition, String store, long end, long records) {
        counter.accept(records);
        restoredAt = clock.instant();
        Restoring one = restoring.get(partition);
        if (one != null) {
            one.done.addAndGet(records);
        }
    }

    @Override
    public void onRestoreEnd(TopicPartition partition, String store, long total) {
        restoredAt = clock.instant();
        restoring.remove(partition);
    }

    @Override
    public void onRestoreSuspended(TopicPartition partition, String store, long total) {
        restoring.remove(partition);
    }
}
