package io.livepredict.deploy.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.livepredict.contract.Kind;
import io.livepredict.deploy.simulator.SimulatedEvent;
import io.livepredict.streams.wiring.StreamsApp;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two instances of the streams app as processes of their own, with looks, under steady load: killed by SIGKILL at random
 * moments, and leaving and joining again. Afterwards predictions, rows, alerts, the outlook, looks, labels and changelogs are
 * those of a run to which nothing happened.
 */
class KilledStreamsAppIT {
    /** A lost instance is noticed, and its transaction aborted, within seconds. */
    private static final String IMPATIENT = """
            streams:
              main.consumer.session.timeout.ms: "3000"
              main.consumer.heartbeat.interval.ms: "500"
              producer.transaction.timeout.ms: "5000"
            """;

    /**
     * Everything that leaves beside predictions. The model's scores are low, and a row's would depend in the last digit on
     * those scored with it, which are others after a kill.
     */
    private static final String OUTPUTS = """
            score: {batch-size: 1}
            predictions: {layout: both}
            outlook: {present-for: 30s}
            alerts:
              - {name: leaving, target: leave-30s, raise-at: 0.00003, clear-below: 0.00001, clear-after: 10s, cooldown: 20s, holdout: 0.2}
              - {name: quitting, target: quit-30s, raise-at: 0.00002, clear-below: 0.00001, clear-after: 10s, cooldown: 0s}
            """;

    private static final double EVENTS_PER_SECOND = 80;
    /** Horizons of 30 s pass in a quarter of that time, so that labels are decided while instances die. */
    private static final double SPEED = 4;

    private static final int LEAST_EVENTS = 2_500;

    @TempDir
    Path directory;

    @Test
    void shouldLoseDoubleAndDisorderNothingThroughThreeKillsAndARebalance() throws Exception {
        runWithKills("killed", 3);
    }

    @Test
    @Tag("soak")
    void shouldLoseDoubleAndDisorderNothingThroughThirtyKillsAndTenRebalances() throws Exception {
        runWithKills("killed-often", 30);
    }

    private void runWithKills(String namespace, int kills) throws Exception {
        long seed = Long.getLong("livepredict.kill.seed", System.nanoTime());
        System.out.println("kills by seed " + seed + "; repeat them with -Dlivepredict.kill.seed=" + seed);
        SplittableRandom random = new SplittableRandom(seed);
        List<SimulatedEvent> events;
        try (Installation installation = new Installation(
                        Files.createDirectories(directory.resolve(namespace)),
                        namespace,
                        Installation.AS_RECORDED + IMPATIENT + OUTPUTS,
                        meaning());
                Models ignored = Models.published(installation);
                AppProcess first = AppProcess.start(installation, directory, "first");
                SteadyLoad load = SteadyLoad.start(installation, seed, EVENTS_PER_SECOND, SPEED);
                AppProcess second = AppProcess.start(installation, directory, "second")) {
            Answers answers = new Answers(installation);
            for (int kill = 1; kill <= kills; kill++) {
                awaitProgress(installation, load, first, second);
                awaitRandomMoment(load, random);
                AppProcess victim = random.nextBoolean() ? first : second;
                AppProcess other = victim == first ? second : first;
                victim.kill();
                assertNothingIsCommittedAhead(installation, answers);
                victim.restart();
                if (kill % 3 == 2) {
                    // A planned change of hands, when the one that was killed is back or just coming back.
                    awaitProgress(installation, load, first, second);
                    awaitRandomMoment(load, random);
                    other.leave();
                    assertNothingIsCommittedAhead(installation, answers);
                    other.restart();
                }
            }
            awaitProgress(installation, load, first, second);
            // However quick the kills were: enough for every horizon to have passed for a good part of the snapshots.
            await().atMost(Installation.PATIENCE).until(() -> load.count() >= LEAST_EVENTS);
            events = new ArrayList<>(load.stop());
            List<SimulatedEvent> farewell = farewell(events.getLast().timeMillis());
            farewell.forEach(installation::send);
            installation.flush();
            events.addAll(farewell);
            await().atMost(Installation.PATIENCE).until(() -> {
                first.assertAlive();
                second.assertAlive();
                return installation.isAllScored() && installation.isAllSummedUp();
            });
            first.leave();
            second.leave();

            answers.assertExactAndInOrder();
            JsonNode report = installation.report(null);
            assertThat(report.at("/events/read").asLong()).isEqualTo(events.size());
            assertThat(report.at("/events/dead_lettered")).isEmpty();
            WholeLoopIT.assertExact(report);
            Changelogs changelogs = Changelogs.of(installation);
            assertThat(changelogs.size("-pending")).isGreaterThan(200);
            assertThat(report.at("/targets/chat-10s/all/n").asInt()).isGreaterThan(200);
            for (Kind kind : Kind.values()) {
                System.out.println(Recount.assertExact(installation, kind));
            }
            assertThat(changelogs.size("-looks")).isGreaterThan(200);
            assertThat(report.at("/looks").asInt()).isGreaterThan(200);
            assertThat(report.at("/targets/leave-look/all/n").asInt()).isGreaterThan(100);
            ActedOn actedOn = ActedOn.of(installation);
            Undisturbed other = undisturbed(namespace + "-not", events);
            changelogs.assertSameAs(other.changelogs);
            actedOn.assertSameAs(other.actedOn);
            assertThat(answers.all()).isEqualTo(other.answers);
            assertThat(report.at("/predictions_check/withheld/emit").asLong()).isPositive();
            for (String alert : List.of("leaving", "quitting")) {
                assertThat(report.at("/alerts/" + alert + "/raised").asLong())
                        .as(report.at("/alerts").toString())
                        .isGreaterThan(5);
                assertThat(report.at("/alerts/" + alert + "/doubled").asLong()).isZero();
            }
            System.out.println(actedOn + ", as without kills; alerts " + report.at("/alerts"));
            System.out.println(kills + " kills: " + events.size() + " events, "
                    + report.at("/predictions").asLong()
                    + " predictions (missing " + report.at("/predictions_check/missing") + ", doubled "
                    + report.at("/predictions_check/doubled") + "), labels doubled " + report.at("/examples_doubled")
                    + ", looks " + report.at("/looks") + ", changelog records compared " + changelogs.size());
        }
    }

