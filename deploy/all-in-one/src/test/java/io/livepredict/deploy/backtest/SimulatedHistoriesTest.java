package io.livepredict.deploy.backtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.livepredict.avro.LabelledExample;
import io.livepredict.avro.Prediction;
import io.livepredict.avro.TargetLabel;
import io.livepredict.contract.CanonicalEvent;
import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.Target;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Seeded random histories with repeats, disorder and late events, during which the app and the trainer are killed and started
 * from what they had saved, features and targets change, and models appear that must not be served. What holds of every
 * one of them is checked against a naive account of the history. A failure names its seed; {@code -Dseed=N} runs that one
 * alone.
 */
class SimulatedHistoriesTest {
    private static final long GRACE_MILLIS = 5_000;
    private static final List<BadModel> BAD = List.of(BadModel.values());

    @Test
    void shouldHoldItsInvariantsInManyHistories() {
        Long only = Long.getLong("seed");
        for (long seed = only == null ? 1 : only; seed <= (only == null ? 20 : only); seed++) {
            check(seed);
        }
    }

    @Test
    @Tag("soak")
    void shouldHoldItsInvariantsInThousandsOfHistories() {
        long first = Long.getLong("first-seed", 1_000);
        long histories = Long.getLong("histories", 3_000);
        for (long seed = first; seed < first + histories; seed++) {
            check(seed);
        }
    }

    @Test
    void shouldServeTheLastGoodModelWhenItStartsUnderAStrangersPointer() {
        try (SimulatedLoop loop = new SimulatedLoop(TestLogs.chaos(1, 400), Installed.any(new Random(1)))) {
            while (loop.hasNext() && loop.good.isEmpty()) {
                loop.next();
                loop.commit();
                loop.learn(Integer.MAX_VALUE);
            }
            assertThat(loop.good).isNotEmpty();
            loop.offer(BadModel.POINTED_TO_BY_A_STRANGER, false);
            loop.restartApp(loop.installed()); // checks what is active
        }
    }

    private static void check(long seed) {
        try {
            history(seed);
        } catch (Throwable e) {
            throw new AssertionError("seed " + seed + " (-Dseed=" + seed + " runs it alone): " + e.getMessage(), e);
        }
    }

    private static void history(long seed) throws Exception {
        Random random = new Random(seed);
        List<CanonicalEvent> events = TestLogs.chaos(seed, 150 + random.nextInt(250));
        try (SimulatedLoop loop = new SimulatedLoop(events, Installed.any(random))) {
            boolean changes = random.nextInt(3) > 0;
            boolean strangers = random.nextBoolean();
            while (loop.hasNext()) {
                loop.next();
                disturb(loop, random, changes, strangers);
            }
            loop.commit();
            loop.checkLearning();
            // Each of them in each history: those that come in between are too few for twenty histories to try them
            // all.
            BAD.forEach(bad -> loop.offer(bad, false));

            agree(loop, events);
        }
    }

    /** What came of a history is what must come of it. */
    static void agree(SimulatedLoop loop, List<CanonicalEvent> events) throws Exception {
        NaiveAccount account = new NaiveAccount(
                events, loop.takenInUnder.stream().map(Installed::targets).toList(), GRACE_MILLIS);
        predictionsAgree(loop, account);
        labelsAgree(loop, account);
        scoresAgree(loop);
        featuresAgree(loop, events);
    }

    /** Kinds of trouble come in different measure in different histories. */
    private static void disturb(SimulatedLoop loop, Random random, boolean changes, boolean strangers) {
        if (random.nextInt(4) == 0) {
            loop.commit();
        }
        if (random.nextInt(4) == 0) {
            loop.learn(random.nextInt(30));
        }
        switch (random.nextInt(240)) {
            case 0, 1, 2, 3 -> loop.restartApp(loop.installed());
            case 4, 5 -> loop.restartApp(changes ? Installed.any(random) : loop.installed());
            case 6 -> { // an orderly end
                loop.commit();
                loop.restartApp(changes ? Installed.any(random) : loop.installed());
            }
            case 7, 8, 9, 10 -> loop.restartTrainer(loop.taught());
            case 11, 12 -> loop.restartTrainer(loop.installed());
            case 13 -> loop.restartTrainer(changes ? Installed.any(random) : loop.taught());
            case 14, 15, 16, 17, 18, 19 -> loop.checkpoint();
            case 20, 21, 22 -> {
                if (strangers) {
                    loop.offer(BAD.get(random.nextInt(BAD.size())), random.nextInt(3) == 0);
                }
            }
            default -> {}
        }
    }

