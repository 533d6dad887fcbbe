package io.livepredict.deploy.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import io.livepredict.avro.Prediction;
import io.livepredict.contract.Kind;
import io.livepredict.contract.KindDefinition;
import io.livepredict.deploy.loop.OutageCell.Fault;
import io.livepredict.deploy.loop.OutageCell.Shape;
import io.livepredict.deploy.loop.OutageCell.Victim;
import io.livepredict.deploy.loop.ShuffledLog.Labelled;
import io.livepredict.deploy.loop.ShuffledLog.Sent;
import io.livepredict.streams.activity.FeatureDefinitions;
import io.livepredict.streams.wiring.StreamsApp;
import io.livepredict.topics.TopicSetup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every part of an installation is killed, stopped for a while or told to end, at a random moment under load. Afterwards
 * predictions, examples and labels are those of a run without trouble, event by event, and dead letters are those that the
 * input deserves. Where the events of one entity come from several source partitions, what is known of it at each event
 * depends on who is read first; so each label is counted again from the events.
 */
class OutageMatrixIT {
    private static final String IMPATIENT = """
            time: {grace: 2s, idle-after: 8s}
            streams:
              main.consumer.session.timeout.ms: "3000"
              main.consumer.heartbeat.interval.ms: "500"
              producer.transaction.timeout.ms: "5000"
            """;
    /** A topic is scanned from its beginning at each look. */
    private static final Duration LOOKS = Duration.ofMillis(500);

    /** A second of the clock of a run without trouble. */
    private static final Duration TICKS = Duration.ofMillis(100);
    /** The pinned model; what the trainer publishes has higher numbers. */
    private static final long PINNED = 1;
    /** Rows are scored in other batches each time, and the last bits with them. */
    private static final double SAME_SCORE = 1e-5;

    @TempDir
    static Path directory;

    @SuppressWarnings("NullAway.Init")
    private static OutageServers servers;

    private static int cells;

    @BeforeAll
    static void start() throws IOException {
        servers = new OutageServers(directory.resolve("servers"));
    }

    @AfterAll
    static void end() throws InterruptedException {
        servers.close();
    }

    static Stream<OutageCell> few() {
        return Stream.of(new OutageCell(Shape.REKEYED, Victim.BROKER, Fault.STOP_10_S, 4, 1, false, false));
    }

    /**
     * The covering array; {@code -Dlivepredict.cell=N} takes the Nth of it alone, and {@code -Dlivepredict.cells=N} so many of all
     * cells in random order.
     */
    static Stream<OutageCell> many() {
        Integer number = Integer.getInteger("livepredict.cells");
        if (number == null) {
            List<OutageCell> covering = OutageCell.covering();
            Integer only = Integer.getInteger("livepredict.cell");
            return only == null ? covering.stream() : Stream.of(covering.get(only - 1));
        }
        List<OutageCell> all = OutageCell.all();
        Collections.shuffle(all, new Random(seed()));
        return all.stream().limit(number);
    }

    private static long seed() {
        return Long.getLong("livepredict.cells.seed", 1);
    }

    @ParameterizedTest
    @MethodSource("few")
    void shouldDecideAsWithoutTrouble(OutageCell cell) throws Exception {
        run(cell, 12);
    }

    @ParameterizedTest
    @MethodSource("many")
    @Tag("soak")
    void shouldDecideAsWithoutTroubleInManyCells(OutageCell cell) throws Exception {
        run(cell, 15);
    }

    private void run(OutageCell cell, int seconds) throws Exception {
        int number = ++cells;
        long seed = seed() + cell.toString().hashCode(); // the same whichever cells are run
        Random random = new Random(seed);
        say(number, "begins: " + cell);
        OutageLog log;
        Outcome troubled;
        try (Installation installation = installation("cell-" + number, cell);
                Instances apps = Instances.start(installation, cell)) {
            apps.awaitRunning();
            log = OutageLog.of(cell, seed, seconds);
            CompletableFuture<Void> sending = CompletableFuture.runAsync(
                    () -> ShuffledLog.send(installation, log.sent, OutageMatrixIT::awaitItsTime));
            LockSupport.parkNanos(
                    Duration.ofMillis(1_000 + random.nextInt(500 * seconds)).toNanos());
            apps.befall(cell, random);
            sending.get();
            say(number, "is over");
            troubled = outcome(installation, log, LOOKS, () -> {});
            say(number, "is made good");
            apps.awaitLearned(installation);
            apps.assertWell();
        }
        log.assertCounted(troubled.labels);
        if (!cell.spread()) {
            assertSame(cell, troubled, calm("calm-" + number, cell, log));
        }
    }

