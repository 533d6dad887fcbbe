package io.livepredict.deploy.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.livepredict.contract.Kind;
import io.livepredict.contract.KindDefinition;
import io.livepredict.deploy.loop.ShuffledLog.Labelled;
import io.livepredict.deploy.loop.ShuffledLog.Sent;
import io.livepredict.streams.activity.FeatureDefinitions;
import io.livepredict.streams.wiring.StreamsApp;
import io.livepredict.topics.TopicSetup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What is decided of events does not depend on when and how fast they are read: an app that was away, and then reads one source
 * partition's backlog before the other's, decides what one decides that reads them as they come.
 */
class ShuffledTimeIT {
    /** Most of one partition's backlog is read before the next one's. */
    private static final String UNEVEN_FETCHES = """
            streams:
              main.consumer.fetch.max.bytes: "60000"
              main.consumer.max.partition.fetch.bytes: "60000"
              main.consumer.max.poll.records: "200"
            """;

    private static final String TIME = "time: {grace: 2s, idle-after: 1s}\n";
    private static final String TARGETS = """
            targets:
              - {name: leave-20s, kind: viewer, any-of: [LEAVE], within: 20s, at-most-every: 0s}
              - {name: chat-5s, kind: viewer, any-of: [CHAT], within: 5s, at-most-every: 0s}
            """;
    private static final int TARGET_COUNT = 2;

    private static final Duration LOOK = Duration.ofSeconds(2);
    /** One more target, that is predicted of those who are silent. */
    private static final String LOOKS = """
              - {name: leave-look, kind: viewer, any-of: [LEAVE], within: 20s, at-most-every: 0s, predict-on: [LOOK], snapshot-on: [LOOK]}
            kinds: {viewer: {looks: [2s]}}
            """;

    private static final int SECONDS = 150;
    private static final int PER_SECOND = 10;
    private static final int CANONICAL = -1;

    @TempDir
    Path directory;

    /** One partition never sends, another begins late; the app is restarted in the middle of the backlog. */
    @Test
    void shouldDecideABacklogOfARekeyedSourceAsWhatIsReadAsItComes() throws Exception {
        List<Sent> log = withALateBeginner(ShuffledLog.of(1, new int[] {0, 1, 2}, start(), SECONDS, PER_SECOND));
        compare("rekeyed", sources -> sources.rekeyed().build(), log);
    }

    /** Two sources of one kind, and context features. */
    @Test
    void shouldDecideABacklogOfTwoSourcesAsWhatIsReadAsItComes() throws Exception {
        List<Sent> log =
                withALateBeginner(ShuffledLog.of(2, new int[] {CANONICAL, 1, 2, 3}, start(), SECONDS, PER_SECOND));
        compare("two-sources", sources -> sources.canonical().rekeyed().build() + "context-features: true\n", log);
    }

    @Test
    void shouldGoOnWhenARekeyedTopicHasGotMorePartitions() throws Exception {
        List<Sent> before = ShuffledLog.of(4, new int[] {0, 1}, start(), 30, PER_SECOND);
        List<Sent> after = ShuffledLog.of(4, new int[] {0, 5}, start() + 60_000, 30, PER_SECOND);
        List<Sent> all = new ArrayList<>(before);
        after.forEach(sent -> all.add(new Sent(
                sent.partition(), "later-" + sent.id(), sent.viewer(), sent.type(), sent.time(), sent.stamp())));
        try (Installation installation =
                installation("grown", sources -> sources.rekeyed().build(), "")) {
            try (StreamsApp app = started(installation, System::currentTimeMillis)) {
                ShuffledLog.send(installation, before);
                assertThat(decided(installation, before)).isNotEmpty();
                assertThat(app.isAlive()).isTrue();
            }
            ShuffledLog.grow(installation, 6);
            ShuffledLog.send(installation, all.subList(before.size(), all.size()));
            try (StreamsApp app = started(installation, System::currentTimeMillis)) {
                assertThat(decided(installation, all)).isNotEmpty();
                assertThat(app.isAlive()).isTrue();
            }
        }
    }

    /** Kafka Streams can't replace the thread of its global tables, and ends; the app starts it anew. */
    @Test
    void shouldGoOnWhenTheThreadOfTheGlobalTableIsLost() throws Exception {
        List<Sent> log = ShuffledLog.of(6, new int[] {CANONICAL}, start(), 30, PER_SECOND);
        try (Installation installation = installation(
                        "global-thread", sources -> sources.canonical().build() + "context-features: true\n", "");
                StreamsApp app = started(installation, System::currentTimeMillis)) {
            List<Sent> first = log.subList(0, log.size() / 2);
            ShuffledLog.send(installation, first);
            awaitPredictions(installation, predicted(first));
            Thread lost = globalThread().orElseThrow();
            lost.interrupt();
            await().atMost(Installation.PATIENCE)
                    .until(() -> globalThread().filter(thread -> thread != lost).isPresent() && app.isReady());
            ShuffledLog.send(installation, log.subList(first.size(), log.size()));
            assertThat(decided(installation, log)).isNotEmpty();
            assertThat(app.isAlive()).isTrue();
        }
    }

