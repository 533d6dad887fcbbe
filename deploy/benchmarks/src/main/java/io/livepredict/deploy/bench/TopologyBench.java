package io.livepredict.deploy.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.livepredict.contract.Kind;
import io.livepredict.contract.Topics;
import io.livepredict.deploy.report.RunReport;
import io.livepredict.settings.SettingsException;
import io.livepredict.streams.config.Preset;
import io.livepredict.streams.config.StreamsAppConfig;
import io.livepredict.streams.metrics.AppMetrics;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code deploy/bench topology}: events a second through ours, a mere pass-through and a plain topology, and latency. */
@Command(
        name = "topology",
        header = "Events per second and latency of the streams app.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Events per second under exactly-once on one embedded broker in this process: a"
                + " pass-through that writes the same predictions and examples; one that also writes the same state; ours with the simulated platform and its"
                + " targets; and a plain one in the Streams DSL with one call of the same model per event. Then ours with each"
                + " preset: the most events per second, and latency at half of that.")
final class TopologyBench implements Callable<Integer> {
    private static final double SIMULATED_PER_SECOND = 1_000;
    private static final int KEPT = 20_000;
    private static final int LEAST_EVENTS = 20_000;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Option(names = "--json", paramLabel = "FILE", description = "Write the figures there as JSON.")
    private @Nullable Path json;

    @Option(
            names = "--events",
            paramLabel = "N",
            description = "Events per run, of which 1,000 are a second of event time; default: ${DEFAULT-VALUE}.")
    private int events = 300_000;

    @Option(names = "--rounds", paramLabel = "N", description = "Repetitions; default: ${DEFAULT-VALUE}.")
    private int rounds = 3;

    @Option(
            names = "--preset",
            paramLabel = "PRESET",
            description = "Preset with which they are compared: latency, balanced or throughput; default: balanced.")
    private Preset preset = Preset.BALANCED;

    @Option(names = "--threads", paramLabel = "N", description = "Stream threads of each, 1 to 8; default: ${DEFAULT-VALUE}.")
    private int threads = 1;

    @Option(
            names = "--store",
            paramLabel = "STORE",
            description = "Where state is kept: rocksdb or in-memory; default: ${DEFAULT-VALUE}.")
    private String store = "rocksdb";

    @Option(names = "--seconds", paramLabel = "N", description = "Seconds of each latency run, 0 for none; default: ${DEFAULT-VALUE}.")
    private int seconds = 15;

    @Option(names = "--only-ours", description = "Measure only ours, for a profile.")
    private boolean onlyOurs;

    @Option(
            names = "--scaling",
            description = "Measure only ours, with one stream thread, with two, and as two instances with one each.")
    private boolean scaling;

    private int runs;

    @Override
    public Integer call() throws IOException, ExecutionException, InterruptedException {
        Options.atLeast(spec, "--events", events, LEAST_EVENTS);
        Options.atLeast(spec, "--rounds", rounds, 1);
        Options.between(spec, "--threads", threads, 1, 2 * BenchGround.PARTITIONS);
        if (seconds != 0 && seconds <= LatencyRun.WARM_UP.toSeconds()) {
            throw Options.wrong(
                    spec,
                    "--seconds must be 0 or more than the " + LatencyRun.WARM_UP.toSeconds() + " that are not timed");
        }
        if (scaling && threads != 1) {
            throw Options.wrong(spec, "--scaling tries numbers of threads itself; leave out --threads");
        }
        Conditions conditions = Conditions.of(spec);
        ObjectNode report = JsonNodeFactory.instance.objectNode();
        try (BenchGround ground = new BenchGround();
                AppMetrics metrics = new AppMetrics()) {
            measure(ground, metrics, report);
        } catch (SettingsException e) {
            System.err.println("bench topology: " + e.getMessage());
            return 1;
        }
        report.set("conditions", conditions.json());
        if (json != null) {
            RunReport.write(report, json);
        }
        System.out.print(TopologyTable.of(report));
        return 0;
    }

