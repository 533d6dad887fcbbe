package io.livepredict.trainer.wiring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.livepredict.avro.LabelledExample;
import io.livepredict.avro.TargetLabel;
import io.livepredict.contract.DenseFeature;
import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.FeatureVector;
import io.livepredict.contract.IdFeature;
import io.livepredict.contract.Kind;
import io.livepredict.contract.Scale;
import io.livepredict.contract.Target;
import io.livepredict.settings.KafkaSettings;
import io.livepredict.settings.RegistrySettings;
import io.livepredict.settings.TargetSettings;
import io.livepredict.settings.TargetSettingsBuilder;
import io.livepredict.trainer.config.LearnerEntry;
import io.livepredict.trainer.config.TrainerConfig;
import io.livepredict.trainer.config.TrainerSettings;
import io.livepredict.trainer.evaluation.PrequentialTable;
import io.livepredict.trainer.family.FamilySettings;
import io.livepredict.trainer.learner.KindLearner;
import io.livepredict.trainer.learner.SchemaSource;
import io.livepredict.trainer.optimiser.LearningRate;
import io.livepredict.trainer.ort.OrtRuntime;
import io.livepredict.trainer.publish.Published;
import io.livepredict.trainer.publish.VersionLedger;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The learner as it is configured and run, on ONNX Runtime, without topics. */
class TrainerLearnerTest {
    private static final int SEQUENCE = 6;
    private static final FeatureSchema SCHEMA = new FeatureSchema(
            Kind.VIEWER,
            List.of(
                    new DenseFeature("count", "count", Scale.COUNT, "d1"),
                    new DenseFeature("age", "age", Scale.SECONDS, "d2"),
                    new DenseFeature("share", "share", Scale.PLAIN, "d3")),
            List.of("JOIN", "CHAT", "LEAVE"),
            SEQUENCE,
            "s1",
            List.of(new IdFeature("room", "room", 16, "i1")));
    private static final SchemaSource SCHEMAS =
            id -> id.equals(SCHEMA.id()) ? new SchemaSource.Announced(SCHEMA, 0) : null;

    private static TrainerSettings config(List<LearnerEntry> learners) {
        return TrainerConfig.builder(
                        KafkaSettings.of("localhost:1"),
                        RegistrySettings.of("http://localhost:1"),
                        List.of(
                                target("leave-30s").anyOf(List.of("LEAVE")).build(),
                                target("chat-30s").anyOf(List.of("CHAT")).build(),
                                target("chats-30s")
                                        .sumOf(new TargetSettings.SumOf("length", List.of("CHAT")))
                                        .build()),
                        Path.of("none.pem"))
                .learners(learners)
                .batch(TrainerConfig.Batch.of(32, null))
                .publish(TrainerConfig.Publish.every(Duration.ZERO, 500))
                .evaluation(TrainerConfig.Evaluation.of(2_000, 256))
                .seed(7L)
                .reproducible(true)
                .build()
                .resolve();
    }

    private static TargetSettingsBuilder target(String name) {
        return TargetSettings.builder(name, Kind.VIEWER, Duration.ofSeconds(30));
    }

    /** Leaving depends on the first feature, chatting on the last event; the sum on the third feature. */
    private static LabelledExample example(TrainerSettings config, Random random, int i) {
        FeatureVector vector = new FeatureVector(SCHEMA);
        vector.dense[0] = random.nextInt(50);
        vector.dense[1] = random.nextFloat() * 600;
        vector.dense[2] = random.nextFloat();
        for (int k = 0; k < SEQUENCE; k++) {
            vector.sequenceTypes[k] = random.nextInt(4);
            vector.sequenceGaps[k] = random.nextFloat();
        }
        vector.ids[0] = random.nextInt(16);
        double leave = 1 / (1 + Math.exp(-(2 * Math.log1p(vector.dense[0]) - 5)));
        double chat = vector.sequenceTypes[SEQUENCE - 1] == 2 ? 0.8 : 0.1;
        List<TargetLabel> labels = new ArrayList<>();
        for (Target target : config.kinds().targets()) {
            double label = target.isBinary()
                    ? random.nextDouble() < (target.name().equals("leave-30s") ? leave : chat) ? 1 : 0
                    : 10 * vector.dense[2] + random.nextGaussian();
            labels.add(new TargetLabel(target.name(), target.definition(), label, target.prior(), false));
        }
        return LabelledExample.newBuilder()
                .setEntityId("v" + random.nextInt(100))
                .setContextId("room")
                .setEventId("e" + i)
                .setEventTime(i)
                .setAsOf(i)
                .setHorizonMs(30_000)
                .setFeatureSchema(SCHEMA.id())
                .setDense(ByteBuffer.wrap(FeatureVector.bytes(vector.dense)))
                .setSequenceTypes(ByteBuffer.wrap(FeatureVector.bytes(vector.sequenceTypes)))
                .setSequenceGaps(ByteBuffer.wrap(FeatureVector.bytes(vector.sequenceGaps)))
                .setIds(ByteBuffer.wrap(FeatureVector.bytes(vector.ids)))
                .setLabels(labels)
                .setModelVersion(0)
                .setModelHash("")
                .setEmittedAt(i)
                .build();
    }

