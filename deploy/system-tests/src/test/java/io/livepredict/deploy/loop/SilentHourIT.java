package io.livepredict.deploy.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.livepredict.avro.Prediction;
import io.livepredict.contract.CanonicalEvent;
import io.livepredict.contract.CanonicalEventBuilder;
import io.livepredict.contract.Hashes;
import io.livepredict.contract.Kind;
import io.livepredict.contract.Topic;
import io.livepredict.deploy.report.TopicPositions;
import io.livepredict.deploy.report.TopicScan;
import io.livepredict.streams.metrics.Metric;
import io.livepredict.streams.wiring.StreamsApp;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * An app comes back after an hour in which nobody did anything: all looks of that hour are due at once. They are worked off
 * without a rebalance, although the consumer must ask for records far more often than that takes, and each is there once.
 * {@code -Dlooks=N} for another number of them.
 */
@Tag("soak")
class SilentHourIT {
    private static final int LOOKS = Integer.getInteger("looks", 1_000_000);
    private static final int STEPS = 20;
    private static final Duration SILENCE = Duration.ofHours(1);
    private static final Duration LONG = Duration.ofMinutes(40);
    private static final String IMPATIENT = """
            streams:
              main.consumer.max.poll.interval.ms: "20000"
            """;

    @TempDir
    Path directory;

    private static String meaning() {
        StringBuilder steps = new StringBuilder();
        for (int step = 1; step <= STEPS; step++) {
            steps.append(step == 1 ? "" : ", ").append(2 * step).append('m');
        }
        return """
                kinds: {viewer: {looks: [%s]}}
                targets:
                  - {name: chat-1m, kind: viewer, any-of: [CHAT], within: 1m, at-most-every: 0s, predict-on: [LOOK], snapshot-on: [LOOK]}
                """.formatted(steps);
    }

    @Test
    void shouldWorkOffAMillionLooksWithoutARebalance() throws Exception {
        int viewers = LOOKS / STEPS;
        try (Installation installation =
                new Installation(directory, "silent-hour", Installation.LIVE + IMPATIENT, meaning())) {
            long start = System.currentTimeMillis() - SILENCE.toMillis();
            Topic<String, CanonicalEvent> events = installation.topics().events(Kind.VIEWER);
            for (int i = 0; i < viewers; i++) {
                installation.send(
                        events,
                        "v" + i,
                        CanonicalEventBuilder.builder()
                                .eventId("e" + i)
                                .entityId("v" + i)
                                .contextId("room" + i % 100)
                                .timeMillis(start + i % 1_000)
                                .type("CHAT")
                                .numbers(Map.of())
                                .attributes(Map.of())
                                .build());
            }
            installation.flush();
            try (StreamsApp app = StreamsApp.start(installation.streams())) {
                await().atMost(Installation.PATIENCE).until(() -> installation.isAllScored() && app.isReady());
                double before = rebalances();
                long began = System.nanoTime();
                double looksBefore = app.metrics().sum(Metric.LOOKS);
                await().atMost(LONG)
                        .pollInterval(Duration.ofSeconds(1))
                        .until(() -> app.metrics().sum(Metric.LOOKS) >= (long) viewers * STEPS);
                double seconds = (System.nanoTime() - began) / 1e9;
                await().atMost(LONG)
                        .pollInterval(Duration.ofSeconds(2))
                        .untilAsserted(() -> assertThat(looked(installation)).hasSize(viewers * STEPS));
                assertThat(app.failure()).isEmpty();
                assertThat(rebalances()).isEqualTo(before).isPositive();
                System.out.printf(
                        Locale.ROOT,
                        "%,d looks due at once after %s: %,.0f worked off in %.0f s, %,.0f a second, %.0f rebalances meanwhile%n",
                        viewers * STEPS,
                        SILENCE,
                        viewers * STEPS - looksBefore,
                        seconds,
                        (viewers * STEPS - looksBefore) / seconds,
                        rebalances() - before);
            }
        }
    }

    /** Hashes of the looks that have a prediction; none has two. */
    private static Set<Long> looked(Installation installation) {
        Topic<String, Prediction> topic = installation.topics().predictions();
        Set<Long> looked = new HashSet<>();
        TopicScan.scan(installation.client(), topic.name(), TopicPositions.beginning(), each -> {
            Prediction prediction = topic.value().deserializer().deserialize(topic.name(), each.value());
            assertThat(looked.add(Hashes.parts(prediction.getEventId())))
                    .as("doubled: " + prediction.getEventId())
                    .isTrue();
        });
        return looked;
    }

    /** How often the stream threads' consumers have joined their group. */
    private static double rebalances() throws JMException {
        MBeanServer beans = ManagementFactory.getPlatformMBeanServer();
        double sum = 0;
        for (ObjectName name : beans.queryNames(
                new ObjectName("kafka.consumer:type=consumer-coordinator-metrics,client-id=*"), null)) {
            if (name.getKeyProperty("client-id").contains("silent-hour.streams")) {
                sum += ((Number) beans.getAttribute(name, "rebalance-total")).doubleValue();
            }
        }
        return sum;
    }
}