    private void measure(BenchGround ground, AppMetrics metrics, ObjectNode report)
            throws IOException, ExecutionException, InterruptedException {
        Topics input = ground.topics("bench-in", ground.serdes);
        ground.create(input);
        StreamsAppConfig config = ground.streams(input, preset, store, threads, true);
        EventLog log = new EventLog(
                events, SIMULATED_PER_SECOND, System.currentTimeMillis() - 3_600_000, config.resolvedTargets());
        log.sendAll(ground.producer(), input);
        Map<TopicPartition, Long> ends = ground.ends(input);
        try (BenchModels models = new BenchModels(config)) {
            OurFlow ours = new OurFlow(config, models, ground.registry, metrics);
            learn(ground, config, ours, models, log, ends);
            String warm = "bench-warm";
            run(ground, ours, config, ends, warm);
            if (scaling) {
                scale(ground, config, ends, ours, report);
                return;
            }
            Map<Kind, PassThroughFlow.Sample> samples = onlyOurs ? Map.of() : samples(ground, warm, log);
            ground.delete(warm);
            compare(ground, config, ends, flows(ours, models, samples, input, config), report);
            presets(ground, models, metrics, ends, input, report);
        }
    }

    /** One round with the prior, from whose examples the models are learned that all others use. */
    private void learn(
            BenchGround ground,
            StreamsAppConfig config,
            OurFlow ours,
            BenchModels models,
            EventLog log,
            Map<TopicPartition, Long> ends)
            throws IOException, ExecutionException, InterruptedException {
        String first = "bench-prior";
        run(ground, ours, config, ends, first);
        Topics topics = ground.topics(first, ground.serdes);
        for (Map.Entry<Kind, Integer> entry : log.counts().entrySet()) {
            PassThroughFlow.Sample sample = ground.sample(topics, entry.getKey(), entry.getValue(), KEPT, false);
            models.learn(ground.trainer(), entry.getKey(), sample.examples());
        }
        ground.delete(first);
    }

    private static Map<Kind, PassThroughFlow.Sample> samples(BenchGround ground, String namespace, EventLog log) {
        Topics topics = ground.topics(namespace, ground.serdes);
        Map<Kind, PassThroughFlow.Sample> samples = new EnumMap<>(Kind.class);
        log.counts().forEach((kind, count) -> samples.put(kind, ground.sample(topics, kind, count, KEPT, true)));
        return samples;
    }

    private List<BenchFlow> flows(
            OurFlow ours,
            BenchModels models,
            Map<Kind, PassThroughFlow.Sample> samples,
            Topics input,
            StreamsAppConfig config) {
        return onlyOurs
                ? List.of(ours)
                : List.of(
                        new PassThroughFlow(input, samples, null),
                        new PassThroughFlow(input, samples, config.stores()),
                        ours,
                        new PlainFlow(config, models, input));
    }