    private static List<LabelledExample> examples(TrainerSettings config, int count) {
        Random random = new Random(5);
        List<LabelledExample> examples = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            examples.add(example(config, random, i));
        }
        return examples;
    }

    private static void feed(
            KindLearner learner, List<LabelledExample> examples, VersionLedger ledger, Map<Long, Published> published) {
        for (int i = (int) (long) learner.offsets().getOrDefault(0, 0L); i < examples.size(); i++) {
            assertThat(learner.accept(0, i, i, examples.get(i))).isNull();
            learner.maybePublish(i).ifPresent(p -> {
                ledger.add(p.manifest().version(), p.manifest().sha256());
                published.put(p.manifest().version(), p);
            });
        }
    }

    @Test
    void shouldGiveANetworkThePiecesThatAreConfigured() {
        LearnerEntry entry =
                LearnerEntry.builder(LearnerEntry.Family.MLP).pieces(8).build();
        assertThat(GraphLearner.settings(entry, true))
                .isInstanceOfSatisfying(
                        FamilySettings.Mlp.class,
                        mlp -> assertThat(mlp.pieces()).isEqualTo(8));
        assertThat(GraphLearner.settings(LearnerEntry.of(LearnerEntry.Family.MLP), true))
                .isInstanceOfSatisfying(
                        FamilySettings.Mlp.class,
                        mlp -> assertThat(mlp.pieces()).isZero());
        assertThatThrownBy(() -> LearnerEntry.builder(LearnerEntry.Family.LOGISTIC)
                        .pieces(8)
                        .build())
                .hasMessageContaining("pieces goes with family mlp");
    }

    @Test
    void shouldStartAtTheStartRateAndFallToTheLearningRate() {
        LearnerEntry entry = LearnerEntry.builder(LearnerEntry.Family.LOGISTIC)
                .optimiser(LearnerEntry.Optimiser.ADAGRAD)
                .learningRate(0.01)
                .startRate(0.1)
                .build();
        LearningRate rate = GraphLearner.settings(entry, true).training().learningRate();
        assertThat(rate.at(1)).isEqualTo(0.1);
        assertThat(rate.at(25)).isEqualTo(0.02);
        assertThat(rate.at(1_000)).isEqualTo(0.01);
        assertThat(GraphLearner.settings(entry, true).training().averageOver()).isZero();
        assertThat(GraphLearner.settings(LearnerEntry.of(LearnerEntry.Family.GRU), true)
                        .training()
                        .averageOver())
                .isEqualTo(LearnerEntry.AVERAGE_OVER);
        assertThat(GraphLearner.settings(LearnerEntry.of(LearnerEntry.Family.MLP), true)
                        .training()
                        .averageRestarts())
                .isTrue();
        assertThat(GraphLearner.settings(LearnerEntry.of(LearnerEntry.Family.MLP), false)
                        .training()
                        .averageRestarts())
                .isFalse();
        assertThat(GraphLearner.settings(entry.with("slower", 0.05), true)
                        .training()
                        .learningRate()
                        .at(4))
                .isEqualTo(0.05);
        assertThat(GraphLearner.settings(LearnerEntry.of(LearnerEntry.Family.MLP), true)
                        .training()
                        .learningRate())
                .isEqualTo(new LearningRate.Constant(0.001));
    }

    @Test
    void shouldKeepWhatWasLearnedWhenDriftHandlingIsTurnedOff() {
        LearnerEntry entry = LearnerEntry.of(LearnerEntry.Family.MLP);
        assertThat(new GraphLearner(entry, new OrtRuntime(), false).fingerprint())
                .isEqualTo(new GraphLearner(entry, new OrtRuntime(), true).fingerprint());
    }

    /** Another text would make learners with saved states start afresh. */
    @Test
    void shouldKeepTheFingerprintsThatSavedStatesHold() {
        assertThat(new GraphLearner(LearnerEntry.of(LearnerEntry.Family.MLP), new OrtRuntime(), true).fingerprint())
                .isEqualTo("Mlp[hidden=[64, 32], activation=RELU, training=Training["
                        + "optimiser=Adam[beta1=0.9, beta2=0.999, epsilon=1.0E-8], learningRate=Constant[rate=0.001], l2=0.0,"
                        + " clipNorm=5.0, positiveWeight=1.0,"
                        + " normalisation=Normalisation[memory=100000.0, limit=6.0, warmUp=64.0], averageOver=400.0,"
                        + " averageRestarts=true]]");
    }

    @Test
    void shouldBeatBaseRateAndPublishWhatItLearned() {
        TrainerSettings config = config(List.of(
                LearnerEntry.of(LearnerEntry.Family.MLP).with("mlp", 0.005),
                LearnerEntry.of(LearnerEntry.Family.LOGISTIC).with("logistic", 0.02)));
        VersionLedger ledger = new VersionLedger();
        Map<Long, Published> published = new TreeMap<>();
        try (KindLearner learner = TrainerApp.learner(config, Kind.VIEWER, SCHEMAS, ledger)) {
            feed(learner, examples(config, 6_000), ledger, published);
            var status = learner.status();
            double learned = status.windowed("leave-30s", status.champion()).loss();
            double base =
                    status.windowed("leave-30s", PrequentialTable.BASE_RATE).loss();
            assertThat(learned).isLessThan(0.8 * base);
            assertThat(status.windowed("chats-30s", status.champion()).loss())
                    .isLessThan(0.5
                            * status.windowed("chats-30s", PrequentialTable.BASE_RATE)
                                    .loss());
            assertThat(status.windowed("leave-30s", status.champion()).auc()).isGreaterThan(0.8);
            assertThat(status.versions().refusals().values().stream()
                            .mapToLong(Long::longValue)
                            .sum())
                    .isZero();
        }
        // One for every 500 examples or so, and before that one whenever twice as many had been learned from.
        assertThat(published).hasSizeBetween(14, 20);
        assertThat(published.keySet())
                .containsExactlyElementsOf(
                        LongStream.rangeClosed(1, published.size()).boxed().toList());
        var last =
                Objects.requireNonNull(published.get((long) published.size())).manifest();
        assertThat(last.golden()).hasSize(8);
        assertThat(last.golden().get(0).scores()).hasSize(3);
        assertThat(last.dense()).hasSize(3);
        assertThat(last.sequenceLength()).isZero();
        assertThat(last.ids()).isEmpty();
        assertThat(last.parentVersion()).isEqualTo(published.size() - 1);
        assertThat(Objects.requireNonNull(last.metrics().get("leave-30s")))
                .containsKeys("log_loss", "auc", "base_rate_log_loss");
    }

    @ParameterizedTest
    @EnumSource(LearnerEntry.Family.class)
    void shouldGoOnToTheSameBytesWhenRestored(LearnerEntry.Family family) {
        TrainerSettings config = config(List.of(LearnerEntry.of(family)));
        List<LabelledExample> examples = examples(config, 1_700);
        VersionLedger ledger = new VersionLedger();
        Map<Long, Published> straight = new TreeMap<>();
        byte[] expected;
        try (KindLearner learner = TrainerApp.learner(config, Kind.VIEWER, SCHEMAS, ledger)) {
            feed(learner, examples, ledger, straight);
            expected = learner.state();
        }
        Map<Long, Published> resumed = new TreeMap<>();
        byte[] checkpoint;
        VersionLedger topic = new VersionLedger();
        try (KindLearner learner = TrainerApp.learner(config, Kind.VIEWER, SCHEMAS, topic)) {
            feed(learner, examples.subList(0, 700), topic, resumed);
            checkpoint = learner.state();
            feed(learner, examples.subList(0, 1_200), topic, resumed);
        }
        try (KindLearner learner = TrainerApp.learner(config, Kind.VIEWER, SCHEMAS, topic)) {
            learner.restore(checkpoint);
            learner.refillFrom().forEach((partition, from) -> {
                for (long i = from; i < learner.offsets().getOrDefault(partition, from); i++) {
                    learner.refill(partition, i, examples.get((int) i));
                }
            });
            feed(learner, examples, topic, resumed);
            assertThat(Arrays.equals(learner.state(), expected)).isTrue();
        }
        assertThat(straight).hasSizeGreaterThanOrEqualTo(3);
        assertThat(resumed.keySet()).isEqualTo(straight.keySet());
        straight.forEach((version, published) -> assertThat(
                        Objects.requireNonNull(resumed.get(version)).manifest().sha256())
                .isEqualTo(published.manifest().sha256()));
        boolean sequence = family == LearnerEntry.Family.GRU || family == LearnerEntry.Family.CNN;
        assertThat(Objects.requireNonNull(straight.get(1L)).manifest().sequenceLength())
                .isEqualTo(sequence ? SEQUENCE : 0);
        assertThat(Objects.requireNonNull(straight.get(1L)).manifest().ids())
                .hasSize(family == LearnerEntry.Family.WIDE_AND_DEEP ? 1 : 0);
    }
}
