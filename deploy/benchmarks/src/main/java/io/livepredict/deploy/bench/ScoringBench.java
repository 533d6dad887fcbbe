package io.livepredict.deploy.bench;

import com.sun.management.ThreadMXBean;
import io.livepredict.cli.Table;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.DoubleStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code deploy/bench scoring}: processor time of a call of our scorer beside a bare ONNX Runtime loop. Processor time of the
 * calling thread, both in turn, so that other work on the machine disturbs less than it does JMH's clock.
 */
@Command(
        name = "scoring",
        header = "Processor time of one call of the scorer.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description =
                "Processor time of a call of the scorer beside a bare ONNX Runtime loop, by batch size, and what it"
                        + " allocates. deploy/bench device does this on a GPU.")
final class ScoringBench implements Callable<Integer> {
    private static final int WARM_UP = 8;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Mixin
    private JmhOptions jmh = new JmhOptions();

    @Option(
            names = "--batches",
            split = ",",
            paramLabel = "N",
            defaultValue = "1,16,64,256,1024",
            description = "Batch sizes; default: ${DEFAULT-VALUE}.")
    private List<Integer> batches = List.of();

    @Option(names = "--rounds", paramLabel = "N", description = "Repetitions, both in turn; default: ${DEFAULT-VALUE}.")
    private int rounds = 31;

    @Option(names = "--features", paramLabel = "N", description = "Dense features; default: ${DEFAULT-VALUE}.")
    private int features = 128;

    @Option(
            names = "--pieces",
            paramLabel = "N",
            description = "Piecewise-linear inputs of the model; default: ${DEFAULT-VALUE}.")
    private int pieces;

    @Override
    public Integer call() throws Exception {
        Options.atLeast(spec, "--rounds", rounds, 1);
        Options.atLeast(spec, "--features", features, 4);
        Options.atLeast(spec, "--pieces", pieces, 0);
        for (int batch : batches) {
            Options.atLeast(spec, "--batches", batch, 1);
        }
        Conditions.of(spec);
        if (jmh.run(ScorerCall.class)) {
            return 0;
        }
        Table table = new Table("batch", "ours, µs", "bare, µs", "ratio (quartiles)", "ours allocates, bytes per call");
        for (int batch : batches) {
            ScorerCall call = new ScorerCall();
            call.batch = batch;
            call.features = features;
            call.pieces = pieces;
            call.open();
            row(table, call);
            call.close();
        }
        System.out.print("\n" + table.markdown());
        return 0;
    }

    private void row(Table table, ScorerCall call) throws Exception {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        int calls = Math.max(1, 20_000 / (call.batch + 20));
        double ours = Double.MAX_VALUE;
        double bare = Double.MAX_VALUE;
        double[] ratios = new double[rounds];
        for (int round = -WARM_UP; round < rounds; round++) {
            long start = threads.getCurrentThreadCpuTime();
            for (int i = 0; i < calls; i++) {
                call.ours();
            }
            long middle = threads.getCurrentThreadCpuTime();
            for (int i = 0; i < calls; i++) {
                call.bare();
            }
            long end = threads.getCurrentThreadCpuTime();
            if (round >= 0) {
                ours = Math.min(ours, (middle - start) / 1e3 / calls);
                bare = Math.min(bare, (end - middle) / 1e3 / calls);
                ratios[round] = (double) (middle - start) / (end - middle);
            }
        }
        long allocated = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < calls; i++) {
            call.ours();
        }
        allocated = threads.getCurrentThreadAllocatedBytes() - allocated;
        double[] sorted = DoubleStream.of(ratios).sorted().toArray();
        table.row(
                Integer.toString(call.batch),
                String.format(Locale.ROOT, "%.1f", ours),
                String.format(Locale.ROOT, "%.1f", bare),
                String.format(
                        Locale.ROOT,
                        "%.2f (%.2f, %.2f)",
                        sorted[sorted.length / 2],
                        sorted[sorted.length / 4],
                        sorted[sorted.length * 3 / 4]),
                Long.toString(allocated / calls));
    }
}
