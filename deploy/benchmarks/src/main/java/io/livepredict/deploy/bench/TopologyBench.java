package io.livepredict.deploy.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.livepredict.cli.CommandFrame;
import io.livepredict.deploy.report.RunReport;
import io.livepredict.streams.config.Preset;
import io.livepredict.streams.config.StreamsAppConfig.StoreType;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code deploy/bench topology}: events a second through ours, a mere pass-through and a plain topology, and latency. */
@Command(
        name = "topology",
        header = "Events per second and latency of the streams app.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Events per second under exactly-once on one embedded broker in this process: a"
                + " pass-through that writes the same predictions and examples; one that also writes the same state; ours with the simulated platform and its"
                + " targets; the same sending wide rows, and with a policy of emission; and a plain one in the Streams DSL with one call of the same model per event. Then ours with each"
                + " preset: the most events per second, and latency at half of that.")
final class TopologyBench implements Callable<Integer> {
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

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "Stream threads of each, 1 to 8; default: ${DEFAULT-VALUE}.")
    private int threads = 1;

    @Option(
            names = "--store",
            paramLabel = "STORE",
            description = "Where state is kept: rocksdb or in-memory; default: rocksdb.",
            converter = StoreTypes.class)
    private StoreType store = StoreType.ROCKSDB;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            description = "Seconds of each latency run, 0 for none; default: ${DEFAULT-VALUE}.")
    private int seconds = 15;

    @Option(names = "--only-ours", description = "Measure only ours, for a profile.")
    private boolean onlyOurs;

    @Option(
            names = "--scaling",
            description = "Measure only ours, with one stream thread, with two, and as two instances with one each.")
    private boolean scaling;

    @Option(
            names = "--profile",
            description = "Measure only ours, and say what an event costs: by threads, by step, by topic written to.")
    private boolean profile;

    /** As the configuration file writes it. */
    private static final class StoreTypes implements ITypeConverter<StoreType> {
        @Override
        public StoreType convert(String value) {
            return switch (value) {
                case "rocksdb" -> StoreType.ROCKSDB;
                case "in-memory" -> StoreType.IN_MEMORY;
                default -> throw new TypeConversionException("'" + value + "' must be rocksdb or in-memory");
            };
        }
    }

    @Override
    public Integer call() throws IOException, ExecutionException, InterruptedException {
        Options.atLeast(spec, "--events", events, LEAST_EVENTS);
        Options.atLeast(spec, "--rounds", rounds, 1);
        Options.between(spec, "--threads", threads, 1, 2 * BenchGround.PARTITIONS);
        if (seconds != 0 && seconds <= LatencyRun.WARM_UP.toSeconds()) {
            throw CommandFrame.wrongUsage(
                    spec,
                    "--seconds must be 0 or more than the " + LatencyRun.WARM_UP.toSeconds() + " that are not timed");
        }
        if (scaling && threads != 1) {
            throw CommandFrame.wrongUsage(spec, "--scaling tries numbers of threads itself; leave out --threads");
        }
        Conditions conditions = Conditions.of(spec);
        ObjectNode report = JsonNodeFactory.instance.objectNode();
        TopologyExperiment.Setup setup =
                new TopologyExperiment.Setup(events, rounds, preset, threads, store, Duration.ofSeconds(seconds));
        try (BenchGround ground = new BenchGround();
                TopologyExperiment experiment = new TopologyExperiment(ground, setup, report)) {
            experiment.learn();
            if (profile) {
                System.out.print('\n' + experiment.profile());
                return 0;
            }
            if (scaling) {
                experiment.scale();
            } else {
                experiment.compare(onlyOurs);
                if (seconds > 0) {
                    experiment.presets();
                }
            }
        }
        report.set("conditions", conditions.json());
        if (json != null) {
            RunReport.write(report, json);
        }
        System.out.print(TopologyTable.of(report));
        return 0;
    }
}
