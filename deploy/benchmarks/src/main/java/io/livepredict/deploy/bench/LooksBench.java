package io.livepredict.deploy.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.livepredict.cli.Table;
import io.livepredict.contract.Kind;
import io.livepredict.contract.KindDefinition;
import io.livepredict.deploy.backtest.Backtest;
import io.livepredict.deploy.backtest.BacktestConfig;
import io.livepredict.deploy.backtest.BacktestRun;
import io.livepredict.deploy.bench.LookedAt.Look;
import io.livepredict.deploy.replay.Recording;
import io.livepredict.deploy.replay.ReplayKinds;
import io.livepredict.deploy.report.RunReport;
import io.livepredict.settings.KindSettings;
import io.livepredict.settings.KindSettingsBuilder;
import io.livepredict.settings.TargetSettings;
import io.livepredict.settings.TargetSettingsBuilder;
import io.livepredict.settings.Targets;
import io.livepredict.settings.YamlFile;
import io.livepredict.streams.mapping.MappingSettings;
import io.livepredict.trainer.evaluation.ExactMetrics;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code deploy/bench looks}: what a score is worth that is made in silence, beside the one of the last event. */
@Command(
        name = "looks",
        header = "What scores made in silence are worth.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description =
                "A backtest of dodgemud that looks at players six hours and two days after a play. On the last 30 %% of"
                        + " the looks: the served scores, the score of the last play, and with --peers XGBoost, trained once on the"
                        + " same features of the first 70 %%. Differences of log-loss are paired, with their standard errors. With"
                        + " --simulated instead of --data: the simulated platform with silences that may mean three things, how much"
                        + " of what its oracle infers is served at looks and at events, and whether who is looked at is no selection.")
final class LooksBench implements Callable<Integer> {
    private static final List<Duration> STEPS = List.of(Duration.ofHours(6), Duration.ofDays(2));
    private static final Set<String> TARGETS = Set.of("quit-24h", "quit-10d");
    private static final double TRAINED = 0.7;

    @ArgGroup(multiplicity = "1")
    @SuppressWarnings("NullAway.Init") // set by picocli
    private Ground ground;

    /** What is looked at: one of the two. */
    private static final class Ground {
        @Option(names = "--data", paramLabel = "DIR", description = "Folder with dodgemud.csv.xz.")
        private @Nullable Path data;

        @Option(
                names = "--simulated",
                paramLabel = "DURATION",
                description = "So much time of the simulated platform, for instance 90m.")
        private @Nullable Duration simulated;
    }

    @Option(names = "--rate", defaultValue = "150", description = "Simulated events per second, default 150.")
    private double rate;

    @Option(names = "--seed", defaultValue = "5", description = "Of the simulation, default 5.")
    private long seed;

    @Option(names = "--json", paramLabel = "FILE", description = "Write the figures there as JSON.")
    private @Nullable Path json;

    @Option(names = "--peers", description = "Run XGBoost too; builds it in.")
    private boolean peers;

    @Option(names = "--limit", paramLabel = "N", description = "Read only the first N rows.")
    private long limit = Long.MAX_VALUE;

    @Option(names = "--examples", hidden = true)
    private Path examples = Path.of(System.getProperty("livepredict.examples", "deploy/examples"));

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException {
        if (ground.simulated != null) {
            return simulated(ground.simulated);
        }
        Path data = Objects.requireNonNull(ground.data);
        Optional<BatchLearner> boosting = peers ? Optional.of(Peers.boosting(spec, "--peers")) : Optional.empty();
        MappingSettings mapping =
                YamlFile.read(examples.resolve("dodgemud.mapping.yaml"), MappingSettings.class, Map.of());
        List<TargetSettings> targets =
                YamlFile.read(examples.resolve("dodgemud.targets.yaml"), Targets.File.class, Map.of())
                        .targets()
                        .stream()
                        .filter(target -> TARGETS.contains(target.name()))
                        .map(LooksBench::atLooks)
                        .toList();
        ObjectNode report = JsonNodeFactory.instance.objectNode();
        report.set("conditions", Conditions.of(spec).json());
        Table table = new Table(
                "target",
                "looks",
                "positive",
                "AUC served",
                "stale",
                "boosting",
                "log-loss served",
                "stale - served",
                "served - boosting",
                "base rate");
        try (Recording recording = new Recording(data.resolve("dodgemud.csv.xz"), mapping, limit);
                Backtest backtest = new Backtest(BacktestConfig.defaults(), Kind.PLAYER, looking(mapping), targets)) {
            LookedAt looked = new LookedAt(backtest.schema(), STEPS);
            backtest.listen(looked);
            BacktestRun.through(recording, backtest, "dodgemud with looks", System.err, System::nanoTime);
            looked.looks()
                    .forEach((place, looks) -> table.row(row(place, looks, boosting, report.withObject("/looks"))));
        }
        System.out.print(table.console());
        if (json != null) {
            RunReport.write(report, json);
        }
        return 0;
    }

