package io.livepredict.deploy.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import ai.onnx.proto.OnnxMl.ModelProto;
import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.Kind;
import io.livepredict.contract.ModelManifest;
import io.livepredict.contract.ModelPointer;
import io.livepredict.contract.Target;
import io.livepredict.deploy.local.EmbeddedBroker;
import io.livepredict.model.ModelCollector;
import io.livepredict.model.ModelKeys;
import io.livepredict.model.SigningKey;
import io.livepredict.trainer.evaluation.Metrics;
import io.livepredict.trainer.evaluation.PrequentialTable;
import io.livepredict.trainer.imports.ImportMapping;
import io.livepredict.trainer.imports.ModelFile;
import io.livepredict.trainer.imports.ModelImport;
import io.livepredict.trainer.learner.ExampleFault;
import io.livepredict.trainer.learner.KindStatus;
import io.livepredict.trainer.learner.KindTrainer;
import io.livepredict.trainer.learner.RecentExamples;
import io.livepredict.trainer.learner.TrainerException;
import io.livepredict.trainer.ort.OrtRuntime;
import io.livepredict.trainer.publish.ModelOperator;
import io.livepredict.trainer.publish.RetentionPolicy;
import io.livepredict.trainer.publish.RuntimeModelRunner;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The trainer on a real broker: transactions, resuming, fencing, pins, bad input, kills. Long because all of them share one
 * broker and one ground.
 */
class KindTrainerIT {
    private static final Duration SOON = Duration.ofSeconds(90);
    private static final Path IMPORT =
            Path.of("../../trainer/src/test/resources/io/livepredict/trainer/imports/linear-no-bias.onnx");
    private static EmbeddedBroker broker;
    private static SigningKey key;

