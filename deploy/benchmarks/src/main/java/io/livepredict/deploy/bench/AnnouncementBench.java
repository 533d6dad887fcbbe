package io.livepredict.deploy.bench;

import io.livepredict.cli.Table;
import io.livepredict.contract.Topics;
import io.livepredict.model.ModelVerifier;
import io.livepredict.model.TrustedKeys;
import io.livepredict.serde.AvroDecoder;
import io.livepredict.streams.config.Preset;
import io.livepredict.streams.config.StreamsAppConfig.StoreType;
import io.livepredict.streams.config.StreamsAppSettings;
import io.livepredict.streams.ingest.EventFormats;
import io.livepredict.streams.metrics.AppMetrics;
import io.livepredict.streams.score.onnx.OnnxRuntime;
import io.livepredict.streams.state.RecentValues;
import io.livepredict.streams.step.StateStores;
import io.livepredict.streams.topology.FlowSurroundings;
import io.livepredict.streams.wiring.AppFlow;
import io.livepredict.streams.wiring.FlowPlan;
import io.livepredict.streams.wiring.ServedModels;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.KafkaStreams;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code deploy/bench announcements}: what it costs that each source partition of a re-keyed source tells every task behind the
 * re-keying how far it has come. An installation without and with re-keying does nothing for a while and then goes through a
 * log, in this process, one after the other. What is re-keyed and no event is an announcement, or was sent again after a
 * transaction was given up.
 */
@Command(
        name = "announcements",
        header = "Load of the announcements of event time behind a re-keying.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description =
                "Announcements a second beside events, and processor time, idle and under full load. Both kinds, four"
                        + " source partitions and four repartition partitions each, one thread, scored by the prior.")
final class AnnouncementBench implements Callable<Integer> {
    private static final Duration SETTLED = Duration.ofSeconds(20);
    private static final double EVENTS_PER_SECOND = 2_000;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Option(
            names = "--duration",
            defaultValue = "30s",
            paramLabel = "TIME",
            description = "How long nothing happens; default: ${DEFAULT-VALUE}.")
    private Duration duration = Duration.ZERO;

    @Option(
            names = "--events",
            defaultValue = "100000",
            paramLabel = "N",
            description = "Events of the full load; default: ${DEFAULT-VALUE}.")
    private int events;

    /** What a phase took. */
    private record Phase(double seconds, double cpuSeconds, double sent) {
        Phase since(Phase before) {
            return new Phase(seconds - before.seconds, cpuSeconds - before.cpuSeconds, sent - before.sent);
        }
    }

    private record Measured(Phase idle, Phase load) {}

    @Override
    public Integer call() throws Exception {
        Options.atLeast(spec, "--duration in seconds", duration.toSeconds(), 1);
        Options.atLeast(spec, "--events", events, 1);
        Conditions.of(spec);
        Measured direct = measure(false);
        Measured rekeyed = measure(true);
        double idlePerSecond = rekeyed.idle.sent / rekeyed.idle.seconds;
        double loadPerSecond = (rekeyed.load.sent - events) / rekeyed.load.seconds;
        Table table = new Table(
                "", "announcements/s", "events/s", "cores, direct", "cores, re-keyed", "of all re-keyed records");
        table.row(
                "idle",
                number(idlePerSecond),
                "0",
                number(direct.idle.cpuSeconds / direct.idle.seconds),
                number(rekeyed.idle.cpuSeconds / rekeyed.idle.seconds),
                "all");
        table.row(
                "full load",
                number(loadPerSecond),
                number(events / rekeyed.load.seconds),
                number(direct.load.cpuSeconds / direct.load.seconds),
                number(rekeyed.load.cpuSeconds / rekeyed.load.seconds),
                percent(1 - events / rekeyed.load.sent));
        System.out.print("\n" + table.markdown());
        return 0;
    }

    private Measured measure(boolean rekey) throws Exception {
        String id = rekey ? "rekeyed" : "direct";
        try (BenchGround ground = new BenchGround()) {
            Topics topics = ground.topics(id, ground.serdes);
            ground.create(topics);
            StreamsAppSettings config = ground.streams(
                    topics, Preset.BALANCED, StoreType.IN_MEMORY, 1, false, BenchGround.Outputs.FLAT, rekey);
            FlowPlan plan = FlowPlan.of(config, Map.of());
            AppMetrics metrics = new AppMetrics();
            ServedModels models = new ServedModels(
                    plan.kinds(),
                    OnnxRuntime.onCpu(),
                    new ModelVerifier(topics.namespace(), TrustedKeys.of(List.of())),
                    metrics,
                    System::currentTimeMillis);
            Properties properties = ground.properties(config, id);
            try (KafkaStreams streams = new KafkaStreams(
                    new AppFlow(plan, models, metrics)
                            .topology(FlowSurroundings.driven(
                                    topics,
                                    new EventFormats(ground.serdes, () -> new AvroDecoder(ground.registry)),
                                    new StateStores(config.stores(), new RecentValues.Budget(config.recentBytes())),
                                    System::currentTimeMillis)),
                    properties)) {
                streams.start();
                LockSupport.parkNanos(SETTLED.toNanos());
                Phase begin = now(streams, id);
                LockSupport.parkNanos(duration.toNanos());
                Phase idle = now(streams, id).since(begin);
                EventLog log = new EventLog(
                        events,
                        EVENTS_PER_SECOND,
                        System.currentTimeMillis() - (long) (1_000 * events / EVENTS_PER_SECOND),
                        config.kinds().targets());
                Phase loaded = now(streams, id);
                log.sendAll(ground.producer(), topics);
                Map<TopicPartition, Long> ends = ground.ends(topics);
                while (!isThrough(ground, id, ends)) {
                    LockSupport.parkNanos(50_000_000);
                }
                return new Measured(idle, now(streams, id).since(loaded));
            } finally {
                models.close();
                metrics.close();
            }
        }
    }

    private static boolean isThrough(BenchGround ground, String group, Map<TopicPartition, Long> ends)
            throws Exception {
        var committed = ground.admin
                .listConsumerGroupOffsets(group)
                .partitionsToOffsetAndMetadata()
                .get();
        return ends.entrySet().stream()
                .allMatch(end -> end.getValue() == 0
                        || committed.get(end.getKey()) != null
                                && committed.get(end.getKey()).offset() >= end.getValue());
    }

    /** The clock, the processor time of all threads of Kafka Streams, and what they have sent to repartition topics. */
    private static Phase now(KafkaStreams streams, String id) {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        double cpu = Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().contains(id + "-"))
                .mapToLong(thread -> Math.max(0, threads.getThreadCpuTime(thread.threadId())))
                .sum();
        double sent = streams.metrics().entrySet().stream()
                .filter(each -> each.getKey().name().equals("record-send-total")
                        && isRepartition(each.getKey().tags().get("topic")))
                .mapToDouble(each -> each.getValue().metricValue() instanceof Number n ? n.doubleValue() : 0)
                .sum();
        return new Phase(System.nanoTime() / 1e9, cpu / 1e9, sent);
    }

    private static boolean isRepartition(@Nullable String topic) {
        return topic != null && topic.endsWith("-repartition");
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, value < 10 ? "%.3f" : "%,.0f", value);
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.2f %%", 100 * share);
    }
}