    private static Optional<Thread> globalThread() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("global-thread.streams")
                        && thread.getName().endsWith("GlobalStreamThread"))
                .findFirst();
    }

    private interface Meaning {
        String of(Sources sources);
    }

    private record Sources(String namespace, String yaml) {
        Sources canonical() {
            return new Sources(namespace, yaml + "  - {kind: viewer}\n");
        }

        Sources rekeyed() {
            return new Sources(
                    namespace,
                    yaml
                            + "  - {topic: %s, format: json, rekey: true, mapping: %s}\n"
                                    .formatted(ShuffledLog.topic(namespace), ShuffledLog.MAPPING));
        }

        String build() {
            return "sources:\n" + yaml;
        }
    }

    /** With looks as well: which ones there are follows from each viewer's own events. */
    private void compare(String name, Meaning meaning, List<Sent> log) throws Exception {
        Set<String> looks = ShuffledLog.looks(log, LOOK);
        assertThat(looks).hasSizeGreaterThan(200);
        Map<String, Labelled> asItComes;
        AtomicBoolean sentAll = new AtomicBoolean();
        // While events are still being sent it is not later than they are: a pause in the sending is none on the
        // platform.
        LongSupplier then = () ->
                sentAll.get() ? System.currentTimeMillis() : log.getFirst().stamp();
        try (Installation installation = installation(name + "-as-it-comes", meaning, "", LOOKS);
                StreamsApp app = started(installation, then)) {
            ShuffledLog.send(installation, log);
            awaitPredictions(installation, predicted(log));
            sentAll.set(true);
            asItComes = decided(installation, log, looks);
            assertThat(app.isAlive()).isTrue();
        }
        sentAll.set(false);
        try (Installation installation = installation(name + "-away", meaning, UNEVEN_FETCHES, LOOKS)) {
            List<Sent> first = log.subList(0, log.size() / 3);
            try (StreamsApp app = started(installation, then)) {
                ShuffledLog.send(installation, first);
                awaitPredictions(installation, predicted(first));
                assertThat(app.isAlive()).isTrue();
            }
            ShuffledLog.send(installation, log.subList(log.size() / 3, log.size()));
            try (StreamsApp app = started(installation, System::currentTimeMillis)) {
                awaitPredictions(installation, predicted(first) + 1);
                assertThat(app.isAlive()).isTrue();
            }
            try (StreamsApp app = started(installation, System::currentTimeMillis)) {
                assertSame(decided(installation, log, looks), asItComes);
                assertThat(app.isAlive()).isTrue();
            }
        }
    }

    /** Names some of those that differ, where thousands are compared. */
    private static void assertSame(Map<String, Labelled> labels, Map<String, Labelled> wanted) {
        assertThat(labels.keySet()).isEqualTo(wanted.keySet());
        Map<String, Labelled> different = new TreeMap<>(labels);
        different.entrySet().removeAll(wanted.entrySet());
        assertThat(different)
                .as(() -> "of %d labels, which should be %s"
                        .formatted(
                                labels.size(),
                                different.keySet().stream()
                                        .limit(5)
                                        .map(of -> of + "=" + wanted.get(of))
                                        .toList()))
                .isEmpty();
    }

    /** What is decided in the end: each event has each prediction and each label once, and no event is a dead letter. */
    private static Map<String, Labelled> decided(Installation installation, List<Sent> log) {
        return decided(installation, log, Set.of());
    }

    /** @param looks the ids of those there must be */
    private static Map<String, Labelled> decided(Installation installation, List<Sent> log, Set<String> looks) {
        int wanted = predicted(log) + looks.size();
        awaitPredictions(installation, wanted);
        int own = FeatureDefinitions.schema(KindDefinition.defaults(Kind.VIEWER))
                .dense()
                .size();
        assertThat(ShuffledLog.deadLetters(installation)).isEmpty();
        assertThat(ShuffledLog.answered(installation).values()).hasSize(wanted).containsOnly(1L);
        Map<String, Labelled> labels = new TreeMap<>();
        await().atMost(Installation.PATIENCE).untilAsserted(() -> {
            labels.putAll(ShuffledLog.labels(installation, own));
            assertThat(labels).hasSize(wanted);
        });
        assertThat(labels.values()).extracting(Labelled::times).containsOnly(1);
        assertThat(labels.keySet())
                .containsAll(looks.stream().map(id -> id + " leave-look").toList());
        return labels;
    }

    private static int predicted(List<Sent> log) {
        return TARGET_COUNT
                * (int) log.stream()
                        .filter(sent -> !sent.type().equals("LEAVE"))
                        .count();
    }

    private static void awaitPredictions(Installation installation, int count) {
        await().atMost(Installation.PATIENCE).until(() -> {
            assertThat(ShuffledLog.deadLetters(installation)).isEmpty();
            return ShuffledLog.predictions(installation) >= count;
        });
    }

    /** So that the clock may decide all labels right after the last event. */
    private static long start() {
        return System.currentTimeMillis() - (SECONDS + 40) * 1_000L;
    }

    private static List<Sent> withALateBeginner(List<Sent> log) {
        long half = log.getFirst().stamp() + SECONDS * 500L;
        return log.stream()
                .filter(sent -> sent.partition() != 2 || sent.stamp() > half)
                .toList();
    }

    private Installation installation(String name, Meaning meaning, String more) throws Exception {
        return installation(name, meaning, more, "");
    }

    /** @param targets beside those that are always there */
    private Installation installation(String name, Meaning meaning, String more, String targets) throws Exception {
        Installation installation = new Installation(
                Files.createDirectory(directory.resolve(name)),
                name,
                TIME + meaning.of(new Sources(name, "")) + more,
                TARGETS + targets);
        ShuffledLog.createTopic(installation);
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

    /**
     * Forty events in whose device and producer the clock is 45 s ahead, among those of clocks that are right. Live they are ahead
     * of the reader's clock as well; after an outage they are not.
     */
    @Test
    void shouldDecideAlikeLiveAndLaterWhatAClockThatIsAheadHasSent() throws Exception {
        List<Sent> honest = ShuffledLog.of(3, new int[] {CANONICAL}, start(), SECONDS, PER_SECOND);
        List<Sent> log = new ArrayList<>(honest);
        for (int i = 0; i < 40; i++) {
            long stamp = honest.getFirst().stamp() + 30_000 + 250L * i;
            log.add(new Sent(CANONICAL, "ahead-" + i, "ahead-" + i % 7, "CHAT", stamp + 45_000, stamp + 45_000));
        }
        // By when they are sent, not by what their stamps say.
        log.sort(
                Comparator.comparingLong(sent -> sent.id().startsWith("ahead") ? sent.stamp() - 45_000 : sent.stamp()));
        Map<String, Labelled> live;
        AtomicLong clock = new AtomicLong(honest.getFirst().stamp());
        try (Installation installation = canonical("ahead-live");
                StreamsApp app = started(installation, clock::get)) {
            int sent = 0;
            while (sent < log.size()) {
                int next = Math.min(log.size(), sent + log.size() / 6);
                List<Sent> some = log.subList(sent, next);
                clock.set(some.stream()
                        .filter(each -> !each.id().startsWith("ahead"))
                        .mapToLong(Sent::stamp)
                        .max()
                        .orElseThrow());
                ShuffledLog.send(installation, some);
                sent = next;
                awaitPredictions(installation, predicted(log.subList(0, sent)));
            }
            live = decidedOfHonest(installation, log, honest, () -> clock.addAndGet(1_000));
            assertThat(app.isAlive()).isTrue();
        }
        try (Installation installation = canonical("ahead-later")) {
            ShuffledLog.send(installation, log);
            try (StreamsApp app = started(installation, System::currentTimeMillis)) {
                assertSame(decidedOfHonest(installation, log, honest, () -> {}), live);
                assertThat(app.isAlive()).isTrue();
            }
        }
    }

    private Installation canonical(String name) throws Exception {
        return new Installation(Files.createDirectory(directory.resolve(name)), name, TIME, TARGETS);
    }

    private static StreamsApp started(Installation installation, LongSupplier clock) {
        StreamsApp app = StreamsApp.start(installation.streams(), clock);
        await().atMost(Installation.PATIENCE).until(app::isReady);
        return app;
    }

    /** The labels of the events whose clocks are right: what was ahead is decided only when time has come that far. */
    private static Map<String, Labelled> decidedOfHonest(
            Installation installation, List<Sent> log, List<Sent> honest, Runnable tick) {
        awaitPredictions(installation, predicted(log));
        assertThat(ShuffledLog.answered(installation).values())
                .hasSize(predicted(log))
                .containsOnly(1L);
        Map<String, Labelled> labels = new TreeMap<>();
        await().atMost(Installation.PATIENCE).untilAsserted(() -> {
            tick.run();
            ShuffledLog.labels(installation, 1_000).forEach((of, label) -> {
                if (!of.startsWith("ahead")) {
                    labels.put(of, label);
                }
            });
            assertThat(labels).hasSize(predicted(honest));
        });
        assertThat(ShuffledLog.deadLetters(installation)).isEmpty();
        return labels;
    }
}
