package io.livepredict.deploy.bench;

import io.livepredict.cli.Table;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code deploy/bench activity}: how long one event takes up to each step of the activity update, the best of many rounds of
 * all steps in turn: this stays comparable on a busy machine, where JMH's mean does not.
 */
@Command(
        name = "activity",
        header = "Time of one event through the activity update.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description =
                "Time of one event through the activity update of the simulated platform's viewers, step by step.")
final class ActivityBench implements Callable<Integer> {
    private static final List<String> STEPS = List.of("decode", "and add", "and fill", "and encode");
    private static final int BLOCK = 10_000;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Mixin
    private JmhOptions jmh = new JmhOptions();

    @Option(
            names = "--rounds",
            paramLabel = "N",
            description = "Blocks of 10,000 events per step, of which the fastest counts; default: ${DEFAULT-VALUE}.")
    private int rounds = 150;

    private long bytes;

    @Override
    public Integer call() {
        Options.atLeast(spec, "--rounds", rounds, 1);
        Conditions.of(spec);
        if (jmh.run(ActivityUpdate.class)) {
            return 0;
        }
        ActivityUpdate update = new ActivityUpdate();
        update.prepare();
        long[] best = new long[STEPS.size()];
        Arrays.fill(best, Long.MAX_VALUE);
        for (int round = 0; round < rounds; round++) {
            for (int step = 0; step < best.length; step++) {
                long begun = System.nanoTime();
                block(update, step);
                best[step] = Math.min(best[step], (System.nanoTime() - begun) / BLOCK);
            }
        }
        Table table = new Table("step", "ns per event");
        for (int step = 0; step < best.length; step++) {
            table.row(STEPS.get(step), String.format(Locale.ROOT, "%,d", best[step]));
        }
        System.out.printf(Locale.ROOT, "%n%s(%,d bytes written)%n", table.markdown(), bytes);
        return 0;
    }

    private void block(ActivityUpdate update, int lastStep) {
        for (int i = 0; i < BLOCK; i++) {
            int at = update.advance();
            update.decode(at);
            if (lastStep > 0) {
                update.add(at);
            }
            if (lastStep > 1) {
                update.fill();
            }
            if (lastStep > 2) {
                bytes += update.write().length;
            }
        }
    }
}
