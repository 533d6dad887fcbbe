package io.livepredict.deploy.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.livepredict.cli.CommandFrame;
import io.livepredict.deploy.backtest.Backtest;
import io.livepredict.deploy.backtest.BacktestConfig;
import io.livepredict.deploy.backtest.BacktestReport;
import io.livepredict.deploy.backtest.BacktestRun;
import io.livepredict.deploy.backtest.Explanations;
import io.livepredict.deploy.backtest.QualityPlot;
import io.livepredict.deploy.backtest.TargetTrack;
import io.livepredict.deploy.replay.Recording;
import io.livepredict.deploy.report.RunReport;
import io.livepredict.settings.Targets;
import io.livepredict.settings.YamlFile;
import io.livepredict.streams.mapping.MappingSettings;
import io.livepredict.trainer.config.LearnerEntry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code deploy/bench quality}: backtests of recorded logs beside what batch learners reach on them. */
@Command(
        name = "quality",
        header = "Quality on recorded logs, beside batch learners.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description =
                "Backtests recorded logs, all with the shipped configuration, and writes a table of what was served "
                        + "on the last 30 %% of the examples beside batch learners and the entity's previous outcome.")
final class QualityBench implements Callable<Integer> {
    private static final String ALL_FAMILIES = "logistic,mlp,wide-and-deep,gru,cnn";

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Option(names = "--data", required = true, paramLabel = "DIR", description = "Folder with the logs.")
    private Path data = Path.of("");

    @Option(
            names = "--json",
            paramLabel = "FILE",
            description = "Write the figures there as JSON; logs not run now keep theirs.")
    private @Nullable Path json;

    @Option(names = "--markdown", paramLabel = "FILE", description = "Write the table there.")
    private @Nullable Path markdown;

    @Option(names = "--plots", paramLabel = "DIR", description = "Write plots over event time there (SVG).")
    private @Nullable Path plots;

    @Option(
            names = "--only",
            split = ",",
            paramLabel = "LOG",
            description = "Which logs: dodgemud, irc-html5, irc-all, irc-next, elec2; default: all.")
    private List<String> only = List.of();

    @Option(names = "--peers", description = "Run MOA's online learners (GPL-3) and Vowpal Wabbit too; builds them in.")
    private boolean peers;

    @Option(
            names = "--own-features",
            description = "Run batch boosting (XGBoost) on the vectors that were scored too, trained once and rolling; "
                    + "builds it in. All vectors are kept in memory.")
    private boolean ownFeatures;

    @Option(
            names = "--without",
            split = ",",
            paramLabel = "PEER",
            description = "Leave out moa_arf (by far the slowest), moa_hat, moa_sgd or vowpal_wabbit.")
    private List<String> without = List.of();

    @Option(
            names = "--limit",
            paramLabel = "N",
            description = "Read only the first N rows of each log, for everyone alike; the table says so.")
    private long limit = Long.MAX_VALUE;

    @Option(
            names = "--families",
            split = ",",
            arity = "0..1",
            fallbackValue = ALL_FAMILIES,
            paramLabel = "FAMILY",
            description = "Run each of these model families alone as well, without a list all of them; each is a "
                    + "backtest of its own.")
    private List<String> families = List.of();

    @Option(
            names = "--families-only",
            description = "With --families: run nothing else; other figures stay those in --json.")
    private boolean familiesOnly;

    @Option(names = "--examples", hidden = true)
    private Path examples = Path.of(System.getProperty("livepredict.examples", "deploy/examples"));

    @Override
    public Integer call() throws IOException {
        run();
        return 0;
    }

