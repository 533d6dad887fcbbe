package io.livepredict.trainer.cli;

import io.livepredict.cli.ProgressLine;
import io.livepredict.contract.Kind;
import io.livepredict.trainer.config.LearnerEntry;
import io.livepredict.trainer.config.TrainerSettings;
import io.livepredict.trainer.learner.TrainerException;
import io.livepredict.trainer.study.ExampleTable;
import io.livepredict.trainer.study.ScorerResult;
import io.livepredict.trainer.study.Study;
import io.livepredict.trainer.study.StudyPlot;
import io.livepredict.trainer.study.StudyReport;
import io.livepredict.trainer.wiring.OperatorTools;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "evaluate",
        description = "Takes examples through the learners offline: test-then-train in the order of the file, or with a"
                + " holdout, or in k folds.",
        mixinStandardHelpOptions = true)
final class EvaluateCommand implements Callable<Integer> {
    private static final int ROWS_AT_ONE_EACH = 60_000;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    CommandSpec spec;

    @Option(
            names = "--examples",
            paramLabel = "FILE",
            description =
                    "A CSV file with a header (plain, .gz or .xz): of 'examples export', or any with a label column"
                            + " of 0 and 1 and otherwise numbers. Left out, the kind's topic is read (--config, --kind).")
    @Nullable
    Path examples;

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description = "The trainer's configuration: for the topic, and for its learners.")
    @Nullable
    Path config;

    @Option(names = "--kind", paramLabel = "KIND", description = "With the topic: viewer or player.")
    @Nullable
    Kind kind;

    @Option(
            names = "--label",
            paramLabel = "COLUMN",
            description =
                    "The label's column, or a target's name. Default: the only one called label, class or label.X.")
    @Nullable
    String label;

    @Option(names = "--holdout", paramLabel = "SHARE", description = "Hold out the last share of the rows, e.g. 0.3.")
    @Nullable
    Double holdout;

    @Option(names = "--k-fold", paramLabel = "K", description = "Score each of K folds by learners of the others.")
    @Nullable
    Integer folds;

    @Option(
            names = "--families",
            split = ",",
            paramLabel = "FAMILY",
            description =
                    "logistic, mlp; each by Adam and by plain SGD at several rates, among which the champion is chosen as it goes."
                            + " Default: both, or with --config its learners.")
    @Nullable
    List<String> families;

    @Option(
            names = "--batch",
            paramLabel = "N",
            description = "Rows learned from at once. Default: 1 up to 60,000 rows, 32 beyond.")
    @Nullable
    Integer batch;

    @Option(names = "--seed", paramLabel = "N", description = "Of initial weights and folds. Default: 1.")
    long seed = 1;

    @Option(names = "--plot", paramLabel = "FILE.svg", description = "Draw log-loss and AUC over time there.")
    @Nullable
    Path plot;

    @Option(names = "--json", paramLabel = "FILE", description = "Write the figures there as JSON.")
    @Nullable
    Path json;

    @Override
    public Integer call() throws IOException {
        if (holdout != null && folds != null) {
            throw new TrainerException("--holdout and --k-fold exclude each other");
        }
        if (examples == null) {
            Path exported = Files.createTempFile("livepredict-examples", ".csv");
            try {
                export(exported);
                evaluate(exported, "topic");
            } finally {
                Files.deleteIfExists(exported);
            }
        } else {
            evaluate(examples, examples.toString());
        }
        return 0;
    }

    private void export(Path file) throws IOException {
        if (config == null || kind == null) {
            throw new TrainerException("give --examples FILE, or --config FILE and --kind KIND to read the topic");
        }
        TrainerSettings trainer = TrainerSettings.read(config, System.getenv());
        try (OperatorTools tools = OperatorTools.open(trainer)) {
            tools.examples().write(kind, trainer.kinds().targets(kind), file);
        }
    }

    private void evaluate(Path file, String name) throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        ExampleTable table = ExampleTable.read(file, label);
        int size = batch != null ? batch : table.size() <= ROWS_AT_ONE_EACH ? 1 : 32;
        if (size < 1 || size > 65_536) {
            throw new TrainerException("--batch must be in 1..65536, got " + size);
        }
        out.printf(
                "%s: %d examples, %d features%s, base rate %.4f%n",
                name,
                table.size(),
                table.names().size(),
                table.skippedColumns().isEmpty() ? "" : " (left out: " + table.skippedColumns() + ")",
                table.baseRate());
        ProgressLine progress = new ProgressLine(spec.commandLine().getErr(), name, System::nanoTime);
        Study study = new Study(
                table,
                OperatorTools.learners(learners()),
                size,
                seed,
                (done, all) -> progress.at((double) done / all, () -> done + " of " + all + " rows"));
        String how;
        Study.Result result;
        if (folds != null) {
            how = folds + " folds";
            result = study.folds(folds);
        } else if (holdout != null) {
            how = "holdout of the last " + holdout;
            result = study.holdout(holdout);
        } else {
            how = "prequential";
            result = study.prequential();
        }
        List<ScorerResult> results = result.results();
        out.println(how + ", batches of " + size + "; ± is half a 95 % interval");
        out.print(StudyReport.table(results));
        if (json != null) {
            Files.writeString(json, StudyReport.json(name, how, results));
        }
        if (plot != null) {
            Files.writeString(plot, StudyPlot.svg(name + ", " + how, result));
        }
        out.flush();
    }

    private List<LearnerEntry> learners() {
        if (families == null && config != null) {
            return TrainerSettings.read(config, System.getenv()).learners();
        }
        List<LearnerEntry> learners = new ArrayList<>();
        for (String each : Objects.requireNonNullElse(families, List.of("logistic", "mlp"))) {
            switch (each.strip()) {
                case "logistic" -> {
                    rates(learners, LearnerEntry.Family.LOGISTIC, LearnerEntry.Optimiser.ADAM, 0.003, 0.02);
                    rates(learners, LearnerEntry.Family.LOGISTIC, LearnerEntry.Optimiser.SGD, 0.02, 0.1, 0.5);
                }
                case "mlp" -> {
                    rates(learners, LearnerEntry.Family.MLP, LearnerEntry.Optimiser.ADAM, 0.0005, 0.003);
                    rates(learners, LearnerEntry.Family.MLP, LearnerEntry.Optimiser.SGD, 0.02, 0.1);
                }
                default ->
                    throw new TrainerException(
                            "--families: " + each + ": a table has no sequences and no ids, so it is logistic or mlp");
            }
        }
        return learners;
    }

    private static void rates(
            List<LearnerEntry> learners,
            LearnerEntry.Family family,
            LearnerEntry.Optimiser optimiser,
            double... rates) {
        for (double rate : rates) {
            String name = family.id() + "-" + optimiser.name().toLowerCase(Locale.ROOT) + "-" + rate;
            learners.add(LearnerEntry.of(family).with(name, optimiser, rate));
        }
    }
}