    @BeforeAll
    static void start() {
        broker = EmbeddedBroker.start(EmbeddedBroker.Options.throwaway());
        key = SigningKey.generate();
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    private static TrainingGround ground(String namespace, int partitions) {
        TrainingGround ground = new TrainingGround(broker.bootstrapServers(), namespace, partitions, key);
        ground.createTopics();
        ground.announceSchema();
        return ground;
    }

    private static ModelOperator operator(TrainingGround ground) {
        return operator(ground, Duration.ofMillis(100));
    }

    private static ModelOperator operator(TrainingGround ground, Duration look) {
        return new ModelOperator(
                ground.kafka,
                ground.topics.models(),
                ground.signer(),
                ground.verifier(),
                Clock.systemUTC(),
                look,
                ground.topics.namespace().name("import"));
    }

    private static long examples(KindTrainer trainer) {
        return trainer.status().map(status -> status.examples()).orElse(0L);
    }

    @Test
    void shouldTrainEachExampleOfEachPartitionOnceWhenKilled(@TempDir Path folder) throws Exception {
        killWithPartitions(folder, "partitions", 1);
    }

    @Test
    @Tag("soak")
    void shouldTrainEachExampleOfEachPartitionOnceWhenKilledOften(@TempDir Path folder) throws Exception {
        killWithPartitions(folder, "partitions-soak", 20);
    }

    /** A child learns from two partitions and is killed at random moments; another trainer goes on and is closed. */
    private static void killWithPartitions(Path folder, String namespace, int kills) throws Exception {
        Path privateKey = privateKey(folder);
        TrainingGround ground = ground(namespace, 2);
        Random random = new Random(6);
        int each = 1_000;
        for (int kill = 1; kill <= kills; kill++) {
            ground.produce(kill, each, 2);
            long wanted = (kill - 1L) * each + 1 + random.nextInt(each);
            Process child = child(ground, privateKey, false);
            try {
                await().atMost(SOON)
                        .until(() -> ground.checkpointed().values().stream()
                                        .mapToLong(Long::longValue)
                                        .sum()
                                >= wanted);
            } finally {
                child.destroyForcibly().waitFor();
            }
        }
        long before = ground.models().serving("viewer").orElseThrow().version();
        ground.produce(100, each, 2);
        int all = (kills + 1) * each;
        try (KindTrainer trainer = ground.trainer(false, published -> {})) {
            trainer.start();
            await().atMost(SOON).until(() -> examples(trainer) >= all);
            assertThat(examples(trainer)).isEqualTo(all);
            KindStatus status = trainer.status().orElseThrow();
            for (String learner : List.of("logistic", "mlp")) {
                // The window is emptied block by block: it can't hold more than it is long.
                assertThat(status.windowed("leave-30s", learner).examples())
                        .as(learner)
                        .isEqualTo(status.windowed("leave-30s", PrequentialTable.BASE_RATE)
                                .examples())
                        .isGreaterThanOrEqualTo(Math.min(all, 4_500));
            }
        }
        ModelPointer after = ground.models().serving("viewer").orElseThrow();
        assertThat(after.version()).isGreaterThan(before);
        assertThat(after.pinned()).isFalse();
        assertThat(ground.models()
                        .artifact("viewer", after.version())
                        .manifest()
                        .examples())
                .isEqualTo(all);
        assertThat(ground.checkpointed()).isEqualTo(Map.of("0", all / 2L, "1", all / 2L));
        assertThat(ground.published().values()).allMatch(times -> times == 1);
    }

    @Test
    void shouldStopOneOfTwoTrainersWithOneLineAndLeaveTheOther() {
        TrainingGround ground = ground("fence", 1);
        ground.produce(1, 500, 1);
        try (KindTrainer older = ground.trainer(false, published -> {});
                KindTrainer newer = ground.trainer(false, published -> {})) {
            older.start();
            await().atMost(SOON).until(() -> examples(older) == 500);
            newer.start();
            await().atMost(SOON).until(() -> newer.phase() == KindTrainer.Phase.RUNNING);
            ground.produce(2, 500, 1);
            // The newer left its mark before it ran, so whatever Kafka calls the older's trouble, the older ends.
            await().atMost(SOON).until(() -> older.finished().isDone());
            assertThat(older.finished())
                    .failsWithin(Duration.ofSeconds(1))
                    .withThrowableThat()
                    .havingCause()
                    .asInstanceOf(InstanceOfAssertFactories.type(TrainerException.class))
                    .satisfies(e -> assertThat(e.getMessage())
                            .startsWith("trainer viewer: another trainer with namespace fence took over")
                            .doesNotContain("\n"));
            assertThat(older.readiness().ready()).isFalse();
            await().atMost(SOON).until(() -> examples(newer) == 1_000);
            assertThat(newer.finished()).isNotDone();
        }
    }

    @Test
    void shouldGoOnWhenItIsFencedAndNobodyTookOver() throws Exception {
        TrainingGround ground = ground("self", 1);
        ground.produce(1, 500, 1);
        try (KindTrainer trainer = ground.trainer(false, published -> {});
                Admin admin = Admin.create(ground.kafka.client("test"))) {
            trainer.start();
            await().atMost(SOON).until(() -> examples(trainer) == 500);
            // As the coordinator does with a transaction that took too long.
            admin.fenceProducers(List.of(ground.topics.namespace().name("trainer-viewer")))
                    .all()
                    .get(30, TimeUnit.SECONDS);
            ground.produce(2, 500, 1);
            await().atMost(SOON).until(() -> trainer.transport().restarts() > 0);
            await().atMost(SOON).until(() -> examples(trainer) == 1_000);
            await().atMost(SOON).until(() -> trainer.readiness().ready());
            assertThat(trainer.finished()).isNotDone();
        }
        assertThat(ground.checkpointed()).isEqualTo(Map.of("0", 1_000L));
        assertThat(ground.published().values()).allMatch(times -> times == 1);
    }

    @Test
    void shouldLearnFromEachHonestSchemaHoweverManyIdsAreMadeUp() throws Exception {
        TrainingGround ground = ground("schemas", 1);
        try (KindTrainer trainer = ground.trainer(false, published -> {})) {
            trainer.start();
            int honest = 0;
            for (int round = 1; round <= 3; round++) {
                int all = 1_000 * round;
                ground.produce(round, 0, 1_000, 1, i -> "made-up-" + all + i);
                await().atMost(SOON).until(() -> faults(trainer) == all);
                // A scorer with another feature announces it right after a look in vain.
                FeatureSchema next = new FeatureSchema(
                        Kind.VIEWER,
                        TrainingGround.SCHEMA.dense(),
                        List.of("JOIN", "LEAVE", "NEW-" + round),
                        0,
                        "",
                        List.of());
                ground.announceSchema(next);
                ground.produce(10 + round, 0, 100, 1, i -> next.id());
                honest += 100;
                int learned = honest;
                await().atMost(SOON).until(() -> examples(trainer) + faults(trainer) == learned + all);
                assertThat(examples(trainer)).isEqualTo(learned);
            }
            assertThat(trainer.finished()).isNotDone();
        }
    }

    @Test
    void shouldFindASchemaThatStrangersHaveBuried() throws Exception {
        TrainingGround ground = ground("buried", 1);
        try (KindTrainer trainer = ground.trainer(false, published -> {})) {
            trainer.start();
            await().atMost(SOON).until(() -> trainer.readiness().ready());
            for (int i = 0; i < 300; i++) {
                ground.announceSchema(new FeatureSchema(
                        Kind.VIEWER, TrainingGround.SCHEMA.dense(), List.of("STRANGE-" + i), 0, "", List.of()));
            }
            ground.produce(1, 100, 1);
            await().atMost(SOON).until(() -> examples(trainer) + faults(trainer) == 100);
            assertThat(faults(trainer)).isZero();
        }
    }

    private static long faults(KindTrainer trainer) {
        return trainer.status()
                .map(status -> status.learning().faults().values().stream()
                        .mapToLong(Long::longValue)
                        .sum())
                .orElse(0L);
    }

    @Test
    void shouldTakeAPinBackWhenItsVersionWasRetiredMeanwhile() throws Exception {
        TrainingGround ground = ground("retired", 1);
        AtomicLong learned = new AtomicLong();
        try (KindTrainer trainer =
                ground.trainer(false, p -> learned.set(p.manifest().examples()))) {
            trainer.start();
            for (int i = 1; i <= 2; i++) {
                ground.produce(i, 500, 1);
                long all = i * 500L;
                await().atMost(SOON).until(() -> learned.get() == all);
            }
        }
        ModelOperator operator = operator(ground, Duration.ofSeconds(1));
        long newest = operator.serving("viewer").orElseThrow().version();
        long retired = operator.list("viewer").getFirst().version();
        assertThat(retired).isLessThan(newest);
        CompletableFuture<ModelPointer> pin = CompletableFuture.supplyAsync(() -> operator.pin("viewer", retired));
        await().atMost(SOON)
                .until(() -> operator.serving("viewer").orElseThrow().version() == retired);
        try (KafkaProducer<String, byte[]> producer = ground.producer()) {
            producer.send(
                    new ProducerRecord<>(ground.topics.models().name(), ModelKeys.manifest("viewer", retired), null));
        }
        assertThat(pin)
                .failsWithin(SOON)
                .withThrowableThat()
                .withMessageContaining("version " + retired + " of model viewer was retired by the trainer");
        assertThat(operator.serving("viewer"))
                .hasValueSatisfying(pointer -> assertThat(pointer.version()).isEqualTo(newest))
                .hasValueSatisfying(pointer -> assertThat(pointer.pinned()).isFalse());
    }

    @Test
    void shouldNotMoveAPinnedPointerUntilPromoted() throws Exception {
        TrainingGround ground = ground("pin", 1);
        ModelOperator operator = operator(ground);
        AtomicLong published = new AtomicLong();
        AtomicLong learned = new AtomicLong();
        try (KindTrainer trainer = ground.trainer(false, p -> {
            published.set(p.manifest().version());
            learned.set(p.manifest().examples());
        })) {
            trainer.start();
            for (int i = 1; i <= 3; i++) {
                ground.produce(i, 500, 1);
                long all = i * 500L;
                await().atMost(SOON).until(() -> learned.get() == all);
            }
            long served = operator.serving("viewer").orElseThrow().version();
            assertThat(served).isEqualTo(published.get());
            ModelPointer pinned = operator.rollback("viewer");
            assertThat(pinned.version()).isLessThan(served);
            ground.produce(9, 1_000, 1);
            await().atMost(SOON).until(() -> learned.get() == 2_500);
            assertThat(published.get()).isGreaterThan(served);
            assertThat(operator.serving("viewer")).contains(pinned);

            ModelPointer promoted = operator.promote("viewer");
            assertThat(promoted.pinned()).isFalse();
            long now = published.get();
            ground.produce(10, 1_000, 1);
            await().atMost(SOON)
                    .until(() -> operator.serving("viewer").orElseThrow().version() > now);
        }
        assertThat(operator.list("viewer"))
                .filteredOn(ModelOperator.Listed::served)
                .hasSize(1);
    }

    @Test
    void shouldGoOnBeyondAnImportKeepItAndServeItOnlyByItsNumber() throws Exception {
        TrainingGround ground = ground("import", 1);
        ModelOperator operator = operator(ground);
        AtomicLong published = new AtomicLong();
        AtomicLong learned = new AtomicLong();
        RetentionPolicy newest = new RetentionPolicy(3, Duration.ZERO, Duration.ZERO, Duration.ZERO);
        try (KindTrainer trainer = ground.trainer(false, newest, p -> {
            published.set(p.manifest().version());
            learned.set(p.manifest().examples());
        })) {
            trainer.start();
            ground.produce(1, 500, 1);
            await().atMost(SOON).until(() -> learned.get() == 500);
            long before = published.get();
            ModelImport.Checked checked = checkedImport(ground);
            long imported = operator.add("viewer", (number, at) -> checked.version(number, at, "test", "test"))
                    .version();
            assertThat(imported).isEqualTo(before + 100);
            assertThat(operator.serving("viewer").orElseThrow().version()).isEqualTo(before);
            assertThat(operator.promote("viewer").version()).isEqualTo(before);

            ground.produce(2, 50, 1);
            await().atMost(SOON).until(() -> learned.get() == 550);
            assertThat(published.get()).isEqualTo(imported + 1);
            assertThat(operator.rollback("viewer").version()).isEqualTo(before);
            assertThat(operator.pin("viewer", imported).version()).isEqualTo(imported);
            assertThat(operator.promote("viewer").version()).isEqualTo(imported + 1);

            // More versions than are kept for being new, all beside the import.
            for (int i = 1; i <= 4; i++) {
                ground.produce(2 + i, 50, 1);
                long all = 550 + 50L * i;
                await().atMost(SOON).until(() -> learned.get() == all);
            }
            assertComparedWithTheLearners(trainer, imported);
        }
        List<ModelOperator.Listed> kept = operator.list("viewer");
        assertThat(kept).hasSizeLessThan(ground.published().size());
        assertThat(kept)
                .filteredOn(listed -> listed.manifest().orElseThrow().family().equals(ModelManifest.IMPORTED))
                .hasSize(1);
    }

    /** On examples that came after it, its log-loss is that of the products of its weights, which are worked out here. */
    private static void assertComparedWithTheLearners(KindTrainer trainer, long imported) throws IOException {
        KindStatus status = trainer.status().orElseThrow();
        Metrics figures = status.windowed("leave-30s", "import-" + imported);
        // Five batches came after it; it may have been noticed just after the first.
        int count = (int) figures.examples();
        assertThat(count).isIn(200, 250);
        FloatBuffer weights = ModelProto.parseFrom(Files.readAllBytes(IMPORT))
                .getGraph()
                .getInitializer(0)
                .getRawData()
                .asReadOnlyByteBuffer()
                .order(ByteOrder.LITTLE_ENDIAN)
                .asFloatBuffer();
        double[] loss = {0};
        for (int seed = 7 - count / 50; seed <= 6; seed++) {
            TrainingGround.examples(seed, 50, (dense, label) -> {
                double logit = 0;
                for (int f = 0; f < 10; f++) {
                    logit += weights.get(f) * dense[f % 2];
                }
                loss[0] += Math.log1p(Math.exp(label > 0.5 ? -logit : logit)) / count;
            });
        }
        assertThat(figures.loss()).isCloseTo(loss[0], within(1e-4));
        assertThat(status.champion()).isIn("logistic", "mlp");
    }

    /** PyTorch's layer of ten inputs, which take the two features there are in turns. */
    private static ModelImport.Checked checkedImport(TrainingGround ground) throws IOException {
        List<Target> targets = ground.config(false).kinds().targets();
        RecentExamples.Rows recent = new RecentExamples(ground.kafka, ground.topics).read(Kind.VIEWER, targets);
        List<String> features = IntStream.range(0, 10)
                .mapToObj(i -> TrainingGround.SCHEMA.dense().get(i % 2).name())
                .toList();
        return new ModelImport(new RuntimeModelRunner(new OrtRuntime()), 8)
                .check(
                        ModelFile.read(IMPORT),
                        new ImportMapping(
                                Map.of("0", features), Map.of(targets.get(0).name(), "3:0"), true),
                        recent.schema(),
                        targets,
                        recent.batch());
    }

    @Test
    void shouldSkipAndCountWhatItCanNotUse() throws Exception {
        TrainingGround ground = ground("bad", 1);
        String topic = ground.topics.labelledExamples(Kind.VIEWER).name();
        ground.produce(1, 300, 1);
        Random random = new Random(1);
        try (KafkaProducer<String, byte[]> producer = ground.producer()) {
            for (int i = 0; i < 50; i++) {
                byte[] bytes = new byte[random.nextInt(200)];
                random.nextBytes(bytes);
                producer.send(new ProducerRecord<>(topic, 0, "key", bytes));
            }
            producer.send(new ProducerRecord<>(topic, 0, "key", null));
            producer.send(new ProducerRecord<>(topic, 0, null, new byte[] {0, 0, 0, 0, 1}));
        }
        ground.produce(2, 300, 1);
        try (KindTrainer trainer = ground.trainer(false, published -> {})) {
            trainer.start();
            await().atMost(SOON).until(() -> examples(trainer) == 600);
            assertThat(trainer.status().orElseThrow().learning().faults())
                    .isEqualTo(Map.of(ExampleFault.UNDECODABLE, 52L));
        }
        assertThat(ground.checkpointed()).isEqualTo(Map.of("0", 652L));
    }

    @Test
    void shouldSayInOneLineThatTheTopicWasMadeAnew() throws Exception {
        TrainingGround ground = ground("anew", 1);
        ground.produce(1, 300, 1);
        try (KindTrainer trainer = ground.trainer(false, published -> {})) {
            trainer.start();
            await().atMost(SOON).until(() -> examples(trainer) == 300);
        }
        String topic = ground.topics.labelledExamples(Kind.VIEWER).name();
        try (var admin = Admin.create(ground.kafka.client("test"))) {
            admin.deleteTopics(List.of(topic)).all().get(10, TimeUnit.SECONDS);
        }
        await().atMost(SOON).ignoreExceptions().until(() -> {
            ground.createTopics();
            return true;
        });
        try (KindTrainer trainer = ground.trainer(false, published -> {})) {
            trainer.start();
            await().atMost(SOON).until(() -> trainer.finished().isCompletedExceptionally());
            assertThat(trainer.phaseDescription()).contains("was made anew; start over with --fresh");
        }
    }

    @Test
    void shouldEndWithTheSameBytesWhenKilledAsWhenNot(@TempDir Path folder) throws Exception {
        killAndCompare(folder, "identical", 3, 6_000);
    }

    @Test
    @Tag("soak")
    void shouldEndWithTheSameBytesWhenKilledOften(@TempDir Path folder) throws Exception {
        killAndCompare(folder, "identical-soak", 20, 60_000);
    }

    private static void killAndCompare(Path folder, String namespace, int kills, int count) throws Exception {
        Path privateKey = privateKey(folder);
        TrainingGround straight = ground(namespace + "-straight", 1);
        TrainingGround killed = ground(namespace + "-killed", 1);
        int first = count / (kills + 1);
        straight.produce(4, 0, first, 1);
        killed.produce(4, 0, first, 1);
        // An import takes a number and is scored along; neither may make a difference.
        for (TrainingGround ground : List.of(straight, killed)) {
            ModelImport.Checked checked = checkedImport(ground);
            operator(ground).add("viewer", (number, at) -> checked.version(number, at, "test", "test"));
        }
        try (KindTrainer trainer = straight.trainer(true, published -> {})) {
            trainer.start();
            straight.produce(4, first, count, 1);
            kill(killed, privateKey, kills, count);
            await().atMost(Duration.ofMinutes(2)).until(() -> examples(trainer) == count);
        }
        assertThat(killed.stateHash()).isEqualTo(straight.stateHash());
        assertThat(killed.published()).isEqualTo(straight.published());
        assertThat(killed.published().values()).allMatch(times -> times == 1);
        assertThat(killed.drifts()).isEqualTo(straight.drifts());
        assertThat(killed.drifts())
                .isNotEmpty()
                .allSatisfy(drift -> assertThat(drift.getExamples()).isGreaterThan(TrainingGround.DRIFT_AT));
        ModelCollector a = killed.models();
        ModelCollector b = straight.models();
        assertThat(a.serving("viewer").orElseThrow().version())
                .isEqualTo(b.serving("viewer").orElseThrow().version());
    }

    /** Hands out all examples in as many parts as there are lives, and ends each life at a random moment of its part. */
    private static void kill(TrainingGround killed, Path privateKey, int kills, int count) throws Exception {
        Random random = new Random(5);
        int produced = count / (kills + 1);
        Process child = child(killed, privateKey, true);
        try {
            for (int kill = 0; kill <= kills; kill++) {
                int upTo = kill == kills ? count : (int) ((long) count * (kill + 1) / (kills + 1));
                if (upTo > produced) {
                    killed.produce(4, produced, upTo, 1);
                    produced = upTo;
                }
                long wanted = upTo - (long) random.nextInt(count / (kills + 1)) - 1;
                if (kill == kills) {
                    await().atMost(Duration.ofMinutes(2))
                            .until(() -> killed.checkpointed().getOrDefault("0", 0L) == count);
                } else {
                    await().atMost(Duration.ofMinutes(2))
                            .until(() -> killed.checkpointed().getOrDefault("0", 0L) >= Math.min(wanted, upTo - 500));
                    child.destroyForcibly().waitFor();
                    child = child(killed, privateKey, true);
                }
            }
        } finally {
            child.destroyForcibly().waitFor();
        }
    }

    private static Path privateKey(Path folder) throws IOException {
        Path privateKey = folder.resolve("private.pem");
        key.write(privateKey, folder.resolve("public.pem"));
        return privateKey;
    }

    private static Process child(TrainingGround ground, Path privateKey, boolean reproducible) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        TrainerChild.class.getName(),
                        broker.bootstrapServers(),
                        ground.topics.namespace().value(),
                        Integer.toString(
                                ground.topics.labelledExamples(Kind.VIEWER).partitions()),
                        privateKey.toString(),
                        Boolean.toString(reproducible))
                .redirectErrorStream(true)
                .redirectOutput(privateKey.resolveSibling("trainer-child.log").toFile())
                .start();
    }
}
