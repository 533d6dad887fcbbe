package io.livepredict.deploy.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.livepredict.cli.Table;
import io.livepredict.deploy.report.RunReport;
import io.livepredict.trainer.config.LearnerEntry;
import io.livepredict.trainer.evaluation.ExactMetrics;
import io.livepredict.trainer.family.Activation;
import io.livepredict.trainer.family.FamilySettings;
import io.livepredict.trainer.family.Training;
import io.livepredict.trainer.optimiser.Optimiser;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code deploy/bench trainer}: how many examples a second are learned from, and how well, beside other projects' learners. */
@Command(
        name = "trainer",
        header = "Examples per second and core of the trainer.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description =
                "Examples per second and core, test-then-train, with each learner's progressive log-loss and AUC, from arrays"
                        + " and with the same metrics entered for everyone; ours also end to end from the topic (the processor time"
                        + " is the trainer's thread's there). With --peers also MOA's SGD and Vowpal Wabbit on the same examples."
                        + " Every learner takes the best of three learning rates.")
final class TrainerBench implements Callable<Integer> {
    private static final int BATCH = 256;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Option(names = "--json", paramLabel = "FILE", description = "Write the figures there as JSON.")
    private @Nullable Path json;

    @Option(names = "--peers", description = "Measure MOA (GPL-3) and Vowpal Wabbit too; builds them in.")
    private boolean peers;

