package io.livepredict.deploy.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.livepredict.contract.Kind;
import io.livepredict.contract.Topics;
import io.livepredict.streams.config.Preset;
import io.livepredict.streams.config.StreamsAppConfig.StoreType;
import io.livepredict.streams.config.StreamsAppSettings;
import io.livepredict.streams.metrics.AppMetrics;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.common.TopicPartition;

/**
 * The runs of the topology's benchmark: one log in one broker, models learned from it, and topologies that go through it again
 * and again. Lays its figures into a report. Not safe for use from several threads.
 */
final class TopologyExperiment implements AutoCloseable {
    private static final double SIMULATED_PER_SECOND = 1_000;
    private static final int KEPT = 20_000;
    private static final String WARM = "bench-warm";

    private final Setup setup;
    private final ObjectNode report;
    private final BenchGround ground;
    private final AppMetrics metrics = new AppMetrics();
    private final Topics input;
    private final StreamsAppSettings config;
    private final EventLog log;
    private final Map<TopicPartition, Long> ends;
    private final BenchModels models;
    private final OurFlow ours;
    private int runs;

    /**
     * What stays the same in all runs.
     *
     * @param events in the log
     * @param rounds repetitions of each run
     * @param threads stream threads, unless a run says otherwise
     * @param store where state is kept
     * @param latency how long each latency run takes
     */
    record Setup(int events, int rounds, Preset preset, int threads, StoreType store, Duration latency) {}

    /**
     * How the app is spread.
     *
     * @param threads of each instance
     */
    private record Scale(String name, int threads, int instances) {
        static final List<Scale> ALL = List.of(
                new Scale("one thread", 1, 1), new Scale("two threads", 2, 1), new Scale("two instances", 1, 2));
    }

    /** Sends the log. */
    TopologyExperiment(BenchGround ground, Setup setup, ObjectNode report)
            throws IOException, ExecutionException, InterruptedException {
        this.setup = setup;
        this.report = report;
        this.ground = ground;
        input = ground.topics("bench-in", ground.serdes);
        ground.create(input);
        config = ground.streams(input, setup.preset(), setup.store(), setup.threads(), true);
        log = new EventLog(
                setup.events(),
                SIMULATED_PER_SECOND,
                System.currentTimeMillis() - 3_600_000,
                config.kinds().targets());
        log.sendAll(ground.producer(), input);
        ends = ground.ends(input);
        models = new BenchModels(config);
        ours = new OurFlow(config, models, ground.registry, metrics);
    }

    /** One round with the prior, from whose examples the models are learned that all others use; and one to warm up. */
    void learn() throws IOException, ExecutionException, InterruptedException {
        String first = "bench-prior";
        run(ours, first);
        Topics topics = ground.topics(first, ground.serdes);
        for (Map.Entry<Kind, Integer> entry : log.counts().entrySet()) {
            PassThroughFlow.Sample sample = ground.sample(topics, entry.getKey(), entry.getValue(), KEPT, false);
            models.learn(ground.trainer(), entry.getKey(), sample.examples());
        }
        ground.delete(first);
        run(ours, WARM);
    }

    /** Ours beside pass-throughs and a plain topology, in turn; or only ours. */
    void compare(boolean onlyOurs) throws ExecutionException, InterruptedException {
        List<BenchFlow> flows = onlyOurs ? List.of(ours) : flows();
        ground.delete(WARM);
        Map<String, List<FlowRun.Outcome>> outcomes = new LinkedHashMap<>();
        // Round 0 warms up and is not counted.
        for (int round = 0; round <= setup.rounds(); round++) {
            for (BenchFlow flow : flows) {
                String namespace = "bench-" + flow.name().replace('_', '-') + "-" + round;
                FlowRun.Outcome outcome = run(flow, namespace);
                ground.delete(namespace);
                if (round > 0) {
                    outcomes.computeIfAbsent(flow.name(), absent -> new ArrayList<>())
                            .add(outcome);
                }
            }
        }
        outcomes.forEach((name, all) -> report.set(name, figures(all)));
        ratios();
    }

    private List<BenchFlow> flows() {
        Topics topics = ground.topics(WARM, ground.serdes);
        Map<Kind, PassThroughFlow.Sample> samples = new EnumMap<>(Kind.class);
        log.counts().forEach((kind, count) -> samples.put(kind, ground.sample(topics, kind, count, KEPT, true)));
        return List.of(
                new PassThroughFlow(input, samples, null),
                new PassThroughFlow(input, samples, config.stores()),
                ours,
                inAnotherForm("wide_rows", BenchGround.Outputs.WIDE),
                inAnotherForm("emission_policy", BenchGround.Outputs.POLICY),
                new PlainFlow(config, models, input));
    }

    private OurFlow inAnotherForm(String name, BenchGround.Outputs outputs) {
        return new OurFlow(
                name,
                ground.streams(input, setup.preset(), setup.store(), setup.threads(), true, outputs),
                models,
                ground.registry,
                metrics);
    }

    /** What an event costs ours, as tables; the last of the rounds counts, the others warm up. */
    String profile() throws ExecutionException, InterruptedException {
        ground.delete(WARM);
        String tables = "";
        for (int round = 1; round <= setup.rounds(); round++) {
            String namespace = "bench-profile-" + round;
            try (CostProfile profile = new CostProfile(namespace)) {
                FlowRun.Outcome outcome = run(ours, config, namespace, asSetUp(), profile);
                tables = profile.tables((double) outcome.records());
            }
            ground.delete(namespace);
        }
        return tables;
    }