    private void run() throws IOException {
        Set<QualityTask.Log> logs = new LinkedHashSet<>();
        for (QualityTask task : QualityTask.ALL) {
            if (only.isEmpty() || only.contains(task.log().name())) {
                logs.add(task.log());
            }
        }
        Set<LearnerEntry.Family> alone = families();
        if (familiesOnly && (alone.isEmpty() || peers || ownFeatures)) {
            throw CommandFrame.wrongUsage(
                    spec, "--families-only goes with --families and without --peers or --own-features");
        }
        boolean elec2 = !familiesOnly && (only.isEmpty() || only.contains(Elec2.NAME));
        boolean next = !familiesOnly && (only.isEmpty() || only.contains(Ranking.NAME));
        if (logs.isEmpty() && !elec2 && !next) {
            throw CommandFrame.wrongUsage(
                    spec, "--only " + only + " names no log: dodgemud, irc-html5, irc-all, irc-next or elec2");
        }
        Conditions conditions = Conditions.of(spec);
        ObjectNode report = earlier();
        if (elec2) {
            report.set(Elec2.NAME, Elec2.run(data));
        }
        if (next) {
            report.set(Ranking.NAME, Ranking.run(data, examples, limit));
            report.withObject("/conditions").set(Ranking.NAME, conditions.json().deepCopy());
            write(report);
        }
        Optional<PeerLearners> found = Peers.find(peers);
        for (QualityTask.Log log : logs) {
            run(log, alone, report, found, conditions);
        }
        String table = QualityTable.of(report);
        if (markdown != null) {
            Files.writeString(markdown, table);
        }
        System.out.print(table);
    }

    /** Everything asked for of one log. Each backtest is hours on a long one, so its figures are written as soon as it ends. */
    private void run(
            QualityTask.Log log,
            Set<LearnerEntry.Family> alone,
            ObjectNode report,
            Optional<PeerLearners> found,
            Conditions conditions)
            throws IOException {
        MappingSettings mapping = YamlFile.read(examples.resolve(log.mapping()), MappingSettings.class, Map.of());
        Targets.File targets = YamlFile.read(examples.resolve(log.targets()), Targets.File.class, Map.of());
        if (!familiesOnly) {
            backtest(log, report, found, mapping, targets);
            report.withObject("/conditions").set(log.name(), conditions.json().deepCopy());
            write(report);
        }
        for (LearnerEntry.Family family : alone) {
            alone(log, family, mapping, targets, report.withObject("/tasks"));
            report.withObject("/conditions")
                    .set(log.name() + ' ' + family.id(), conditions.json().deepCopy());
            write(report);
        }
    }

    private void write(ObjectNode report) throws IOException {
        if (json != null) {
            RunReport.write(report, json);
        }
    }

    /** The figures of an earlier run, so that logs can be run one by one. */
    private ObjectNode earlier() throws IOException {
        if (json != null
                && Files.exists(json)
                && new ObjectMapper().readTree(json.toFile()) instanceof ObjectNode found) {
            return found;
        }
        return JsonNodeFactory.instance.objectNode();
    }

    private void backtest(
            QualityTask.Log log,
            ObjectNode report,
            Optional<PeerLearners> found,
            MappingSettings mapping,
            Targets.File targets)
            throws IOException {
        ObjectNode tasks = report.withObject("/tasks");
        try (Recording recording = new Recording(data.resolve(log.file()), mapping, limit);
                Backtest backtest = new Backtest(BacktestConfig.defaults(), mapping, targets.targets())) {
            Explanations sample = new Explanations(backtest.schema());
            backtest.listen(sample);
            Optional<PeerTracks> others = found.map(learners -> new PeerTracks(
                    backtest.schema(),
                    learners,
                    learners.names().stream()
                            .filter(name -> !without.contains(name))
                            .toList(),
                    backtest.tracks().keySet()));
            others.ifPresent(backtest::listen);
            Optional<OwnFeatures> vectors = boosting().map(library -> new OwnFeatures(backtest.schema()));
            vectors.ifPresent(backtest::listen);
            double seconds = BacktestRun.through(recording, backtest, log.name(), System.err, System::nanoTime);
            report.withObject("/runs").set(log.name(), BacktestReport.of(backtest, recording, seconds));
            Map<String, List<Explanations.Weight>> reasons = backtest.explain(sample);
            for (QualityTask task : QualityTask.ALL) {
                TargetTrack track = backtest.tracks().get(task.target());
                if (task.log().equals(log) && track != null) {
                    ObjectNode row = task(task, track, reasons.getOrDefault(task.target(), List.of()));
                    others.ifPresent(tracks -> peers(row, tracks.of(task.target()), track.labels()));
                    vectors.flatMap(each -> each.against(boosting().orElseThrow(), task.target(), track))
                            .ifPresent(figures -> row.set("own_features", figures));
                    if (recording.rows() >= limit) {
                        row.put("rows_of_the_log", limit);
                    }
                    tasks.set(task.name(), row);
                }
            }
            if (plots != null) {
                QualityPlot.write(
                        plots.resolve(log.name() + ".svg"), log.name() + ": scores as served", backtest.tracks());
            }
        }
    }

