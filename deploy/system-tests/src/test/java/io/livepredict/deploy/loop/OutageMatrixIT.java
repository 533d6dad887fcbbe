package io.livepredict.deploy.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.livepredict.contract.Kind;
import io.livepredict.contract.KindDefinition;
import io.livepredict.deploy.loop.ShuffledLog.Sent;
import io.livepredict.streams.activity.FeatureDefinitions;
import io.livepredict.streams.wiring.StreamsApp;
import io.livepredict.topics.TopicSetup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
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
 * predictions, examples and labels are those of a run without trouble, event by event, and no honest event is a dead letter.
 */
class OutageMatrixIT {
    private static final String IMPATIENT = """
            time: {grace: 2s, idle-after: 8s}
            streams:
              main.consumer.session.timeout.ms: "3000"
              main.consumer.heartbeat.interval.ms: "500"
              producer.transaction.timeout.ms: "5000"
            """;
    private static final String TARGETS = """
            targets:
              - {name: leave-6s, kind: viewer, any-of: [LEAVE], within: 6s, at-most-every: 0s}
              - {name: chat-3s, kind: viewer, any-of: [CHAT], within: 3s, at-most-every: 0s}
            """;
    private static final int TARGET_COUNT = 2;
    private static final int PER_SECOND = 12;

    private enum Shape {
        DIRECT,
        REKEYED,
        TWO_SOURCES
    }

    private enum Victim {
        APP,
        BROKER,
        REGISTRY,
        TRAINER
    }

    private enum Fault {
        SIGKILL,
        SIGTERM,
        STOP_10_S,
        STOP_75_S
    }

    /** What is done to whom. */
    private record Cell(Shape shape, Victim victim, Fault fault, int partitions, int instances, boolean context) {}

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

    static Stream<Cell> few() {
        return Stream.of(new Cell(Shape.REKEYED, Victim.BROKER, Fault.STOP_10_S, 4, 1, false));
    }

    /** All of them in random order, as many as {@code -Dlivepredict.cells} says. */
    static Stream<Cell> all() {
        List<Cell> all = new ArrayList<>();
        for (Shape shape : Shape.values()) {
            for (Victim victim : Victim.values()) {
                for (Fault fault : Fault.values()) {
                    for (int i = 0; i < 8; i++) {
                        all.add(new Cell(shape, victim, fault, (i & 1) == 0 ? 1 : 4, 1 + (i >> 1 & 1), (i & 4) != 0));
                    }
                }
            }
        }
        Collections.shuffle(all, new Random(seed()));
        return all.stream().limit(Integer.getInteger("livepredict.cells", all.size()));
    }

    private static long seed() {
        return Long.getLong("livepredict.cells.seed", 1);
    }

    @ParameterizedTest
    @MethodSource("few")
    void shouldDecideAsWithoutTrouble(Cell cell) throws Exception {
        run(cell, 10);
    }

    @ParameterizedTest
    @MethodSource("all")
    @Tag("soak")
    void shouldDecideAsWithoutTroubleInEveryCell(Cell cell) throws Exception {
        run(cell, 25);
    }

    private void run(Cell cell, int seconds) throws Exception {
        int number = ++cells;
        Random random = new Random(seed() + number);
        System.out.println("cell " + number + ": " + cell);
        List<Sent> log;
        Map<String, String> troubled;
        try (Installation installation = installation("cell-" + number, cell);
                Instances apps = Instances.start(installation, cell)) {
            apps.awaitRunning();
            log = log(cell, seed() + number, seconds);
            CompletableFuture<Void> sending =
                    CompletableFuture.runAsync(() -> ShuffledLog.send(installation, log, OutageMatrixIT::awaitItsTime));
            LockSupport.parkNanos(
                    Duration.ofMillis(1_000 + random.nextInt(500 * seconds)).toNanos());
            apps.befall(cell, random);
            sending.get();
            troubled = decided(installation, log);
            apps.assertAlive();
        }
        try (Installation installation = installation("calm-" + number, cell)) {
            long[] now = {log.getFirst().stamp()};
            try (StreamsApp app = StreamsApp.start(installation.streams(), () -> now[0])) {
                await().atMost(Installation.PATIENCE).until(app::isReady);
                ShuffledLog.send(installation, log);
                awaitPredictions(installation, log);
                now[0] = System.currentTimeMillis();
                Map<String, String> calm = new TreeMap<>();
                await().atMost(Installation.PATIENCE).untilAsserted(() -> {
                    now[0] += 1_000;
                    calm.putAll(labels(installation));
                    assertThat(calm).hasSize(predicted(log));
                });
                Map<String, String> different = new TreeMap<>(troubled);
                different.entrySet().removeAll(calm.entrySet());
                assertThat(different)
                        .as(cell + " of " + troubled.size() + " labels")
                        .isEmpty();
            }
        }
    }

    private static void awaitItsTime(Sent sent) {
        long early = sent.stamp() - System.currentTimeMillis();
        if (early > 0) {
            LockSupport.parkNanos(Duration.ofMillis(early).toNanos());
        }
    }