    /** Long after everything else something happens in every partition, so that all labels are known and no alert is open. */
    private static List<SimulatedEvent> farewell(long timeMillis) {
        long later = timeMillis + Duration.ofMinutes(10).toMillis();
        List<SimulatedEvent> events = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            for (Kind kind : Kind.values()) {
                events.add(new SimulatedEvent(
                        kind,
                        "farewell-" + i,
                        "last-" + i,
                        "nowhere",
                        later,
                        later,
                        "CHAT",
                        Map.of(),
                        Map.of(),
                        Map.of()));
            }
        }
        return events;
    }

    /** The changelogs of one instance that takes in the same events undisturbed. */
    private Undisturbed undisturbed(String namespace, List<SimulatedEvent> events) throws Exception {
        try (Installation installation = new Installation(
                Files.createDirectories(directory.resolve(namespace)),
                namespace,
                Installation.AS_RECORDED + OUTPUTS,
                meaning())) {
            try (Models ignored = Models.published(installation);
                    StreamsApp app = StreamsApp.start(installation.streams())) {
                events.forEach(installation::send);
                installation.flush();
                await().atMost(Installation.PATIENCE)
                        .until(() -> installation.isAllScored() && installation.isAllSummedUp());
                assertThat(app.failure()).isEmpty();
            }
            return new Undisturbed(
                    Changelogs.of(installation), ActedOn.of(installation), new Answers(installation).all());
        }
    }

    private record Undisturbed(Changelogs changelogs, ActedOn actedOn, Map<String, List<String>> answers) {}

    /** Of one target only the predictions that say something new are sent. */
    private static String meaning() throws IOException {
        String emit = "name: gift-30s, emit: {changed-by: 0.00001, at-least-every: 20s, at-or-above: 0.00001}";
        return SimulatedMeaning.withLooks().replace("name: gift-30s", emit);
    }

    /** The same model for each kind, whatever the installation. */
    private record Models(DistinctModels viewers, DistinctModels players) implements AutoCloseable {
        static Models published(Installation installation) throws Exception {
            Models models = new Models(
                    new DistinctModels(installation, Kind.VIEWER), new DistinctModels(installation, Kind.PLAYER));
            try (DistinctModels.Publisher publisher = new DistinctModels.Publisher(installation)) {
                publisher.publish(models.viewers.version(1));
                publisher.publish(models.players.version(1));
            }
            return models;
        }

        @Override
        public void close() {
            viewers.close();
            players.close();
        }
    }

    /** Somebody has scored more than before, so that a transaction may well be under way. */
    private static void awaitProgress(Installation installation, SteadyLoad load, AppProcess first, AppProcess second) {
        long before = installation.committed().values().stream()
                .mapToLong(Long::longValue)
                .sum();
        await().atMost(Installation.PATIENCE).until(() -> {
            first.assertAlive();
            second.assertAlive();
            load.count();
            return installation.committed().values().stream()
                            .mapToLong(Long::longValue)
                            .sum()
                    > before;
        });
    }

    private static void awaitRandomMoment(SteadyLoad load, SplittableRandom random) {
        int moment = load.count() + random.nextInt((int) (2 * EVENTS_PER_SECOND));
        await().atMost(Installation.PATIENCE).pollInterval(Duration.ofMillis(3)).until(() -> load.count() >= moment);
    }

    /** Markers of a transaction reach partitions one after another, so predictions may be seen a little later. */
    private static void assertNothingIsCommittedAhead(Installation installation, Answers answers) {
        var committed = installation.committed();
        await().atMost(Installation.PATIENCE)
                .untilAsserted(
                        () -> assertThat(answers.missingBefore(committed)).isEmpty());
    }
}