    @Option(names = "--examples", paramLabel = "N", description = "How many examples; default: ${DEFAULT-VALUE}.")
    private int examples = 400_000;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            description = "Repetitions, of which the speed is the median; default: ${DEFAULT-VALUE}.")
    private int rounds = 3;

    @Option(names = "--no-topic", description = "Leave out the part end to end from the topic.")
    private boolean noTopic;

    /** Something that can be run over the examples again and again, always from nothing. */
    private record Contestant(String name, List<Double> rates, Runner runner) {}

    /** One run. */
    @FunctionalInterface
    private interface Runner {
        ArrayRun.Outcome run(SyntheticExamples data, double rate);
    }

    @Override
    public Integer call() throws IOException {
        Options.atLeast(spec, "--examples", examples, BATCH);
        Options.atLeast(spec, "--rounds", rounds, 1);
        Conditions conditions = Conditions.of(spec);
        SyntheticExamples data = new SyntheticExamples(examples, 1);
        ObjectNode report = JsonNodeFactory.instance.objectNode();
        double best = ExactMetrics.logLoss(data.probabilities, data.firstLabels());
        System.out.printf(
                Locale.ROOT,
                "%,d examples, %d features, batches of %d (ours); the best possible log-loss is %.4f, the base rate's %.4f%n%n",
                examples,
                SyntheticExamples.FEATURES,
                BATCH,
                best,
                ExactMetrics.baseRateLogLoss(data.firstLabels()));
        Map<String, ObjectNode> results = fromArrays(data, contestants());
        results.forEach(report::set);
        if (!noTopic) {
            fromTopic(data, report);
        }
        report.put("best_possible_log_loss", best);
        report.set("conditions", conditions.json());
        if (json != null) {
            RunReport.write(report, json);
        }
        System.out.print(table(report));
        return 0;
    }

    private List<Contestant> contestants() {
        List<Contestant> contestants = new ArrayList<>();
        contestants.add(new Contestant(
                "livepredict_logistic",
                List.of(0.1, 0.2, 0.05),
                (data, rate) -> ArrayRun.ours(data, new FamilySettings.Logistic(settling(rate)), 1, BATCH)));
        contestants.add(new Contestant(
                "livepredict_mlp",
                List.of(0.001, 0.003, 0.0003),
                (data, rate) -> ArrayRun.ours(
                        data,
                        new FamilySettings.Mlp(List.of(128, 64), Activation.RELU, Training.adam(rate)),
                        4,
                        BATCH)));
        Peers.find(peers).ifPresent(found -> {
            for (String name : List.of(PeerLearners.MOA_SGD, PeerLearners.VOWPAL_WABBIT)) {
                contestants.add(new Contestant(name, found.rates(name), (data, rate) -> {
                    try (PeerLearner learner = found.create(name, SyntheticExamples.FEATURES, rate)) {
                        return ArrayRun.peer(data, learner);
                    }
                }));
            }
        });
        return contestants;
    }

    /** Per-coordinate rates that settle, as Vowpal Wabbit's do: nothing drifts here. Averaged as the trainer does by default. */
    private static Training settling(double rate) {
        return Training.adam(rate).with(new Optimiser.AdaGrad(0.001, 1e-7)).averagedOver(LearnerEntry.AVERAGE_OVER);
    }

    /** Each learner's rates once; then rounds, each of everyone at the best rate, so that a busy moment meets all. */
    private Map<String, ObjectNode> fromArrays(SyntheticExamples data, List<Contestant> contestants) {
        Map<String, ObjectNode> results = new LinkedHashMap<>();
        Map<String, Double> rates = new LinkedHashMap<>();
        double[] labels = data.firstLabels();
        for (Contestant each : contestants) {
            ObjectNode node = JsonNodeFactory.instance.objectNode();
            ObjectNode tried = node.putObject("log_loss_by_learning_rate");
            double least = Double.POSITIVE_INFINITY;
            for (double rate : each.rates()) {
                double[] scores = each.runner().run(data, rate).scores();
                double loss = ExactMetrics.logLoss(scores, labels);
                tried.put(Double.toString(rate), loss);
                if (loss < least) {
                    least = loss;
                    rates.put(each.name(), rate);
                    node.put("log_loss", loss);
                    node.put("auc", ExactMetrics.auc(scores, labels));
                    node.put("learning_rate", rate);
                }
            }
            System.out.printf(Locale.ROOT, "%s: log-loss by learning rate %s%n", each.name(), tried);
            results.put(each.name(), node);
        }
        Map<String, List<ArrayRun.Outcome>> outcomes = new LinkedHashMap<>();
        for (int round = 0; round < rounds; round++) {
            for (Contestant each : contestants) {
                outcomes.computeIfAbsent(each.name(), absent -> new ArrayList<>())
                        .add(each.runner().run(data, rates.getOrDefault(each.name(), Double.NaN)));
            }
        }
        outcomes.forEach((name, runs) -> {
            ObjectNode node = results.get(name);
            if (node != null) {
                Spread.of(runs.stream().mapToDouble(run -> data.count / run.cpuSeconds()))
                        .put(node, "examples_per_second");
                Spread.of(runs.stream().mapToDouble(run -> data.count / (run.cpuSeconds() - run.metricsCpuSeconds())))
                        .put(node, "examples_per_second_without_metrics");
                Spread.of(runs.stream().mapToDouble(run -> data.count / run.wallSeconds()))
                        .put(node, "examples_per_second_by_the_clock");
            }
        });
        return results;
    }

    private static void fromTopic(SyntheticExamples data, ObjectNode report) {
        Map<String, LearnerEntry> learners = new LinkedHashMap<>();
        learners.put("livepredict_logistic_from_topic", LearnerEntry.of(LearnerEntry.Family.LOGISTIC));
        learners.put(
                "livepredict_mlp_from_topic",
                LearnerEntry.of(LearnerEntry.Family.MLP).withHidden(List.of(128, 64)));
        try (TopicRun topic = new TopicRun(data, BATCH)) {
            learners.forEach((name, learner) -> report.set(name, topic.run(name, learner)));
        }
    }

    private static String table(ObjectNode report) {
        Table table = new Table(
                "learner",
                "examples/s of a core",
                "least to most",
                "without metrics",
                "by the clock",
                "log-loss",
                "AUC",
                "rate");
        report.properties().forEach(entry -> {
            var node = entry.getValue();
            if (node.has("examples_per_second")) {
                table.row(
                        entry.getKey(),
                        whole(node.path("examples_per_second")),
                        whole(node.path("examples_per_second_least")) + " to "
                                + whole(node.path("examples_per_second_most")),
                        QualityTable.figure(node.path("examples_per_second_without_metrics"), 0),
                        whole(node.path("examples_per_second_by_the_clock")),
                        QualityTable.figure(node.path("log_loss"), 4),
                        QualityTable.figure(node.path("auc"), 4),
                        node.path("learning_rate").asText("–"));
            }
        });
        return "\n" + table.markdown();
    }

    private static String whole(JsonNode value) {
        return String.format(Locale.ROOT, "%,.0f", value.asDouble());
    }
}
