package io.livepredict.deploy.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.livepredict.contract.CanonicalEvent;
import io.livepredict.contract.CanonicalEventBuilder;
import io.livepredict.contract.Kind;
import io.livepredict.contract.Topic;
import io.livepredict.streams.metrics.Metric;
import io.livepredict.streams.wiring.StreamsApp;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import org.apache.kafka.common.utils.Utils;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What waits in the topics after an outage, or at a sender, is late for nobody, however long its fetching takes. */
class OutageIT {
    /**
     * A fetch that is not filled takes three seconds, as from a broker that is busy, so that a task hears nothing of a
     * backlog for longer than idle-after.
     */
    private static final String SLOW_FETCHES = """
            streams:
              main.consumer.fetch.min.bytes: "8000000"
              main.consumer.fetch.max.bytes: "8000000"
              main.consumer.fetch.max.wait.ms: "3000"
            """;

    private static final String TIME = "time: {grace: 2s, idle-after: 400ms}\n";
    private static final Duration OUTAGE = Duration.ofMinutes(10);
    private static final String TARGETS =
            "targets: [{name: leave-5s, kind: viewer, any-of: [LEAVE], within: 5s, at-most-every: 0s}]\n";

    private static final int VIEWERS = 12;
    private static final int EVENTS_OF_EACH = 20;

    @TempDir
    Path directory;

    @Test
    void shouldCallNothingLateThatWaitedThroughAnOutageAndStillDecideLabelsWhenAllIsQuiet() throws Exception {
        try (Installation installation = new Installation(directory, "outage", TIME + SLOW_FETCHES, TARGETS)) {
            long now = System.currentTimeMillis();
            long before = now - OUTAGE.toMillis();
            try (StreamsApp app =
                    StreamsApp.start(installation.streams(), () -> System.currentTimeMillis() - OUTAGE.toMillis())) {
                for (int viewer = 0; viewer < VIEWERS; viewer++) {
                    send(installation, "before", viewer, before);
                }
                installation.flush();
                await().atMost(Installation.PATIENCE).until(installation::isAllScored);
                assertThat(app.metrics().sum(Metric.DEAD_LETTERS)).isZero();
            }
            // While the app is away ten minutes' events come, one partition's before the other's.
            for (int partition = 0; partition < Installation.PARTITIONS; partition++) {
                for (int i = 0; i < EVENTS_OF_EACH; i++) {
                    for (int viewer = 0; viewer < VIEWERS; viewer++) {
                        if (partitionOf(viewer) == partition) {
                            send(
                                    installation,
                                    "away-" + i,
                                    viewer,
                                    before + OUTAGE.toMillis() * (i + EVENTS_OF_EACH) / (2 * EVENTS_OF_EACH));
                        }
                    }
                }
            }
            installation.flush();
            try (StreamsApp app = StreamsApp.start(installation.streams())) {
                await().atMost(Installation.PATIENCE).until(installation::isAllScored);
                JsonNode report = installation.report(app);
                assertThat(report.at("/events/dead_lettered")).isEmpty();
                assertThat(report.at("/events/valid").asInt()).isEqualTo(VIEWERS * (EVENTS_OF_EACH + 1));
                WholeLoopIT.assertExact(report);
                // Nothing comes any longer, so the clock alone lets the last horizons pass.
                await().atMost(Installation.PATIENCE)
                        .untilAsserted(() -> assertThat(installation
                                        .report(app)
                                        .at("/examples/leave-5s/negative")
                                        .asInt())
                                .isEqualTo(VIEWERS * (EVENTS_OF_EACH + 1)));
                // Whoever was held up until now comes with what has happened meanwhile.
                for (int viewer = 0; viewer < VIEWERS; viewer++) {
                    send(installation, "held-back", viewer, now - 1_000);
                }
                installation.flush();
                await().atMost(Installation.PATIENCE).until(installation::isAllScored);
                JsonNode all = installation.report(app);
                assertThat(all.at("/events/dead_lettered")).isEmpty();
                assertThat(all.at("/events/valid").asInt()).isEqualTo(VIEWERS * (EVENTS_OF_EACH + 2));
                WholeLoopIT.assertExact(all);
            }
        }
    }

    /** One of two threads never comes back from what it does with an event, while the other goes on. */
    @Test
    @Tag("soak")
    void shouldSayWhichThreadHangsAndGoOnWhenItNoLongerDoes() throws Exception {
        CountDownLatch hung = new CountDownLatch(1);
        AtomicReference<String> hangs = new AtomicReference<>();
        LongSupplier clock = () -> {
            String thread = Thread.currentThread().getName();
            if (hangs.get() != null
                    && thread.contains("-StreamThread-")
                    && (hangs.compareAndSet("", thread) || thread.equals(hangs.get()))) {
                awaitUninterruptibly(hung);
            }
            return System.currentTimeMillis();
        };
        try (Installation installation = new Installation(directory, "hung", "threads: 2\n", TARGETS);
                StreamsApp app = StreamsApp.start(installation.streams(), clock)) {
            await().atMost(Installation.PATIENCE).until(app::isReady);
            hangs.set("");
            for (int viewer = 0; viewer < VIEWERS; viewer++) {
                send(installation, "first", viewer, System.currentTimeMillis());
            }
            installation.flush();
            await().atMost(Installation.PATIENCE)
                    .untilAsserted(() -> assertThat(Probe.trouble(app.httpPort()))
                            .contains(
                                    "streams are frozen: ", hangs.get() + "-consumer has not asked for records for "));
            hangs.set(null);
            hung.countDown();
            await().atMost(Installation.PATIENCE).until(installation::isAllScored);
            await().atMost(Installation.PATIENCE).until(app::isReady);
        }
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static int partitionOf(int viewer) {
        return Utils.toPositive(Utils.murmur2(id(viewer).getBytes(StandardCharsets.UTF_8))) % Installation.PARTITIONS;
    }

    private static String id(int viewer) {
        return "viewer-" + viewer;
    }

    private static void send(Installation installation, String event, int viewer, long time) {
        Topic<String, CanonicalEvent> topic = installation.topics().events(Kind.VIEWER);
        installation.send(
                topic,
                id(viewer),
                CanonicalEventBuilder.builder()
                        .eventId(event + '-' + viewer)
                        .entityId(id(viewer))
                        .contextId("room")
                        .timeMillis(time + viewer)
                        .type("CHAT")
                        .numbers(Map.of())
                        .attributes(Map.of())
                        .build());
    }
}