    private static void say(int number, String what) {
        System.out.println(Instant.now() + " cell " + number + " " + what);
    }

    /** The same without trouble. Where entities are spread over source partitions it says other things each time. */
    private static Outcome calm(String name, OutageCell cell, OutageLog log) throws Exception {
        long[] now = {log.sent.getFirst().stamp()};
        try (Installation installation = installation(name, cell);
                StreamsApp app = StreamsApp.start(installation.streams(), () -> now[0])) {
            await().atMost(Installation.PATIENCE).until(app::isReady);
            ShuffledLog.send(installation, log.sent);
            awaitPredictions(installation, log);
            now[0] = System.currentTimeMillis();
            return outcome(installation, log, TICKS, () -> now[0] += 1_000);
        }
    }

    private static void awaitItsTime(Sent sent) {
        long early = sent.stamp() - System.currentTimeMillis();
        if (early > 0) {
            LockSupport.parkNanos(Duration.ofMillis(early).toNanos());
        }
    }

    private static Installation installation(String name, OutageCell cell) throws Exception {
        String canonical = "  - {kind: viewer}\n";
        String rekeyed = "  - {topic: %s, format: json, rekey: true, mapping: %s}\n"
                .formatted(ShuffledLog.topic(name), ShuffledLog.MAPPING);
        String sources = switch (cell.shape()) {
            case DIRECT -> canonical;
            case REKEYED -> rekeyed;
            case TWO_SOURCES -> canonical + rekeyed;
        };
        Installation installation = new Installation(
                servers.place(cell.partitions()),
                Files.createDirectories(directory.resolve(name)),
                name,
                IMPATIENT + "sources:\n" + sources + "context-features: " + cell.context() + "\n",
                OutageLog.TARGETS);
        ShuffledLog.createTopic(installation, cell.partitions());
        try (Admin admin = Admin.create(installation.client())) {
            TopicSetup.ensure(
                    admin,
                    List.of(
                            installation.topics().contextParts(Kind.VIEWER),
                            installation.topics().contextRecent(Kind.VIEWER)),
                    1);
        }
        try (DistinctModels models = new DistinctModels(installation, Kind.VIEWER);
                DistinctModels.Publisher publisher = new DistinctModels.Publisher(installation)) {
            publisher.publish(models.version(PINNED, true));
        }
        return installation;
    }

    /** What came of it in the end, each event once. */
    private record Outcome(Map<String, Labelled> labels, Map<String, Prediction> predictions) {}

    /** Each event has each prediction, by the pinned model, and each label once; dead letters are those that it deserves. */
    private static Outcome outcome(Installation installation, OutageLog log, Duration looks, Runnable tick) {
        awaitPredictions(installation, log);
        Map<String, Labelled> labels = new TreeMap<>();
        await().atMost(Installation.PATIENCE).pollInterval(looks).untilAsserted(() -> {
            tick.run();
            labels.putAll(labels(installation));
            assertThat(differences(labels.keySet(), log.predicted()))
                    .as("labels; dead letters " + ShuffledLog.deadLetters(installation))
                    .isEmpty();
        });
        assertThat(labels.values()).extracting(Labelled::times).containsOnly(1);
        assertThat(ShuffledLog.deadLetters(installation)).isEqualTo(log.deserved());
        Map<String, Prediction> predictions = new TreeMap<>();
        ShuffledLog.served(installation).forEach((of, served) -> {
            assertThat(served).as(of).hasSize(1);
            predictions.put(of, served.getFirst());
        });
        assertThat(differences(predictions.keySet(), log.predicted())).isEmpty();
        assertThat(predictions.values()).extracting(Prediction::getModelVersion).containsOnly(PINNED);
        return new Outcome(labels, predictions);
    }

    /** What is there and should not be, or should be and is not. */
    private static Set<String> differences(Set<String> actual, Set<String> wanted) {
        Set<String> differences = new TreeSet<>(wanted);
        actual.stream()
                .filter(each -> !differences.remove(each))
                .forEach(each -> differences.add("not wanted: " + each));
        return differences;
    }

    private static void assertSame(OutageCell cell, Outcome troubled, Outcome calm) {
        Map<String, Labelled> different = new TreeMap<>(troubled.labels);
        different.entrySet().removeAll(calm.labels.entrySet());
        assertThat(different)
                .as("%s of %d labels", cell, troubled.labels.size())
                .isEmpty();
        if (!cell.context()) {
            troubled.predictions.forEach((of, prediction) -> assertThat(prediction.getScore())
                    .as(of)
                    .isCloseTo(Objects.requireNonNull(calm.predictions.get(of)).getScore(), within(SAME_SCORE)));
        }
    }

