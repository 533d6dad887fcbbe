package io.livepredict.deploy.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.livepredict.deploy.loop.ShuffledLog.Labelled;
import io.livepredict.deploy.loop.ShuffledLog.Sent;
import io.livepredict.streams.wiring.StreamsApp;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever file of a state store is damaged, the app starts, restores it from the changelog, and decides what it would have. */
class DamagedStateIT {
    private static final String TARGETS = "targets: [{name: leave-20s, kind: viewer, any-of: [LEAVE], within: 20s,"
            + " at-most-every: 0s}, {name: chat-5s, kind: viewer, any-of: [CHAT], within: 5s, at-most-every: 0s}]\n";
    private static final int SECONDS = 120;

    @TempDir
    Path directory;

    @Test
    void shouldRestoreWhateverIsDamaged() throws Exception {
        List<Sent> log =
                ShuffledLog.of(5, new int[] {-1}, System.currentTimeMillis() - (SECONDS + 40) * 1_000L, SECONDS, 12);
        List<Damage> damages = List.of(
                store -> garbage(only(store, "MANIFEST-")),
                store -> garbage(only(store, "CURRENT")),
                store -> {
                    for (Path table : tables(store)) {
                        garbage(table);
                    }
                },
                store -> Files.delete(only(store, "CURRENT")),
                store -> {
                    for (Path table : tables(store)) {
                        Files.delete(table);
                    }
                });
        Map<String, Labelled> calm = labels("calm", log, List.of());
        assertThat(calm).hasSizeGreaterThan(1_000);
        assertThat(labels("spoilt", log, damages)).isEqualTo(calm);
    }

    private interface Damage {
        void to(Path store) throws IOException;
    }

    /** Sends the log in parts; between two of them the app ends, and one store of each task is damaged. */
    private Map<String, Labelled> labels(String name, List<Sent> log, List<Damage> damages) throws Exception {
        Path own = Files.createDirectory(directory.resolve(name));
        AtomicLong clock = new AtomicLong(log.getFirst().stamp());
        try (Installation installation = new Installation(own, name, "time: {grace: 2s, idle-after: 1s}\n", TARGETS)) {
            int parts = damages.size() + 1;
            for (int part = 0; part < parts; part++) {
                List<Sent> some = log.subList(log.size() * part / parts, log.size() * (part + 1) / parts);
                try (StreamsApp app = StreamsApp.start(installation.streams(), clock::get)) {
                    await().atMost(Installation.PATIENCE).until(app::isReady);
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
                for (Path store : stores(own.resolve("state"))) {
                    damages.get(part).to(store);
                }
            }
        }
        throw new IllegalStateException("a log has a last part");
    }

    private static long predicted(List<Sent> log) {
        return log.stream().filter(sent -> !sent.type().equals("LEAVE")).count();
    }

    /** The stores of activity, pending and open snapshots in turn, one of each task. */
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

    private static void garbage(Path file) throws IOException {
        byte[] bytes = new byte[(int) Math.max(100, Files.size(file))];
        new Random(1).nextBytes(bytes);
        Files.write(file, bytes);
    }
}
