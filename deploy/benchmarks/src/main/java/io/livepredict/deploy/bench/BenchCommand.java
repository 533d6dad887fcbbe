package io.livepredict.deploy.bench;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code deploy/bench}: one subcommand a benchmark. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        subcommands = {
            QualityBench.class,
            TrainerBench.class,
            TopologyBench.class,
            LearningBench.class,
            DriftBench.class,
            ContextBench.class,
            DeviceBench.class,
        },
        description = "The benchmarks.")
public final class BenchCommand {
    BenchCommand() {}

    /** Runs it. */
    public static void main(String[] args) {
        System.exit(new CommandLine(new BenchCommand())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .execute(args));
    }
}