    private int simulated(Duration duration) throws IOException {
        ObjectNode report = JsonNodeFactory.instance.objectNode();
        report.set("conditions", Conditions.of(spec).json());
        for (Kind kind : Kind.values()) {
            List<SimulatedLooks.Row> rows = new SimulatedLooks(kind, seed, rate, duration, SimulatedRun.live())
                    .run(System.err, System::nanoTime);
            System.out.print(SimulatedLooks.table(rows, report.withObject("/simulated")));
        }
        if (json != null) {
            RunReport.write(report, json);
        }
        return 0;
    }

    private static Map<Kind, KindSettings> looking(MappingSettings mapping) {
        Map<Kind, KindSettings> kinds = new EnumMap<>(ReplayKinds.of(mapping));
        kinds.computeIfPresent(
                Kind.PLAYER,
                (kind, settings) ->
                        KindSettingsBuilder.builder(settings).looks(STEPS).build());
        return kinds;
    }

    private static TargetSettings atLooks(TargetSettings target) {
        List<String> on = List.of("MATCH_END", KindDefinition.LOOK);
        return TargetSettingsBuilder.builder(target)
                .predictOn(on)
                .snapshotOn(on)
                .build();
    }

    private static List<String> row(String place, List<Look> all, Optional<BatchLearner> boosting, ObjectNode report) {
        int trained = (int) (all.size() * TRAINED);
        List<Look> train = all.subList(0, trained);
        List<Look> test = all.subList(trained, all.size());
        double[] labels = values(test, Look::label);
        Map<String, double[]> scores = new LinkedHashMap<>();
        scores.put("served", values(test, Look::served));
        scores.put("stale", values(test, Look::stale));
        boosting.ifPresent(learner ->
                scores.put("boosting", learner.trainThenScore(features(train), floats(train), features(test))));
        ObjectNode json = report.putObject(place);
        json.put("n", test.size());
        json.put("trained", train.size());
        double base = ExactMetrics.baseRateLogLoss(labels);
        json.put("base_rate_log_loss", base);
        scores.forEach((name, own) -> {
            ObjectNode of = json.putObject(name);
            of.put("auc", ExactMetrics.auc(own, labels));
            of.put("log_loss", ExactMetrics.logLoss(own, labels));
        });
        double[] served = scores.getOrDefault("served", labels);
        double[] boosted = scores.get("boosting");
        return List.of(
                place,
                String.format(Locale.ROOT, "%,d", test.size()),
                number(Arrays.stream(labels).average().orElse(Double.NaN)),
                number(ExactMetrics.auc(served, labels)),
                number(ExactMetrics.auc(scores.getOrDefault("stale", labels), labels)),
                boosted == null ? "-" : number(ExactMetrics.auc(boosted, labels)),
                number(ExactMetrics.logLoss(served, labels)),
                paired(json.putObject("stale_minus_served"), scores.getOrDefault("stale", labels), served, labels),
                boosted == null ? "-" : paired(json.putObject("served_minus_boosting"), served, boosted, labels),
                number(base));
    }

    /** The mean difference of the two log-losses and its standard error. */
    private static String paired(ObjectNode json, double[] one, double[] other, double[] labels) {
        PairedScores ahead = PairedScores.of(one, other, labels);
        json.put("log_loss", ahead.logLoss());
        json.put("standard_error", ahead.logLossError());
        return String.format(Locale.ROOT, "%+.4f ± %.4f", ahead.logLoss(), ahead.logLossError());
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.4f", value);
    }

    private static double[] values(List<Look> looks, ToDoubleFunction<Look> of) {
        return looks.stream().mapToDouble(of).toArray();
    }

    private static float[] floats(List<Look> looks) {
        float[] labels = new float[looks.size()];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = (float) looks.get(i).label();
        }
        return labels;
    }

    private static float[][] features(List<Look> looks) {
        return looks.stream().map(Look::features).toArray(float[][]::new);
    }
}
