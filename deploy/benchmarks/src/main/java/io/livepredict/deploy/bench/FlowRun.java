package io.livepredict.deploy.bench;

import com.sun.management.OperatingSystemMXBean;
import io.livepredict.contract.Topics;
import io.livepredict.streams.config.StreamsAppSettings;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler;
import org.jspecify.annotations.Nullable;

/** One flow over all events, which are in their topics already, from its start until it has committed the last. */
final class FlowRun {
    /** The first part, in which everything is loaded and compiled, is not timed. */
    private static final double WARM_UP = 0.25;

    private static final Duration LONGEST = Duration.ofMinutes(15);

    private FlowRun() {}

    /** Looks on while a run is timed. */
    interface Watch {
        /** The run is warm. */
        void begin(List<KafkaStreams> streams);

        /** All is committed, and the streams still run. */
        void end(List<KafkaStreams> streams);

        /** Sees nothing. */
        static Watch none() {
            return new Watch() {
                @Override
                public void begin(List<KafkaStreams> streams) {}

                @Override
                public void end(List<KafkaStreams> streams) {}
            };
        }
    }

    /**
     * What came out.
     *
     * @param recordsPerSecond events by the clock
     * @param recordsPerCpuSecond events per second of processor time of this whole process, broker included
     * @param streamThreadMicros processor time of the stream thread an event
     * @param records events that were timed
     * @param predictions written in all
     * @param examples written in all
     * @param bytes of predictions and examples in all
     */
    record Outcome(
            double recordsPerSecond,
            double recordsPerCpuSecond,
            double streamThreadMicros,
            long records,
            long predictions,
            long examples,
            long bytes) {}

    /**
     * @param namespace where results go; must be new
     * @param overrides of the streams' properties
     * @param instances of the app, each with its own state and clients, that share the partitions
     */
    static Outcome of(
            BenchGround ground,
            BenchFlow flow,
            StreamsAppSettings config,
            Map<TopicPartition, Long> ends,
            String namespace,
            Map<String, String> overrides,
            int instances,
            Watch watch)
            throws ExecutionException, InterruptedException {
        CountingSerdes serdes = new CountingSerdes(ground.serdes);
        Topics topics = ground.topics(namespace, serdes);
        ground.create(topics);
        String id = BenchGround.applicationId(namespace);
        long all = ends.values().stream().mapToLong(Long::longValue).sum();
        AtomicReference<@Nullable Throwable> lost = new AtomicReference<>();
        List<KafkaStreams> running = new ArrayList<>();
        try {
            for (int instance = 0; instance < instances; instance++) {
                Properties properties = ground.properties(config, id);
                properties.putAll(overrides);
                properties.merge("state.dir", "-" + instance, (dir, suffix) -> dir.toString() + suffix);
                KafkaStreams streams = new KafkaStreams(flow.topology(topics, serdes), properties);
                running.add(streams);
                streams.setUncaughtExceptionHandler(e -> {
                    lost.set(e);
                    return StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
                });
                streams.start();
            }
            long deadline = System.nanoTime() + LONGEST.toNanos();
            long from = -1;
            Instant begin = Instant.now(id);
            while (true) {
                long at = committed(ground, id, ends);
                if (from < 0 && at >= all * WARM_UP) {
                    from = at;
                    watch.begin(running);
                    begin = Instant.now(id);
                }
                if (at >= all) {
                    Instant end = Instant.now(id);
                    watch.end(running);
                    return outcome(all - from, begin, end, serdes);
                }
                if (lost.get() != null || System.nanoTime() > deadline) {
                    throw new IllegalStateException(
                            flow.name() + " came to event " + at + " of " + all + ": " + lost.get(), lost.get());
                }
                LockSupport.parkNanos(10_000_000);
            }
        } finally {
            running.forEach(KafkaStreams::close);
        }
    }

    private static Outcome outcome(long events, Instant begin, Instant end, CountingSerdes serdes) {
        return new Outcome(
                events / ((end.nanos - begin.nanos) / 1e9),
                events / ((end.cpuNanos - begin.cpuNanos) / 1e9),
                (end.threadNanos - begin.threadNanos) / 1e3 / events,
                events,
                serdes.predictions(),
                serdes.examples(),
                serdes.bytes());
    }

    private static long committed(BenchGround ground, String group, Map<TopicPartition, Long> ends)
            throws ExecutionException, InterruptedException {
        Map<TopicPartition, OffsetAndMetadata> offsets = ground.admin
                .listConsumerGroupOffsets(group)
                .partitionsToOffsetAndMetadata()
                .get();
        return ends.keySet().stream()
                .mapToLong(partition -> {
                    OffsetAndMetadata offset = offsets.get(partition);
                    return offset == null ? 0 : offset.offset();
                })
                .sum();
    }

    /** The clocks at one moment. */
    private record Instant(long nanos, long cpuNanos, long threadNanos) {
        static Instant now(String streams) {
            ThreadMXBean threads = ManagementFactory.getThreadMXBean();
            long own = 0;
            for (ThreadInfo thread : threads.getThreadInfo(threads.getAllThreadIds())) {
                if (thread != null
                        && thread.getThreadName().startsWith(streams)
                        && thread.getThreadName().contains("StreamThread")) {
                    own += Math.max(0, threads.getThreadCpuTime(thread.getThreadId()));
                }
            }
            OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
            return new Instant(System.nanoTime(), system.getProcessCpuTime(), own);
        }
    }
}
