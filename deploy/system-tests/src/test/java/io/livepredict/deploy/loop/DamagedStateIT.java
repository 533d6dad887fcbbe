package io.livepredict.deploy.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.livepredict.deploy.loop.ShuffledLog.Labelled;
import io.livepredict.deploy.loop.ShuffledLog.Sent;
import io.livepredict.streams.wiring.StreamsApp;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever happens to the files of a state store and to its disk, the app goes on and decides what it would have. */
class DamagedStateIT {
    private static final String TARGETS = "targets: [{name: leave-20s, kind: viewer, any-of: [LEAVE], within: 20s,"
            + " at-most-every: 0s}, {name: chat-5s, kind: viewer, any-of: [CHAT], within: 5s, at-most-every: 0s}]\n";
    private static final int SECONDS = 120;

    @TempDir
    Path directory;

    /** What happens to the state in one round. */
    private interface Trouble {
        void to(Path state) throws Exception;
    }

    /**
     * One start of the app on the state that it left.
     *
     * @param before while the app is away
     * @param unready what it says until it is ready; empty where nobody asks
     * @param cure what then makes it ready
     * @param running when it is ready, and before it gets more
     */
    private record Round(Trouble before, String unready, Trouble cure, Trouble running) {
        static final Round CALM = new Round(state -> {}, "", state -> {}, state -> {});

        static Round away(StoreDamage damage) {
            return new Round(damage.everywhere(), "", state -> {}, state -> {});
        }

        static Round running(StoreDamage damage) {
            return new Round(state -> {}, "", state -> {}, damage.everywhere());
        }
    }

    private interface StoreDamage {
        void to(Path store) throws IOException;

        default Trouble everywhere() {
            return state -> {
                for (Path store : stores(state)) {
                    to(store);
                }
            };
        }
    }

    @Test
    void shouldRestoreWhateverIsDamaged() throws Exception {
        compare(
                "files",
                Round.CALM,
                Round.away(store -> garbage(only(store, isOpen(store) ? "CURRENT" : "MANIFEST-"))),
                Round.away(DamagedStateIT::spoilTables),
                Round.away(store -> {
                    if (isOpen(store)) {
                        Files.delete(only(store, "CURRENT"));
                    } else {
                        for (Path table : tables(store)) {
                            Files.delete(table);
                        }
                    }
                }),
                Round.CALM, // its state is in tables when it is opened again
                Round.running(DamagedStateIT::spoilTables));
    }

    /** Each time it says what is the matter, waits, and goes on by itself. */
    @Test
    void shouldGoOnWhenADiskThatWasFullOrReadOnlyIsWellAgain() throws Exception {
        Path state = Files.createDirectories(directory.resolve("disk").resolve("state"));
        try (SmallDisk disk = SmallDisk.at(state)) {
            compare(
                    "disk",
                    Round.CALM,
                    new Round(of -> disk.fill(), "No space left on device", of -> disk.free(), of -> disk.fill()),
                    // It was full in service, and when the app ended, which gives some of it back.
                    new Round(of -> disk.fill(), "No space left on device", of -> disk.free(), of -> {}),
                    new Round(
                            of -> disk.readOnly(true), "Read-only file system", of -> disk.readOnly(false), of -> {}));
        }
    }

    private void compare(String name, Round... rounds) throws Exception {
        List<Sent> log =
                ShuffledLog.of(5, new int[] {-1}, System.currentTimeMillis() - (SECONDS + 40) * 1_000L, SECONDS, 12);
        Map<String, Labelled> calm = labels(name + "-calm", log, Round.CALM);
        assertThat(calm).hasSizeGreaterThan(1_000);
        assertThat(labels(name, log, rounds)).isEqualTo(calm);
    }

    /** Sends the log in parts, one in each round. */
    private Map<String, Labelled> labels(String name, List<Sent> log, Round... rounds) throws Exception {
        Path own = Files.createDirectories(directory.resolve(name));
        Path state = own.resolve("state");
        AtomicLong clock = new AtomicLong(log.getFirst().stamp());
        try (Installation installation = new Installation(own, name, "time: {grace: 2s, idle-after: 1s}\n", TARGETS)) {
            int parts = rounds.length;
            for (int part = 0; part < parts; part++) {
                List<Sent> some = log.subList(log.size() * part / parts, log.size() * (part + 1) / parts);
                Round round = rounds[part];
                round.before.to(state);
                try (StreamsApp app = StreamsApp.start(installation.streams(), clock::get)) {
                    if (!round.unready.isEmpty()) {
                        await().atMost(Installation.PATIENCE)
                                .untilAsserted(() -> assertThat(Probe.trouble(app.httpPort()))
                                        .contains(round.unready));
                        round.cure.to(state);
                    }
                    await().atMost(Installation.PATIENCE).until(app::isReady);
                    round.running.to(state);
                    ShuffledLog.send(installation, some);
                    await().atMost(Installation.PATIENCE).until(installation::isAllScored);
                    if (part == parts - 1) {
                        clock.set(System.currentTimeMillis());
                        Map<String, Labelled> labels = new TreeMap<>();
                        await().atMost(Installation.PATIENCE).untilAsserted(() -> {
                            clock.addAndGet(1_000);
                            labels.putAll(ShuffledLog.labels(installation, 1_000));
                            assertThat(labels).hasSize(2 * (int) predicted(log));
                        });
                        assertThat(ShuffledLog.deadLetters(installation)).isEmpty();
                        return labels;
                    }
                }
            }
        }
        throw new IllegalStateException("a log has a last part");
    }

    private static long predicted(List<Sent> log) {
        return log.stream().filter(sent -> !sent.type().equals("LEAVE")).count();
    }

    /** The stores of activity and of open snapshots, of each task. */
    private static List<Path> stores(Path state) throws IOException {
        try (Stream<Path> all = Files.walk(state)) {
            List<Path> found = all.filter(
                            path -> path.endsWith("rocksdb/viewer-activity") || path.endsWith("rocksdb/viewer-open"))
                    .filter(path -> !path.toString().contains("damaged"))
                    .toList();
            assertThat(found).isNotEmpty();
            return found;
        }
    }

    private static Path only(Path store, String beginning) throws IOException {
        try (Stream<Path> files = Files.list(store)) {
            return files.filter(file -> file.getFileName().toString().startsWith(beginning))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static List<Path> tables(Path store) throws IOException {
        try (Stream<Path> files = Files.list(store)) {
            List<Path> tables =
                    files.filter(file -> file.toString().endsWith(".sst")).toList();
            assertThat(tables).isNotEmpty();
            return tables;
        }
    }

    private static boolean isOpen(Path store) {
        return store.endsWith("viewer-open");
    }

    private static void spoilTables(Path store) throws IOException {
        for (Path table : tables(store)) {
            garbage(table);
        }
    }

    private static void garbage(Path file) throws IOException {
        byte[] bytes = new byte[(int) Math.max(100, Files.size(file))];
        new Random(1).nextBytes(bytes);
        Files.write(file, bytes, StandardOpenOption.WRITE); // in place, for whoever has it open
    }
}