    /** Ours spread over threads and instances. In turn, so that what else the machine does meets all alike. */
    void scale() throws ExecutionException, InterruptedException {
        Map<String, List<FlowRun.Outcome>> outcomes = new LinkedHashMap<>();
        for (int round = 0; round < setup.rounds(); round++) {
            for (Scale scale : Scale.ALL) {
                String namespace = "bench-" + scale.threads() + "x" + scale.instances() + "-" + round;
                FlowRun.Outcome outcome = run(ours, config, namespace, scale);
                ground.delete(namespace);
                outcomes.computeIfAbsent(scale.name(), absent -> new ArrayList<>())
                        .add(outcome);
            }
        }
        outcomes.forEach((name, all) -> report.withObject("/scaling").set(name, figures(all)));
    }

    /** With each preset the most events per second, and latency at half of that. */
    void presets() throws IOException, ExecutionException, InterruptedException {
        ObjectNode presets = report.putObject("presets");
        for (Preset each : Preset.values()) {
            String name = each.name().toLowerCase(Locale.ROOT);
            StreamsAppSettings fast = ground.streams(input, each, setup.store(), setup.threads(), true);
            String namespace = "bench-most-" + name;
            FlowRun.Outcome most = run(new OurFlow(fast, models, ground.registry, metrics), fast, namespace, asSetUp());
            ground.delete(namespace);
            double rate = most.recordsPerSecond() / 2;
            LatencyRun.Outcome latency = latency(each, name, rate);
            System.err.printf(
                    Locale.ROOT,
                    "%s: at %,.0f events/s p50 %.0f ms, p99 %.0f ms%n",
                    name,
                    rate,
                    latency.p50(),
                    latency.p99());
            ObjectNode node = presets.putObject(name)
                    .put("records_per_second", Math.round(most.recordsPerSecond()))
                    .put("latency_at_records_per_second", Math.round(rate));
            node.putObject("latency_ms").put("p50", latency.p50()).put("p99", latency.p99());
            if (each == setup.preset()) {
                report.withObject("/livepredict").set("latency_ms", node.path("latency_ms"));
            }
        }
    }

    private LatencyRun.Outcome latency(Preset preset, String name, double rate)
            throws IOException, ExecutionException, InterruptedException {
        String namespace = "bench-live-" + name;
        Topics live = ground.topics(namespace, ground.serdes);
        ground.create(live);
        StreamsAppSettings steady = ground.streams(live, preset, setup.store(), setup.threads(), false);
        int count = (int) (rate * setup.latency().toSeconds());
        EventLog events = new EventLog(
                count, rate, System.currentTimeMillis(), steady.kinds().targets());
        LatencyRun.Outcome latency =
                LatencyRun.of(ground, new OurFlow(steady, models, ground.registry, metrics), steady, live, events);
        ground.delete(namespace);
        return latency;
    }

    private FlowRun.Outcome run(BenchFlow flow, String namespace) throws ExecutionException, InterruptedException {
        return run(flow, config, namespace, asSetUp());
    }

    private Scale asSetUp() {
        return new Scale("", setup.threads(), 1);
    }

    private FlowRun.Outcome run(BenchFlow flow, StreamsAppSettings config, String namespace, Scale scale)
            throws ExecutionException, InterruptedException {
        return run(flow, config, namespace, scale, FlowRun.Watch.none());
    }

    private FlowRun.Outcome run(
            BenchFlow flow, StreamsAppSettings config, String namespace, Scale scale, FlowRun.Watch watch)
            throws ExecutionException, InterruptedException {
        Map<String, String> overrides = new HashMap<>();
        overrides.put("num.stream.threads", Integer.toString(scale.threads()));
        if (flow instanceof PlainFlow) { // it keeps the DSL's own record cache; ours is built to have none
            overrides.put("statestore.cache.max.bytes", "10485760");
        }
        FlowRun.Outcome outcome =
                FlowRun.of(ground, flow, config, ends, namespace, overrides, scale.instances(), watch);
        runs++;
        System.err.printf(
                Locale.ROOT,
                "run %d, %s: %,.0f events/s, %,.0f per processor second, stream thread %.1f µs per event; %,d predictions,"
                        + " %,d examples, %,d bytes%n",
                runs,
                namespace,
                outcome.recordsPerSecond(),
                outcome.recordsPerCpuSecond(),
                outcome.streamThreadMicros(),
                outcome.predictions(),
                outcome.examples(),
                outcome.bytes());
        return outcome;
    }

    private static ObjectNode figures(List<FlowRun.Outcome> all) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        Spread.of(all.stream().mapToDouble(FlowRun.Outcome::recordsPerSecond)).put(node, "records_per_second");
        Spread.of(all.stream().mapToDouble(FlowRun.Outcome::recordsPerCpuSecond))
                .put(node, "records_per_processor_second");
        Spread.of(all.stream().mapToDouble(FlowRun.Outcome::streamThreadMicros))
                .put(node, "stream_thread_microseconds_per_record");
        FlowRun.Outcome last = all.get(all.size() - 1);
        return node.put("predictions", last.predictions())
                .put("examples", last.examples())
                .put("bytes_of_both", last.bytes());
    }

    /** Of medians, by the clock as the aims are set, and by the processor's time, which a busy machine disturbs less. */
    private void ratios() {
        for (String other : TopologyTable.OTHERS) {
            if (report.has(other)) {
                report.put("ratio_to_" + other, ratio(other, "records_per_second"));
                report.put("ratio_to_" + other + "_by_processor_time", ratio(other, "records_per_processor_second"));
            }
        }
    }

    private double ratio(String other, String figure) {
        return Math.round(100
                        * report.path("livepredict").path(figure).asDouble()
                        / report.path(other).path(figure).asDouble())
                / 100.0;
    }

    @Override
    public void close() {
        models.close();
        metrics.close();
    }
}
