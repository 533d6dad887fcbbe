package io.livepredict.trainer.learner;

import static io.livepredict.trainer.learner.LearnerFixture.CHAT;
import static io.livepredict.trainer.learner.LearnerFixture.LEAVE;
import static io.livepredict.trainer.learner.LearnerFixture.SCHEMA;
import static io.livepredict.trainer.learner.LearnerFixture.TARGETS;
import static io.livepredict.trainer.learner.LearnerFixture.factories;
import static io.livepredict.trainer.learner.LearnerFixture.learner;
import static io.livepredict.trainer.learner.LearnerFixture.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.livepredict.avro.LabelledExample;
import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.FeatureVector;
import io.livepredict.contract.Hashes;
import io.livepredict.contract.Kind;
import io.livepredict.contract.ModelManifest;
import io.livepredict.contract.ModelManifestBuilder;
import io.livepredict.contract.Target;
import io.livepredict.model.ModelArtifact;
import io.livepredict.trainer.evaluation.EvaluationSettings;
import io.livepredict.trainer.evaluation.Metrics;
import io.livepredict.trainer.family.BatchLayout;
import io.livepredict.trainer.family.ExampleBatch;
import io.livepredict.trainer.family.ModelState;
import io.livepredict.trainer.family.TrainableModel;
import io.livepredict.trainer.publish.GateSettings;
import io.livepredict.trainer.publish.Origin;
import io.livepredict.trainer.publish.PublishGate;
import io.livepredict.trainer.publish.PublishSettings;
import io.livepredict.trainer.publish.Published;
import io.livepredict.trainer.publish.VersionLedger;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.BiConsumer;
import org.assertj.core.data.Offset;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class KindLearnerTest {
    private final VersionLedger ledger = new VersionLedger();

    static KindLearnerSettings settings(List<Target> targets) {
        return new KindLearnerSettings(
                Kind.VIEWER,
                targets,
                new BatchSettings(10, 0),
                new ContestSettings(
                        new ChampionSettings(0.005, 100, 200, 5),
                        new DriftSettings(true, 0.002, 0.15, 4, 1_000),
                        new EvaluationSettings(0.999, 1_000, 10, 64)),
                new VersionSettings(
                        new PublishSettings(1_000, 0, 0, 1_000_000),
                        new GateSettings(0.05, 200, 20, 1e-5, 4),
                        new Origin("commit", "hash")),
                new ReplaySettings(0, 1),
                1);
    }

    private static void feed(KindLearner learner, Random random, double sign, int count) {
        long from = learner.offsets().getOrDefault(0, 0L);
        for (int i = 0; i < count; i++) {
            assertThat(learner.accept(0, from + i, 0, random(random, sign))).isNull();
        }
    }

    @Test
    void shouldServeTheBetterLearnerOnceItIsClearlyBetter() {
        KindLearner learner = learner(settings(TARGETS), factories(0.0001, 0.5), ledger);
        Random random = new Random(1);
        feed(learner, random, 1, 10);
        assertThat(learner.status().champion()).isEqualTo("logistic-1.0E-4");
        feed(learner, random, 1, 990);
        assertThat(learner.status().champion()).isEqualTo("logistic-0.5");
        assertThat(learner.status().competition().championChanges()).isEqualTo(1);
    }

    @Test
    void shouldRaiseLearningRatesAndRestartOtherLearnersOnDrift() {
        KindLearner learner = learner(settings(TARGETS), factories(0.3, 0.01), ledger);
        Random random = new Random(2);
        feed(learner, random, 1, 3_000);
        assertThat(learner.status().drift().found()).isZero();
        assertThat(learner.status().drift().learningRateScale()).isEqualTo(1);
        feed(learner, random, -1, 300);
        assertThat(learner.status().drift().found()).isEqualTo(1);
        assertThat(learner.status().drift().lastSize()).isPositive();
        Drift told = learner.untoldDrifts().get(0);
        assertThat(told.learner()).isEqualTo("logistic-0.3");
        assertThat(told.size()).isEqualTo(learner.status().drift().lastSize());
        assertThat(told.progress().examples()).isBetween(3_000L, 3_300L);
        assertThat(told.progress().offsets())
                .isEqualTo(Map.of(0, told.progress().examples()));
        assertThat(told.answer().restarted()).containsExactly("logistic-0.01");
        learner.driftsTold();
        assertThat(learner.status().drift().learningRateScale()).isBetween(2.5, 4.0);
        feed(learner, random, -1, 2_000);
        assertThat(learner.status().drift().learningRateScale()).isEqualTo(1);
        assertThat(learner.untoldDrifts()).isEmpty();
    }

    /** The learners, of which the first model of that name turns to NaN at a step. */
    private static List<LearnerFactory> spoiling(List<LearnerFactory> plain, String name, int atStep) {
        int[] made = new int[1];
        return watched(plain, (learner, model) -> {
            if (learner.equals(name) && made[0]++ == 0) {
                model.spoilAt(atStep);
            }
        });
    }

    /** The learners; each model they make is shown, with its learner's name. */
    private static List<LearnerFactory> watched(List<LearnerFactory> plain, BiConsumer<String, PlainLogistic> seen) {
        return plain.stream()
                .<LearnerFactory>map(learner -> new Watched(learner, seen))
                .toList();
    }

    private record Watched(LearnerFactory plain, BiConsumer<String, PlainLogistic> seen) implements LearnerFactory {
        @Override
        public String name() {
            return plain.name();
        }

        @Override
        public String fingerprint() {
            return plain.fingerprint();
        }

        @Override
        public boolean rehearses() {
            return plain.rehearses();
        }

        @Override
        public TrainableModel create(BatchLayout layout, int batchCapacity, long seed) {
            PlainLogistic model = (PlainLogistic) plain.create(layout, batchCapacity, seed);
            seen.accept(plain.name(), model);
            return model;
        }

        @Override
        public ModelState migrate(ModelState old, BatchLayout from, BatchLayout to, long seed) {
            return plain.migrate(old, from, to, seed);
        }
    }

    @Test
    void shouldResetADivergedLearnerFromTheChampion() {
        KindLearner learner = learner(settings(TARGETS), spoiling(factories(0.5, 0.1), "logistic-0.1", 20), ledger);
        feed(learner, new Random(3), 1, 1_000);
        KindStatus status = learner.status();
        assertThat(status.competition().resets()).isEqualTo(1);
        assertThat(status.champion()).isEqualTo("logistic-0.5");
        assertThat(status.windowed("leave", "logistic-0.1").loss()).isFinite();
        assertThat(status.windowed("leave", "logistic-0.1").loss())
                .isCloseTo(status.windowed("leave", "logistic-0.5").loss(), Offset.offset(0.1));
    }

    @Test
    void shouldHandOverWhenTheChampionDiverges() {
        KindLearner learner = learner(settings(TARGETS), spoiling(factories(0.5, 0.1), "logistic-0.5", 50), ledger);
        feed(learner, new Random(4), 1, 520);
        assertThat(learner.status().competition().resets()).isEqualTo(1);
        assertThat(learner.status().champion()).isEqualTo("logistic-0.1");
        Optional<Published> published = LearnerFixture.publish(learner, ledger, 10_000);
        assertThat(published).isPresent();
    }

    @Test
    void shouldRefuseAndCountWhatTheGateDoesNotLetThrough() {
        KindLearner learner = learner(settings(TARGETS), factories(0.5), ledger);
        Random random = new Random(5);
        for (int i = 0; i < 1_000; i++) {
            // What was served knew the labels nearly; the learner can't keep up.
            float[] dense = {(float) random.nextGaussian(), 0};
            double label = random.nextInt(2);
            LabelledExample example =
                    LearnerFixture.example(SCHEMA, "v" + i, dense, Map.of(LEAVE, label), label > 0 ? 0.95 : 0.05, 7);
            learner.accept(0, i, 0, example);
        }
        assertThat(learner.maybePublish(5_000)).isEmpty();
        assertThat(learner.maybePublish(5_500)).isEmpty();
        assertThat(learner.maybePublish(6_000)).isEmpty();
        assertThat(learner.status().versions().refusals()).containsEntry(PublishGate.Reason.WORSE_THAN_SERVED, 2L);
        assertThat(learner.version()).isZero();
    }

    @Test
    void shouldLearnFromTheFirstLabelAtOnceAndThenInBatchesThatDouble() {
        KindLearner learner = learner(settings(TARGETS), factories(0.5), ledger);
        Random random = new Random(6);
        List<Long> learned = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            learner.accept(0, i, i, LearnerFixture.random(random, 1));
            if (learner.openRows() == 0) {
                learned.add(learner.examples());
            }
        }
        assertThat(learned).containsExactly(1L, 2L, 4L, 8L, 10L, 20L, 30L);
    }

    @Test
    void shouldPublishOnlyWhenDueAndOnlyWhatIsNew() {
        KindLearner learner = learner(settings(TARGETS), factories(0.5), ledger);
        Random random = new Random(6);
        assertThat(learner.maybePublish(0)).isEmpty();
        feed(learner, random, 1, 10);
        assertThat(learner.maybePublish(10_000)).as("below the least examples").isEmpty();
        feed(learner, random, 1, 10);
        Published first = LearnerFixture.publish(learner, ledger, 20_000).orElseThrow();
        assertThat(first.manifest().version()).isEqualTo(1);
        assertThat(first.manifest().createdAt()).isEqualTo("1970-01-01T00:00:20Z");
        assertThat(first.manifest().trainingOffsets()).isEqualTo(Map.of(0, 20L));
        assertThat(LearnerFixture.publish(learner, ledger, 30_000))
                .as("nothing learned since")
                .isEmpty();
        feed(learner, random, 1, 10);
        Published second = LearnerFixture.publish(learner, ledger, 30_000).orElseThrow();
        assertThat(second.manifest().parentVersion()).isEqualTo(1);
        feed(learner, random, 1, 10);
        assertThat(LearnerFixture.publish(learner, ledger, 30_999))
                .as("too soon")
                .isEmpty();
        assertThat(LearnerFixture.publish(learner, ledger, 31_000)).isPresent();
    }

    @Test
    void shouldJumpBeyondVersionsOfALifeThatWasLost() {
        KindLearner lost = learner(settings(TARGETS), factories(0.5), ledger);
        Random random = new Random(7);
        feed(lost, random, 1, 20);
        LearnerFixture.publish(lost, ledger, 1_000);
        byte[] checkpoint = lost.state();
        feed(lost, random, 1, 20);
        LearnerFixture.publish(lost, ledger, 2_000);
        LearnerFixture.publish(lost, ledger, 2_500);

        KindLearner restored = learner(settings(TARGETS), factories(0.5), ledger);
        restored.restore(checkpoint);
        feed(restored, new Random(8), 1, 10);
        Published next = LearnerFixture.publish(restored, ledger, 3_000).orElseThrow();
        assertThat(next.manifest().version()).isEqualTo(3);
        assertThat(next.manifest().parentVersion()).isEqualTo(1);
    }

    @Test
    void shouldKeepWeightsByNameWhenFeaturesChange() {
        FeatureSchema wider = LearnerFixture.schema("new", "a", "b");
        LearnerFixture.Schemas schemas = new LearnerFixture.Schemas(SCHEMA);
        KindLearner learner = new KindLearner(settings(TARGETS), factories(0.5), PlainLogistic::load, schemas, ledger);
        feed(learner, new Random(9), 1, 500);
        PlainLogistic before = PlainLogistic.read(
                LearnerFixture.publish(learner, ledger, 1_000).orElseThrow().onnx());

        schemas.announce(wider);
        for (int i = 0; i < 10; i++) {
            float[] dense = {5, i, 1};
            learner.accept(0, 500 + i, 0, LearnerFixture.example(wider, "v", dense, Map.of(LEAVE, 1.0), 0.1, 1));
        }
        assertThat(learner.status().learning().migrations()).isEqualTo(1);
        // An example of the older schema is still of use, its missing feature being zero.
        assertThat(learner.accept(0, 510, 0, random(new Random(10), 1))).isNull();
        assertThat(learner.status().learning().migrations()).isEqualTo(1);
        learner.closeBatch();
        assertThat(learner.examples()).isEqualTo(511);

        // Scores did not jump: the first batch of the new schema was scored by the old weights.
        ExampleBatch row = new ExampleBatch(1, 2, 0, 0, 2);
        row.size = 1;
        float[] expected = new float[2];
        before.predict(row, expected);
        assertThat(expected[0]).isBetween(0.3f, 0.7f);
        Published after = LearnerFixture.publish(learner, ledger, 5_000).orElseThrow();
        assertThat(PlainLogistic.read(after.onnx()).export()).hasSize(8 + 4 * 4 * 2);
    }

    @Test
    void shouldMigrateWhenTargetsChangeBetweenLives() {
        KindLearner first = learner(settings(List.of(LEAVE)), factories(0.5), ledger);
        Random random = new Random(11);
        feed(first, random, 1, 400);
        byte[] state = first.state();

        KindLearner second = learner(settings(List.of(CHAT, LEAVE)), factories(0.5), ledger);
        second.restore(state);
        assertThat(second.examples()).isEqualTo(400);
        assertThat(second.status().learning().migrations()).isEqualTo(1);
        feed(second, random, 1, 100);
        // Trained for a hundred examples only, yet it knows: the weights came along.
        assertThat(second.status().windowed("leave", "logistic-0.5").auc()).isGreaterThan(0.8);
        assertThat(second.status().windowed("chat", "logistic-0.5").examples()).isPositive();
    }

    @Test
    void shouldTakeUpLearnersByNameAndSettings() {
        KindLearner first = learner(settings(TARGETS), factories(0.5), ledger);
        feed(first, new Random(12), 1, 400);
        KindLearner second = learner(settings(TARGETS), factories(0.01, 0.5), ledger);
        second.restore(first.state());
        assertThat(second.status().champion()).isEqualTo("logistic-0.5");
        feed(second, new Random(13), 1, 100);
        assertThat(second.status().windowed("leave", "logistic-0.5").auc()).isGreaterThan(0.8);
    }

    @Test
    void shouldSkipAndCountEveryKindOfBadExampleAndLearnFromTheOthers() {
        FeatureSchema player = new FeatureSchema(Kind.PLAYER, SCHEMA.dense(), SCHEMA.eventTypes(), 0, "", List.of());
        KindLearner learner = new KindLearner(
                settings(TARGETS),
                factories(0.1),
                PlainLogistic::load,
                new LearnerFixture.Schemas(SCHEMA, player),
                ledger);
        Random random = new Random(14);
        List<LabelledExample> examples = new ArrayList<>();
        List<Optional<ExampleFault>> expected = new ArrayList<>();
        add(examples, expected, random(random, 1), null);
        LabelledExample unknown = random(random, 1);
        unknown.setFeatureSchema("0123");
        add(examples, expected, unknown, ExampleFault.UNKNOWN_SCHEMA);
        LabelledExample foreign = random(random, 1);
        foreign.setFeatureSchema(player.id());
        add(examples, expected, foreign, ExampleFault.WRONG_KIND);
        add(examples, expected, example(new float[] {1}, 1), ExampleFault.WRONG_LENGTH);
        add(examples, expected, example(new float[] {1, Float.NaN}, 1), ExampleFault.NOT_FINITE);
        add(examples, expected, example(new float[] {1, 1}, Double.POSITIVE_INFINITY), ExampleFault.NOT_FINITE);
        add(examples, expected, example(new float[] {1, 1}, 0.5), ExampleFault.OUT_OF_RANGE);
        Target other = LearnerFixture.target("other", Set.of("LEAVE"));
        add(
                examples,
                expected,
                LearnerFixture.example(SCHEMA, "v", new float[] {1, 1}, Map.of(other, 1.0), 0.1, 1),
                ExampleFault.NO_USABLE_LABEL);
        Target changed = LearnerFixture.target("leave", Set.of("CHAT"));
        add(
                examples,
                expected,
                LearnerFixture.example(SCHEMA, "v", new float[] {1, 1}, Map.of(changed, 1.0), 0.1, 1),
                ExampleFault.NO_USABLE_LABEL);
        add(examples, expected, random(random, 1), null);

        for (int i = 0; i < examples.size(); i++) {
            assertThat(Optional.ofNullable(learner.accept(0, i, 0, examples.get(i))))
                    .as("example " + i)
                    .isEqualTo(expected.get(i));
        }
        learner.closeBatch();
        assertThat(learner.examples()).isEqualTo(2);
        assertThat(learner.offsets()).isEqualTo(Map.of(0, 10L));
        assertThat(learner.status().learning().faults())
                .containsEntry(ExampleFault.NOT_FINITE, 2L)
                .containsEntry(ExampleFault.NO_USABLE_LABEL, 2L)
                .containsEntry(ExampleFault.UNKNOWN_SCHEMA, 1L)
                .hasSize(6);
    }

    private static LabelledExample example(float[] dense, double label) {
        return LearnerFixture.example(SCHEMA, "v", dense, Map.of(LEAVE, label), 0.1, 1);
    }

    private static void add(
            List<LabelledExample> examples,
            List<Optional<ExampleFault>> expected,
            LabelledExample example,
            @Nullable ExampleFault fault) {
        examples.add(example);
        expected.add(Optional.ofNullable(fault));
    }

    /** A model of somebody else's: the features in another order, one head, and weights by which it is right. */
    private static ModelArtifact imported(long version, Target head, String... features) {
        PlainLogistic model = new PlainLogistic(features.length, 1, 0);
        float[] weights = new float[features.length + 1];
        weights[Arrays.asList(features).indexOf("a")] = 3;
        model.restore(new ModelState(Map.of(
                "weights", new ModelState.Tensor(new long[] {features.length + 1, 1}, weights))));
        ModelManifest manifest = ModelManifestBuilder.builder()
                .format(ModelManifest.FORMAT)
                .name("viewer")
                .version(version)
                .parentVersion(0)
                .createdAt(Instant.EPOCH.toString())
                .family(ModelManifest.IMPORTED)
                .dense(LearnerFixture.schema(features).dense().stream()
                        .map(f -> new ModelManifest.Feature(f.name(), f.definition()))
                        .toList())
                .eventTypes(List.of())
                .sequenceLength(0)
                .sequenceDefinition("")
                .ids(List.of())
                .targets(List.of(new ModelManifest.Head(head.name(), head.definition())))
                .bytes(model.export().length)
                .chunks(1)
                .sha256("")
                .trainingOffsets(Map.of())
                .examples(0)
                .lastExampleEmittedAt(0)
                .metrics(Map.of())
                .gitCommit("commit")
                .configurationHash("hash")
                .golden(List.of())
                .build();
        return new ModelArtifact(manifest, model.export());
    }

    @Test
    void shouldTestImportsOnTheSameExamplesAndLetThemTouchNothing() {
        KindLearner alone = learner(settings(TARGETS), factories(0.0001, 0.05), new VersionLedger());
        KindLearner beside = learner(settings(TARGETS), factories(0.0001, 0.05), new VersionLedger());
        List<ModelArtifact> imports = List.of(
                imported(7, LEAVE, "b", "a"),
                imported(8, LEAVE, "a", "gone"),
                imported(9, LearnerFixture.target("other", Set.of("LEAVE")), "a", "b"));
        beside.importedModels(imports);
        feed(alone, new Random(16), 1, 700);
        feed(beside, new Random(16), 1, 700);

        KindStatus status = beside.status();
        Metrics import7 = status.windowed("leave", "import-7");
        assertThat(import7.examples()).isEqualTo(700);
        // It knows the very probabilities: its loss is their entropy, and nobody's is lower.
        double entropy = 0;
        Random random = new Random(16);
        for (int i = 0; i < 700; i++) {
            LabelledExample example = random(random, 1);
            float[] dense = new float[2];
            FeatureVector.read(example.getDense(), dense);
            double logit = 3 * dense[0];
            double label = example.getLabels().get(0).getLabel();
            entropy += Math.log1p(Math.exp(label > 0.5 ? -logit : logit)) / 700;
        }
        assertThat(import7.loss()).isCloseTo(entropy, Offset.offset(1e-4));
        assertThat(status.competition().lines())
                .filteredOn(line -> line.scorer().startsWith("import"))
                .singleElement()
                .satisfies(line -> assertThat(line.target()).isEqualTo("leave"));
        // It is better than the champion, and yet it is the user who promotes it.
        assertThat(status.champion()).isEqualTo(alone.status().champion());
        assertThat(import7.loss())
                .isLessThan(status.windowed("leave", status.champion()).loss());
        assertThat(beside.state()).isEqualTo(alone.state());

        // Figures stay when another comes, and go with the model.
        beside.importedModels(List.of(imports.get(0), imported(10, LEAVE, "a", "b")));
        feed(beside, random, 1, 50);
        assertThat(beside.status().windowed("leave", "import-7").examples()).isEqualTo(750);
        assertThat(beside.status().windowed("leave", "import-10").examples()).isEqualTo(50);
        beside.importedModels(List.of());
        feed(beside, random, 1, 50);
        assertThat(beside.status().windowed("leave", "import-7")).isEqualTo(Metrics.NONE);
    }

    /** Schema, targets, counters, learners and empty metrics: what a state of this build and of those before it begins with. */
    @Test
    void shouldWriteTheBytesThatEarlierBuildsWrote() {
        KindLearner learner = learner(settings(TARGETS), factories(0.5, 0.1), ledger);
        LabelledExample unlabelled = LearnerFixture.random(new Random(17), 1);
        unlabelled.setLabels(List.of());
        assertThat(learner.accept(0, 0, 0, unlabelled))
                .as("the learners have begun, and nothing was computed yet")
                .isEqualTo(ExampleFault.NO_USABLE_LABEL);
        assertThat(Hashes.sha256(learner.state()))
                .isEqualTo("117ee79453f8b3a9f90ed78cbd4c0d9f25232865940eeec2f8ed5da3b467bc40");
    }

    /** Layout 3 knew nothing of replay: its last section, a length and a flag, was not there. */
    @Test
    void shouldGoOnFromAStateOfTheLayoutBefore() {
        KindLearner learner = learner(settings(TARGETS), factories(0.5, 0.1), ledger);
        feed(learner, new Random(18), 1, 300);
        byte[] now = learner.state();
        byte[] before = Arrays.copyOf(now, now.length - 5);
        ByteBuffer.wrap(before).putInt(4, 3);

        KindLearner restored = learner(settings(TARGETS), factories(0.5, 0.1), ledger);
        restored.restore(before);

        assertThat(restored.state()).isEqualTo(now);
    }

    private static KindLearnerSettings replaying() {
        KindLearnerSettings off = settings(TARGETS);
        return new KindLearnerSettings(
                off.kind(),
                TARGETS,
                off.batch(),
                off.contest(),
                off.versions(),
                new ReplaySettings(2, 100),
                off.seed());
    }

    /** Retention may have deleted what lies at the offsets that a state names. */
    @Test
    void shouldGoOnWithoutExamplesThatCantBeReadAgain() {
        KindLearner learner = learner(replaying(), factories(0.1), ledger);
        feed(learner, new Random(21), 1, 500);
        KindLearner restored = learner(replaying(), factories(0.1), ledger);
        restored.restore(learner.state());
        assertThat(restored.refillFrom()).isEqualTo(Map.of(0, 400L));
        feed(restored, new Random(22), 1, 10);
        assertThat(restored.status().learning().replayed().examples())
                .as("nothing was there to draw from")
                .isZero();
        feed(restored, new Random(23), 1, 40);
        assertThat(restored.status().learning().replayed().examples()).isPositive();

        KindLearner again = learner(replaying(), factories(0.1), ledger);
        again.restore(restored.state());
        assertThat(again.refillFrom()).isEqualTo(Map.of(0, 500L));
    }

    @Test
    void shouldLearnOnceMoreFromEarlierExamplesUnlessNewOnesWait() {
        KindLearnerSettings off = settings(TARGETS);
        KindLearnerSettings on = replaying();
        KindLearner without = learner(off, factories(0.1), new VersionLedger());
        KindLearner with = learner(on, factories(0.1), new VersionLedger());
        KindLearner busy = learner(on, factories(0.1), new VersionLedger());
        busy.busy(true);
        for (KindLearner learner : List.of(without, with, busy)) {
            feed(learner, new Random(19), 1, 500);
        }
        assertThat(with.status().learning().replayed().examples()).isBetween(900L, 1_000L);
        assertThat(busy.status().learning().replayed())
                .isEqualTo(new KindStatus.Replayed(0, busy.status().learning().batches()));
        assertThat(with.status().windowed("leave", "logistic-0.1").loss())
                .isLessThan(without.status().windowed("leave", "logistic-0.1").loss());
        assertThat(busy.status().windowed("leave", "logistic-0.1"))
                .isEqualTo(without.status().windowed("leave", "logistic-0.1"));
        assertThat(with.status().windowed("leave", "logistic-0.1").examples())
                .as("metrics know of new examples only")
                .isEqualTo(500);
        busy.busy(false);
        feed(busy, new Random(20), 1, 100);
        assertThat(busy.status().learning().replayed().examples()).isPositive();
    }

    @Test
    void shouldSayWhatIsWrongWithAStateItCanNotRead() {
        KindLearner learner = learner(settings(TARGETS), factories(0.1), ledger);
        feed(learner, new Random(15), 1, 30);
        byte[] state = learner.state();
        KindLearner other = learner(settings(TARGETS), factories(0.1), ledger);
        assertThatThrownBy(() -> other.restore(new byte[] {1, 2, 3, 4, 5}))
                .isInstanceOf(StateFormatException.class)
                .hasMessage("these bytes are no learner state");
        byte[] newer = state.clone();
        newer[7] = 99;
        assertThatThrownBy(() -> other.restore(newer))
                .hasMessageContaining("layout 99, this build reads 3")
                .hasMessageContaining("--fresh");
        assertThatThrownBy(() -> other.restore(Arrays.copyOf(state, state.length / 2)))
                .isInstanceOf(StateFormatException.class);
    }
}