    private static Map<String, Labelled> labels(Installation installation) {
        int own = FeatureDefinitions.schema(KindDefinition.defaults(Kind.VIEWER))
                .dense()
                .size();
        return ShuffledLog.labels(installation, own);
    }

    private static void awaitPredictions(Installation installation, OutageLog log) {
        await().atMost(Installation.PATIENCE)
                .pollInterval(LOOKS)
                .untilAsserted(() -> assertThat(ShuffledLog.predictions(installation))
                        .as("predictions; dead letters " + ShuffledLog.deadLetters(installation))
                        .isGreaterThanOrEqualTo(log.predicted().size()));
    }

    /** The programs of a cell. */
    private record Instances(List<AppProcess> apps, List<AppProcess> trainers) implements AutoCloseable {
        static Instances start(Installation installation, OutageCell cell) throws IOException {
            Path own = Objects.requireNonNull(installation.streamsConfig().getParent());
            List<AppProcess> apps = new ArrayList<>();
            for (int i = 0; i < cell.instances(); i++) {
                apps.add(AppProcess.start(
                        installation,
                        own,
                        "app-" + i,
                        Map.of("LIVEPREDICT_STATE__STANDBY_REPLICAS", Integer.toString(cell.instances() - 1))));
            }
            List<AppProcess> trainers = new ArrayList<>();
            if (cell.victim() == Victim.TRAINER) {
                trainers.add(AppProcess.trainer(installation, own, "trainer"));
            }
            return new Instances(apps, trainers);
        }

        void awaitRunning() {
            apps.forEach(AppProcess::awaitRunning);
        }

        /** All of them run, and say that they do what is asked for. */
        void assertWell() {
            assertAlive();
            Stream.concat(apps.stream(), trainers.stream())
                    .forEach(each -> await().atMost(Installation.PATIENCE)
                            .untilAsserted(() -> assertThat(each.trouble()).isEmpty()));
        }

        private void assertAlive() {
            apps.forEach(AppProcess::assertAlive);
            trainers.forEach(AppProcess::assertAlive);
        }

        /** The trainer has learned from every example, if there is a trainer. */
        void awaitLearned(Installation installation) {
            if (!trainers.isEmpty()) {
                String group = installation.topics().namespace().name("trainer-viewer");
                await().atMost(Installation.PATIENCE).pollInterval(LOOKS).untilAsserted(() -> {
                    assertAlive();
                    assertThat(installation.committed(group)).isEqualTo(ShuffledLog.exampleEnds(installation));
                });
            }
        }

        void befall(OutageCell cell, Random random) throws IOException, InterruptedException {
            AppProcess program = switch (cell.victim()) {
                case APP -> apps.get(random.nextInt(apps.size()));
                case TRAINER -> trainers.getFirst();
                case BROKER, REGISTRY -> null;
            };
            long pid = program != null
                    ? program.pid()
                    : cell.victim() == Victim.BROKER ? servers.brokerPid() : servers.registryPid();
            switch (cell.fault()) {
                case STOP_10_S, STOP_75_S -> {
                    OutageServers.signal("STOP", pid);
                    LockSupport.parkNanos(Duration.ofSeconds(cell.fault() == Fault.STOP_10_S ? 10 : 75)
                            .toNanos());
                    if (cell.victim() == Victim.BROKER) {
                        apps.forEach(app -> await().atMost(Installation.PATIENCE)
                                .untilAsserted(() -> assertThat(app.trouble())
                                        .contains("kafka at " + servers.kafka() + " does not answer since ")));
                    }
                    OutageServers.signal("CONT", pid);
                }
                case SIGKILL, SIGTERM -> {
                    OutageServers.signal(cell.fault() == Fault.SIGKILL ? "KILL" : "TERM", pid);
                    switch (cell.victim()) {
                        case BROKER -> servers.restartBroker();
                        case REGISTRY -> servers.restartRegistry();
                        case APP, TRAINER -> {
                            if (program != null) {
                                program.awaitEnd();
                                program.restart();
                            }
                        }
                    }
                }
            }
        }

        @Override
        public void close() throws InterruptedException {
            for (AppProcess each : apps) {
                each.close();
            }
            for (AppProcess each : trainers) {
                each.close();
            }
        }
    }
}
