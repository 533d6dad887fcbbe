package io.livepredict.deploy.bench;

import io.livepredict.cli.CommandFrame;
import picocli.CommandLine.Command;

/** {@code deploy/bench}: one subcommand per benchmark. */
@Command(
        name = "deploy/bench",
        mixinStandardHelpOptions = true,
        subcommands = {
            QualityBench.class,
            TrainerBench.class,
            TopologyBench.class,
            LearningBench.class,
            DriftBench.class,
            LooksBench.class,
            ContextBench.class,
            AnnouncementBench.class,
            DeviceBench.class,
            ActivityBench.class,
            StateBench.class,
            ScoringBench.class,
            TrainingStepBench.class,
            ApiBench.class,
        },
        synopsisSubcommandLabel = "BENCHMARK",
        description = "Quality and speed, measured. deploy/bench BENCHMARK --help lists the options of one.")
public final class BenchCommand {
    BenchCommand() {}

    /** Runs it. */
    public static void main(String[] args) {
        System.exit(CommandFrame.run(new BenchCommand(), args));
    }
}