    private void compare(
            BenchGround ground,
            StreamsAppConfig config,
            Map<TopicPartition, Long> ends,
            List<BenchFlow> flows,
            ObjectNode report)
            throws ExecutionException, InterruptedException {
        Map<String, List<FlowRun.Outcome>> outcomes = new LinkedHashMap<>();
        // Round 0 warms up and is not counted.
        for (int round = 0; round <= rounds; round++) {
            for (BenchFlow flow : flows) {
                String namespace = "bench-" + flow.name().replace('_', '-') + "-" + round;
                FlowRun.Outcome outcome = run(ground, flow, config, ends, namespace);
                ground.delete(namespace);
                if (round > 0) {
                    outcomes.computeIfAbsent(flow.name(), absent -> new ArrayList<>())
                            .add(outcome);
                }
            }
        }
        outcomes.forEach((name, all) -> report.set(name, figures(all)));
        ratios(report);
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
    private static void ratios(ObjectNode report) {
        for (String other : TopologyTable.OTHERS) {
            if (report.has(other)) {
                report.put("ratio_to_" + other, ratio(report, other, "records_per_second"));
                report.put(
                        "ratio_to_" + other + "_by_processor_time",
                        ratio(report, other, "records_per_processor_second"));
            }
        }
    }

    private static double ratio(ObjectNode report, String other, String figure) {
        return Math.round(100
                        * report.path("livepredict").path(figure).asDouble()
                        / report.path(other).path(figure).asDouble())
                / 100.0;
    }

    /** In turns, so that what else the machine does meets all alike. */
    private void scale(
            BenchGround ground,
            StreamsAppConfig config,
            Map<TopicPartition, Long> ends,
            BenchFlow ours,
            ObjectNode report)
            throws ExecutionException, InterruptedException {
        Map<String, List<FlowRun.Outcome>> outcomes = new LinkedHashMap<>();
        for (int round = 0; round < rounds; round++) {
            for (Scale scale : Scale.ALL) {
                String namespace = "bench-" + scale.threads() + "x" + scale.instances() + "-" + round;
                FlowRun.Outcome outcome = run(ground, ours, config, ends, namespace, scale);
                ground.delete(namespace);
                outcomes.computeIfAbsent(scale.name(), absent -> new ArrayList<>())
                        .add(outcome);
            }
        }
        outcomes.forEach((name, all) -> report.withObject("/scaling").set(name, figures(all)));
    }

    /**
     * How the app is spread.
     *
     * @param threads of each instance
     */
    private record Scale(String name, int threads, int instances) {
        static final List<Scale> ALL = List.of(
                new Scale("one thread", 1, 1), new Scale("two threads", 2, 1), new Scale("two instances", 1, 2));
    }

    private void presets(
            BenchGround ground,
            BenchModels models,
            AppMetrics metrics,
            Map<TopicPartition, Long> ends,
            Topics input,
            ObjectNode report)
            throws IOException, ExecutionException, InterruptedException {
        if (seconds == 0) {
            return;
        }
        ObjectNode presets = report.putObject("presets");
        for (Preset each : Preset.values()) {
            String name = each.name().toLowerCase(Locale.ROOT);
            StreamsAppConfig fast = ground.streams(input, each, store, threads, true);
            String namespace = "bench-most-" + name;
            FlowRun.Outcome most =
                    run(ground, new OurFlow(fast, models, ground.registry, metrics), fast, ends, namespace);
            ground.delete(namespace);
            double rate = most.recordsPerSecond() / 2;
            Topics live = ground.topics("bench-live-" + name, ground.serdes);
            ground.create(live);
            StreamsAppConfig steady = ground.streams(live, each, store, threads, false);
            EventLog log =
                    new EventLog((int) (rate * seconds), rate, System.currentTimeMillis(), steady.resolvedTargets());
            LatencyRun.Outcome latency =
                    LatencyRun.of(ground, new OurFlow(steady, models, ground.registry, metrics), steady, live, log);
            ground.delete("bench-live-" + name);
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
            if (each == preset) {
                report.withObject("/livepredict").set("latency_ms", node.path("latency_ms"));
            }
        }
    }

    private FlowRun.Outcome run(
            BenchGround ground,
            BenchFlow flow,
            StreamsAppConfig config,
            Map<TopicPartition, Long> ends,
            String namespace)
            throws ExecutionException, InterruptedException {
        return run(ground, flow, config, ends, namespace, new Scale("", threads, 1));
    }

    private FlowRun.Outcome run(
            BenchGround ground,
            BenchFlow flow,
            StreamsAppConfig config,
            Map<TopicPartition, Long> ends,
            String namespace,
            Scale scale)
            throws ExecutionException, InterruptedException {
        Map<String, String> overrides = new HashMap<>();
        overrides.put("num.stream.threads", Integer.toString(scale.threads()));
        if (flow instanceof PlainFlow) { // it keeps the DSL's own record cache; ours is built to have none
            overrides.put("statestore.cache.max.bytes", "10485760");
        }
        FlowRun.Outcome outcome = FlowRun.of(ground, flow, config, ends, namespace, overrides, scale.instances());
        runs++;
        System.err.printf(
                Locale.ROOT,
                "run %d, %s: %,.0f events/s, %,.0f a processor second, stream thread %.1f µs an event; %,d predictions,"
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
}
