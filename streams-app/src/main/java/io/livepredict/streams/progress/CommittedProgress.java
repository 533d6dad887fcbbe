package io.livepredict.streams.progress;

import io.livepredict.streams.time.InputProgress;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the brokers where silent source partitions end and up to where the group has committed them. If all is committed that
 * was there at some moment, the silence up to then was that of the platform. On a thread of its own, and only for the
 * partitions that are asked about.
 *
 * <p>Ends are those of uncommitted records: what an open transaction holds back is on its way. Between the last committed
 * offset and the end there may be nothing but the markers of transactions, which no reader ever sees; whether that is so is
 * found out by reading from there. An end that is not reached yet is noted, so that a partition into which records flow that
 * are no events is proved to be read as well, only later.
 */
public final class CommittedProgress implements InputProgress, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CommittedProgress.class);
    /** A broker that takes longer counts as one that does not answer. */
    private static final Duration SILENT_AFTER = Duration.ofSeconds(3);
    /** How long reading over a gap may take: the end of a transaction that is still open can't be reached. */
    private static final Duration GAP_READ_WITHIN = Duration.ofSeconds(1);

    /** An end, and when it was asked for. */
    private record Noted(long end, long atMillis) {}

    private final Admin admin;
    private final Supplier<Consumer<byte[], byte[]>> probes;
    private final String group;
    private final Duration every;
    private final LongSupplier wallClockMillis;
    private final Set<TopicPartition> asked = ConcurrentHashMap.newKeySet();
    private final Map<TopicPartition, Long> readUntil = new ConcurrentHashMap<>();
    /** Ends that were not committed when they were asked for. */
    private final Map<TopicPartition, Noted> noted = new HashMap<>();
    /** Partition to the committed offset and end between which there is nothing to read. */
    private final Map<TopicPartition, Gap> empty = new HashMap<>();

    private record Gap(long from, long to) {}

    private final Thread thread;
    private volatile long unknownMillis;
    private volatile boolean closing;
    private @Nullable Consumer<byte[], byte[]> probe;

    /**
     * @param probes makes a consumer that reads committed records, without a group
     * @param group of the app
     * @param every between two looks
     */
    public CommittedProgress(
            Admin admin,
            Supplier<Consumer<byte[], byte[]>> probes,
            String group,
            Duration every,
            LongSupplier wallClockMillis) {
        this.admin = admin;
        this.probes = probes;
        this.group = group;
        this.every = every;
        this.wallClockMillis = wallClockMillis;
        this.unknownMillis = wallClockMillis.getAsLong();
        this.thread = new Thread(this::look, "livepredict-progress");
        this.thread.setDaemon(true);
    }

    /**
     * Makes consumers for {@link #CommittedProgress}.
     *
     * @param consumer how to reach Kafka; what matters here is set here
     */
    public static Supplier<Consumer<byte[], byte[]>> probes(Map<String, Object> consumer) {
        Map<String, Object> config = new HashMap<>(consumer);
        config.remove(ConsumerConfig.GROUP_ID_CONFIG);
        config.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        config.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        config.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 1);
        config.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, 64 * 1024);
        return () -> new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    /** Begins to look. */
    public void start() {
        thread.start();
    }

    @Override
    public Known known(TopicPartition source) {
        asked.add(source);
        return new Known(readUntil.getOrDefault(source, Long.MIN_VALUE), unknownMillis);
    }

    private void look() {
        boolean failing = false;
        while (!closing) {
            Set<TopicPartition> wanted = new HashSet<>(asked);
            asked.removeAll(wanted);
            try {
                if (!wanted.isEmpty()) {
                    look(wanted);
                    failing = false;
                }
                Thread.sleep(every);
            } catch (InterruptedException | org.apache.kafka.common.errors.InterruptException e) {
                // close() does this; the loop's condition decides.
            } catch (ExecutionException | KafkaException e) {
                unknownMillis = wallClockMillis.getAsLong();
                if (!failing && !closing) {
                    LOG.warn("idle partitions wait: the brokers do not say where they end: {}", e.getMessage());
                    failing = true;
                }
            }
        }
        if (probe != null) {
            probe.close();
        }
        admin.close(Duration.ZERO);
    }

    private void look(Set<TopicPartition> wanted) throws ExecutionException, InterruptedException {
        long before = wallClockMillis.getAsLong();
        Map<TopicPartition, Long> ends = offsets(wanted, OffsetSpec.latest());
        Map<TopicPartition, OffsetAndMetadata> committed = admin.listConsumerGroupOffsets(
                        group, new ListConsumerGroupOffsetsOptions().timeoutMs((int) SILENT_AFTER.toMillis()))
                .partitionsToOffsetAndMetadata()
                .get();
        Set<TopicPartition> never = wanted.stream()
                .filter(partition -> committed.get(partition) == null)
                .collect(Collectors.toSet());
        Map<TopicPartition, Long> begins = never.isEmpty() ? Map.of() : offsets(never, OffsetSpec.earliest());
        Map<TopicPartition, Gap> gaps = new HashMap<>();
        ends.forEach((partition, end) -> {
            OffsetAndMetadata at = committed.get(partition);
            long from = at == null ? begins.getOrDefault(partition, 0L) : at.offset();
            Gap gap = new Gap(from, end);
            Noted earlier = noted.get(partition);
            if (from >= end || gap.equals(empty.get(partition))) {
                isRead(partition, before);
            } else {
                if (earlier != null && from >= earlier.end) {
                    isRead(partition, earlier.atMillis);
                }
                noted.putIfAbsent(partition, new Noted(end, before));
                gaps.put(partition, gap);
            }
        });
        withoutRecords(gaps).forEach(partition -> isRead(partition, before));
    }

    /** Everything that was in the partition at that moment has been processed and committed. */
    private void isRead(TopicPartition partition, long atMillis) {
        readUntil.merge(partition, atMillis, Math::max);
        noted.remove(partition);
    }

    private Map<TopicPartition, Long> offsets(Collection<TopicPartition> partitions, OffsetSpec which)
            throws ExecutionException, InterruptedException {
        Map<TopicPartition, Long> offsets = new HashMap<>();
        admin.listOffsets(
                        partitions.stream().collect(Collectors.toMap(p -> p, p -> which)),
                        new ListOffsetsOptions(IsolationLevel.READ_UNCOMMITTED)
                                .timeoutMs((int) SILENT_AFTER.toMillis()))
                .all()
                .get()
                .forEach((partition, offset) -> offsets.put(partition, offset.offset()));
        return offsets;
    }

    /** Those of the gaps in which there is no record that a reader would see. */
    private Set<TopicPartition> withoutRecords(Map<TopicPartition, Gap> gaps) {
        Set<TopicPartition> passed = new HashSet<>();
        if (gaps.isEmpty()) {
            return passed;
        }
        Consumer<byte[], byte[]> reader = probe == null ? probes.get() : probe;
        probe = reader;
        reader.assign(gaps.keySet());
        reader.resume(gaps.keySet()); // the same partitions as last time stay paused where records were found then
        gaps.forEach((partition, gap) -> reader.seek(partition, gap.from()));
        Set<TopicPartition> open = new HashSet<>(gaps.keySet());
        long deadline = System.nanoTime() + GAP_READ_WITHIN.toNanos();
        while (!open.isEmpty() && System.nanoTime() < deadline) {
            Set<TopicPartition> withRecords =
                    reader.poll(Duration.ofMillis(100)).partitions();
            open.removeAll(withRecords);
            reader.pause(withRecords);
            for (TopicPartition partition : Set.copyOf(open)) {
                Gap gap = gaps.get(partition);
                if (gap != null && reader.position(partition, SILENT_AFTER) >= gap.to()) {
                    open.remove(partition);
                    passed.add(partition);
                    empty.put(partition, gap);
                }
            }
        }
        return passed;
    }

    /** Stops looking. */
    @Override
    public void close() {
        closing = true;
        if (thread.isAlive()) {
            thread.interrupt();
            try {
                thread.join(Duration.ofSeconds(10));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        } else {
            admin.close(Duration.ZERO);
        }
    }
}
