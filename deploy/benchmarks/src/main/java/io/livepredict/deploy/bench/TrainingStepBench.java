package io.livepredict.deploy.bench;

import io.livepredict.cli.CommandFrame;
import io.livepredict.cli.Table;
import io.livepredict.trainer.config.LearnerEntry;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code deploy/bench training-step}: processor time of one training step of each family, which other work on the machine disturbs less than JMH's clock. */
@Command(
        name = "training-step",
        header = "Processor time of one training step of each family.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Processor time of one training step of each model family, by batch size, from arrays.")
final class TrainingStepBench implements Callable<Integer> {
    private static final List<String> FAMILIES = Arrays.stream(LearnerEntry.Family.values())
            .map(LearnerEntry.Family::id)
            .toList();

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Mixin
    private JmhOptions jmh = new JmhOptions();

    @Option(names = "--families", split = ",", paramLabel = "FAMILY", description = "Which families; default: all.")
    private List<String> families = FAMILIES;

    @Option(
            names = "--batches",
            split = ",",
            paramLabel = "N",
            defaultValue = "1,32,256,1024",
            description = "Batch sizes; default: ${DEFAULT-VALUE}.")
    private List<Integer> batches = List.of();

    @Option(
            names = "--rounds",
            paramLabel = "N",
            description = "Repetitions, of which the fastest counts; default: ${DEFAULT-VALUE}.")
    private int rounds = 10;

    @Override
    public Integer call() {
        Options.atLeast(spec, "--rounds", rounds, 1);
        for (int batch : batches) {
            Options.atLeast(spec, "--batches", batch, 1);
        }
        for (String family : families) {
            if (!FAMILIES.contains(family)) {
                throw CommandFrame.wrongUsage(spec, "--families: there is no '" + family + "', there are " + FAMILIES);
            }
        }
        Conditions.of(spec);
        if (jmh.run(TrainingStep.class)) {
            return 0;
        }
        Table table = new Table("family", "batch", "µs per step", "examples/s");
        for (String family : families) {
            for (int batch : batches) {
                double micros = micros(family, batch);
                table.row(
                        family,
                        Integer.toString(batch),
                        String.format(Locale.ROOT, "%,.1f", micros),
                        String.format(Locale.ROOT, "%,.0f", batch / micros * 1e6));
            }
        }
        System.out.print("\n" + table.markdown());
        return 0;
    }

    private double micros(String family, int batch) {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        TrainingStep step = new TrainingStep();
        step.family = family;
        step.rows = batch;
        step.open();
        int steps = Math.max(20, 20_000 / batch / (family.equals("gru") || family.equals("cnn") ? 8 : 1));
        double best = Double.MAX_VALUE;
        for (int round = 0; round < rounds; round++) {
            long start = threads.getCurrentThreadCpuTime();
            for (int i = 0; i < steps; i++) {
                step.step();
            }
            best = Math.min(best, (threads.getCurrentThreadCpuTime() - start) / 1e3 / steps);
        }
        step.close();
        return best;
    }
}