    private static List<Sent> log(Cell cell, long seed, int seconds) {
        int[] rekeyed = IntStream.range(0, cell.partitions).toArray();
        int[] canonical = {-1};
        int[] sources = switch (cell.shape) {
            case DIRECT -> canonical;
            case REKEYED -> rekeyed;
            case TWO_SOURCES ->
                IntStream.concat(IntStream.of(canonical), IntStream.of(rekeyed)).toArray();
        };
        return ShuffledLog.of(seed, sources, System.currentTimeMillis(), seconds, PER_SECOND);
    }

    private static Installation installation(String name, Cell cell) throws Exception {
        String canonical = "  - {kind: viewer}\n";
        String rekeyed = "  - {topic: %s, format: json, rekey: true, mapping: %s}\n"
                .formatted(ShuffledLog.topic(name), ShuffledLog.MAPPING);
        String sources = switch (cell.shape) {
            case DIRECT -> canonical;
            case REKEYED -> rekeyed;
            case TWO_SOURCES -> canonical + rekeyed;
        };
        Installation installation = new Installation(
                servers.place(cell.partitions),
                Files.createDirectories(directory.resolve(name)),
                name,
                IMPATIENT + "sources:\n" + sources + "context-features: " + cell.context + "\n",
                TARGETS);
        ShuffledLog.createTopic(installation, cell.partitions);
        try (Admin admin = Admin.create(installation.client())) {
            TopicSetup.ensure(
                    admin,
                    List.of(
                            installation.topics().contextParts(Kind.VIEWER),
                            installation.topics().contextRecent(Kind.VIEWER)),
                    1);
        }
        return installation;
    }

    /** What is decided in the end: each event has each prediction and each label once, and none is a dead letter. */
    private static Map<String, String> decided(Installation installation, List<Sent> log) {
        awaitPredictions(installation, log);
        Map<String, String> labels = new TreeMap<>();
        await().atMost(Installation.PATIENCE).untilAsserted(() -> {
            labels.putAll(labels(installation));
            assertThat(labels).hasSize(predicted(log));
        });
        assertThat(labels).doesNotContainValue("twice");
        assertThat(ShuffledLog.deadLetters(installation)).isEmpty();
        assertThat(ShuffledLog.answered(installation).values())
                .hasSize(predicted(log))
                .containsOnly(1L);
        return labels;
    }

    private static Map<String, String> labels(Installation installation) {
        int own = FeatureDefinitions.schema(KindDefinition.defaults(Kind.VIEWER))
                .dense()
                .size();
        return ShuffledLog.labels(installation, own);
    }

    private static void awaitPredictions(Installation installation, List<Sent> log) {
        await().atMost(Installation.PATIENCE)
                .untilAsserted(() -> assertThat(ShuffledLog.predictions(installation))
                        .as("predictions; dead letters " + ShuffledLog.deadLetters(installation))
                        .isGreaterThanOrEqualTo(predicted(log)));
    }

    private static int predicted(List<Sent> log) {
        return TARGET_COUNT
                * (int) log.stream()
                        .filter(sent -> !sent.type().equals("LEAVE"))
                        .count();
    }

    /** The programs of a cell. */
    private record Instances(List<AppProcess> apps, List<AppProcess> trainers) implements AutoCloseable {
        static Instances start(Installation installation, Cell cell) throws IOException {
            Path own = Objects.requireNonNull(installation.streamsConfig().getParent());
            List<AppProcess> apps = new ArrayList<>();
            for (int i = 0; i < cell.instances; i++) {
                apps.add(AppProcess.start(
                        installation,
                        own,
                        "app-" + i,
                        Map.of("LIVEPREDICT_STATE__STANDBY_REPLICAS", Integer.toString(cell.instances - 1))));
            }
            List<AppProcess> trainers = new ArrayList<>();
            if (cell.victim == Victim.TRAINER) {
                trainers.add(AppProcess.trainer(installation, own, "trainer"));
            }
            return new Instances(apps, trainers);
        }

        void awaitRunning() {
            apps.forEach(AppProcess::awaitRunning);
        }

        void assertAlive() {
            apps.forEach(AppProcess::assertAlive);
        }

        void befall(Cell cell, Random random) throws IOException, InterruptedException {
            AppProcess program = switch (cell.victim) {
                case APP -> apps.get(random.nextInt(apps.size()));
                case TRAINER -> trainers.getFirst();
                case BROKER, REGISTRY -> null;
            };
            long pid = program != null
                    ? program.pid()
                    : cell.victim == Victim.BROKER ? servers.brokerPid() : servers.registryPid();
            switch (cell.fault) {
                case STOP_10_S, STOP_75_S -> {
                    OutageServers.signal("STOP", pid);
                    LockSupport.parkNanos(Duration.ofSeconds(cell.fault == Fault.STOP_10_S ? 10 : 75)
                            .toNanos());
                    OutageServers.signal("CONT", pid);
                }
                case SIGKILL, SIGTERM -> {
                    OutageServers.signal(cell.fault == Fault.SIGKILL ? "KILL" : "TERM", pid);
                    switch (cell.victim) {
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