    private static void predictionsAgree(SimulatedLoop loop, NaiveAccount account) {
        assertThat(loop.predictions.stream()
                        .map(prediction -> prediction.getEventId() + ' ' + prediction.getTarget())
                        .toList())
                .as("predictions, in order")
                .isEqualTo(account.predictions);
        assertThat(loop.deadLetters).as("dead letters").isEqualTo(account.late);
        for (Prediction prediction : loop.predictions) {
            SimulatedLoop.Good version = loop.good.get(prediction.getModelVersion());
            assertThat(prediction.getModelHash())
                    .as("what scored %s: version %d", prediction.getEventId(), prediction.getModelVersion())
                    .isEqualTo(
                            prediction.getModelVersion() == 0
                                    ? ""
                                    : version == null
                                            ? "that of a good version"
                                            : version.published().manifest().sha256());
        }
    }

    private static void labelsAgree(SimulatedLoop loop, NaiveAccount account) {
        Map<String, Double> labels = new HashMap<>();
        for (LabelledExample example : loop.examples) {
            for (TargetLabel label : example.getLabels()) {
                assertThat(labels.put(example.getEventId() + ' ' + label.getTarget(), label.getLabel()))
                        .as("label of %s given twice", example.getEventId())
                        .isNull();
            }
        }
        assertThat(labels).as("labels").isEqualTo(account.labels);
    }

    /** What is logged as served was predicted, and its vector gives that very score. */
    private static void scoresAgree(SimulatedLoop loop) throws Exception {
        Map<String, Prediction> predicted = new HashMap<>();
        loop.predictions.forEach(
                prediction -> predicted.put(prediction.getEventId() + ' ' + prediction.getTarget(), prediction));
        List<Target> targets = loop.takenInUnder.stream()
                .distinct()
                .flatMap(installed -> installed.targets().stream())
                .distinct()
                .toList();
        try (Rescoring rescoring = new Rescoring()) {
            for (LabelledExample example : loop.examples) {
                FeatureSchema schema = loop.schema(example.getFeatureSchema());
                for (TargetLabel label : example.getLabels()) {
                    long served = label.getServedByPrior() ? 0 : example.getModelVersion();
                    SimulatedLoop.Good version = loop.good.get(served);
                    String what = example.getEventId() + ' ' + label.getTarget();
                    Prediction prediction = Objects.requireNonNull(predicted.get(what), what);
                    assertThat(prediction.getModelVersion()).as(what).isEqualTo(served);
                    assertThat((float) prediction.getScore()).as(what).isEqualTo((float) label.getServedScore());
                    Target target = targets.stream()
                            .filter(each -> each.name().equals(label.getTarget())
                                    && each.definition().equals(label.getDefinition()))
                            .findFirst()
                            .orElseThrow();
                    float again = version == null
                            ? (float) target.prior()
                            : rescoring.score(version.published(), example, schema, target);
                    assertThat((float) label.getServedScore())
                            .as("%s, scored again by version %d", what, served)
                            .isEqualTo(again);
                }
            }
        }
        for (SimulatedLoop.Good version : loop.good.values()) {
            Rescoring.checkExport(version.published(), version.schema(), version.targets());
        }
    }

    /** An app that goes through the same configurations and is never killed logs the same vectors. */
    private static void featuresAgree(SimulatedLoop loop, List<CanonicalEvent> events) {
        try (SimulatedLoop calm = new SimulatedLoop(events, loop.takenInUnder.getFirst())) {
            for (Installed installed : loop.takenInUnder) {
                if (!installed.equals(calm.installed())) {
                    calm.commit();
                    calm.restartApp(installed);
                }
                calm.next();
            }
            calm.commit();
            assertThat(known(loop.examples)).as("features and labels").isEqualTo(known(calm.examples));
        }
    }

    /** The examples without what depends on the models that were there, and when. */
    private static List<LabelledExample> known(List<LabelledExample> examples) {
        List<LabelledExample> known = new ArrayList<>();
        for (LabelledExample example : examples) {
            LabelledExample copy = LabelledExample.newBuilder(example)
                    .setModelVersion(0)
                    .setModelHash("")
                    .setEmittedAt(0)
                    .build();
            copy.getLabels().forEach(label -> {
                label.setServedScore(0.0);
                label.setServedByPrior(false);
            });
            known.add(copy);
        }
        return known;
    }
}