    /** Boosting, if it is asked for. */
    private Optional<BatchLearner> boosting() {
        return ownFeatures ? Optional.of(Peers.boosting(spec, "--own-features")) : Optional.empty();
    }

    /** Those asked for, each once. */
    private Set<LearnerEntry.Family> families() {
        Set<LearnerEntry.Family> found = new LinkedHashSet<>();
        for (String name : families) {
            found.add(Arrays.stream(LearnerEntry.Family.values())
                    .filter(family -> family.id().equals(name))
                    .findFirst()
                    .orElseThrow(() -> CommandFrame.wrongUsage(
                            spec, "--families: there is no '" + name + "', there are " + ALL_FAMILIES)));
        }
        return found;
    }

    private void alone(
            QualityTask.Log log,
            LearnerEntry.Family family,
            MappingSettings mapping,
            Targets.File targets,
            ObjectNode tasks) {
        BacktestConfig config = BacktestConfig.defaults().withLearners(List.of(LearnerEntry.of(family)));
        try (Recording recording = new Recording(data.resolve(log.file()), mapping, limit);
                Backtest backtest = new Backtest(config, mapping, targets.targets())) {
            BacktestRun.through(recording, backtest, log.name() + ' ' + family.id(), System.err, System::nanoTime);
            for (QualityTask task : QualityTask.ALL) {
                TargetTrack track = backtest.tracks().get(task.target());
                if (task.log().equals(log) && track != null) {
                    ObjectNode figures = tail(track.served(), track.labels());
                    if (recording.rows() >= limit) {
                        figures.put("rows_of_the_log", limit);
                    }
                    tasks.withObject("/" + task.name()).withObject("/families").set(family.id(), figures);
                }
            }
        }
    }

    private static ObjectNode task(QualityTask task, TargetTrack track, List<Explanations.Weight> reasons) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        ObjectNode served = tail(track.served(), track.labels());
        node.set("n", served.get("n"));
        node.set("base_rate", served.get("base_rate"));
        node.set("served", served);
        if (task.batchLogistic() != null) {
            node.putObject("batch_lr").put("auc", task.batchLogistic());
        }
        if (task.batchBoosting() != null) {
            node.putObject("batch_hgb").put("auc", task.batchBoosting());
        }
        node.set("previous_outcome", tail(previous(track), track.labels()));
        ArrayNode features = node.putArray("top_features");
        reasons.forEach(weight -> features.addObject()
                .put("feature", weight.words())
                .put("mean_contribution", weight.meanContribution()));
        return node;
    }

    /** Every peer's figures; of one that was run at several rates, those at its best. */
    private static void peers(ObjectNode row, List<PeerTracks.Scores> scores, double[] labels) {
        for (PeerTracks.Scores each : scores) {
            ObjectNode figures = tail(each.scores(), labels);
            if (!Double.isNaN(each.rate())) {
                figures.put("learning_rate", each.rate());
            }
            double loss = figures.path("log_loss").asDouble(Double.POSITIVE_INFINITY);
            if (loss < row.path(each.name()).path("log_loss").asDouble(Double.POSITIVE_INFINITY)) {
                row.set(each.name(), figures);
            }
        }
    }

    private static ObjectNode tail(double[] scores, double[] labels) {
        return BacktestReport.metrics(BacktestReport.tail(scores), BacktestReport.tail(labels));
    }

    /** The share of positives so far among those whose previous label was the same: the previous outcome as a probability. */
    private static double[] previous(TargetTrack track) {
        byte[] previous = track.previous();
        double[] labels = track.labels();
        double[] scores = new double[labels.length];
        double[] positives = {1, 1, 1};
        double[] seen = {2, 2, 2};
        for (int i = 0; i < scores.length; i++) {
            int group = previous[i] == TargetTrack.UNKNOWN ? 2 : previous[i];
            scores[i] = positives[group] / seen[group];
            positives[group] += labels[i];
            seen[group]++;
        }
        return scores;
    }
}
