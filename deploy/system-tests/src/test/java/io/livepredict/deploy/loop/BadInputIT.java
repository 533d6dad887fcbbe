package io.livepredict.deploy.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.livepredict.avro.OracleRecord;
import io.livepredict.contract.CanonicalEvent;
import io.livepredict.contract.CanonicalEventBuilder;
import io.livepredict.contract.Kind;
import io.livepredict.contract.Topic;
import io.livepredict.streams.wiring.StreamsApp;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What can't be used is dead-lettered with its reason and counted; nothing stops; the good events around it are scored. */
class BadInputIT {
    private static final String MEANING = "targets: [{name: leave-30s, kind: viewer, any-of: [LEAVE], within: 30s}]\n";

    @TempDir
    Path directory;

    @Test
    void shouldDeadLetterWhatItCantUseAndScoreTheGoodEventsAroundIt() throws Exception {
        try (Installation installation = new Installation(directory, "bad-input", Installation.LIVE, MEANING);
                StreamsApp app = StreamsApp.start(installation.streams())) {
            Topic<String, CanonicalEvent> topic = installation.topics().events(Kind.VIEWER);
            String name = topic.name();
            long now = System.currentTimeMillis();
            int[] good = {0};
            Runnable oneGood = () -> {
                CanonicalEvent event = event("good-" + good[0]++, "anna", "CHAT", now);
                installation.send(topic, "anna", event);
            };
            byte[] key = "anna".getBytes(StandardCharsets.UTF_8);
            byte[] value = topic.value().serializer().serialize(name, event("x", "anna", "CHAT", now));
            // An id that the registry knows, but of a schema that no event can be read from.
            byte[] foreign = installation
                    .topics()
                    .oracle()
                    .value()
                    .serializer()
                    .serialize(
                            installation.topics().oracle().name(), new OracleRecord("viewer", "anna", now, Map.of()));

            oneGood.run();
            byte[] noise = new byte[200];
            new SplittableRandom(1).nextBytes(noise);
            noise[0] = 77; // no wire format begins so
            installation.sendRaw(name, 0, key, noise);
            oneGood.run();
            byte[] truncated = Arrays.copyOf(value, value.length / 2);
            installation.sendRaw(name, 0, key, truncated);
            oneGood.run();
            installation.sendRaw(name, 0, key, foreign);
            oneGood.run();
            byte[] unknownId = value.clone();
            ByteBuffer.wrap(unknownId).putInt(1, 987_654);
            installation.sendRaw(name, 0, key, unknownId);
            oneGood.run();
            installation.sendRaw(name, 0, null, value);
            oneGood.run();
            installation.sendRaw(name, 0, key, null);
            oneGood.run();
            installation.send(
                    topic,
                    "anna",
                    event("far-ahead", "anna", "CHAT", now + Duration.ofDays(2).toMillis()));
            installation.send(
                    topic,
                    "anna",
                    event(
                            "far-behind",
                            "anna",
                            "CHAT",
                            now - Duration.ofDays(400).toMillis()));
            oneGood.run();
            CanonicalEvent notANumber = CanonicalEventBuilder.builder()
                    .eventId("nan")
                    .entityId("anna")
                    .contextId("room")
                    .timeMillis(now)
                    .type("GIFT")
                    .numbers(Map.of("gift_value", Double.NaN))
                    .attributes(Map.of())
                    .build();
            installation.send(topic, "anna", notANumber);
            oneGood.run();
            String longId = "z".repeat(900_000);
            installation.sendRaw(
                    name,
                    0,
                    "anna".getBytes(StandardCharsets.UTF_8),
                    topic.value().serializer().serialize(name, event("long", longId, "CHAT", now)));
            oneGood.run();
            installation.send(topic, "anna", event("undeclared", "anna", "DANCE", now));
            oneGood.run();
            installation.send(topic, "ben", event("mismatch", "anna", "CHAT", now));
            oneGood.run();
            CanonicalEvent repeated = event("once", "anna", "CHAT", now);
            installation.send(topic, "anna", repeated);
            installation.send(topic, "anna", repeated);
            oneGood.run();
            installation.flush();
            await().atMost(Installation.PATIENCE).until(installation::isAllScored);

            JsonNode report = installation.report(app);
            Map<String, Integer> reasons = new TreeMap<>();
            report.at("/events/dead_lettered")
                    .properties()
                    .forEach(reason ->
                            reasons.put(reason.getKey(), reason.getValue().asInt()));
            assertThat(reasons)
                    .containsEntry("NULL_KEY", 1)
                    .containsEntry("NULL_VALUE", 1)
                    .containsEntry("TIME_AHEAD", 1)
                    .containsEntry("TIME_BEHIND", 1)
                    .containsEntry("NOT_FINITE", 1)
                    .containsEntry("ID_TOO_LONG", 1)
                    .containsEntry("KEY_MISMATCH", 1);
            // Noise and a cut record can't be decoded; the foreign and the unknown schema have their own words.
            assertThat(reasons.getOrDefault("UNDECODABLE", 0) + reasons.getOrDefault("UNKNOWN_SCHEMA", 0))
                    .isEqualTo(4);
            assertThat(reasons.getOrDefault("UNKNOWN_SCHEMA", 0)).isPositive();
            assertThat(reasons.values().stream().mapToInt(Integer::intValue).sum())
                    .isEqualTo(11);
            assertThat(report.at("/events/undeclared_type").asInt()).isEqualTo(1);
            assertThat(report.at("/events/repeats").asInt()).isEqualTo(1);
            assertThat(report.at("/events/valid").asInt()).isEqualTo(good[0] + 1);
            assertThat(report.at("/events/unaccounted").asInt()).isZero();
            WholeLoopIT.assertExact(report);
            assertThat(app.isReady()).isTrue();
        }
    }

    private static CanonicalEvent event(String id, String viewer, String type, long time) {
        return CanonicalEventBuilder.builder()
                .eventId(id)
                .entityId(viewer)
                .contextId("room")
                .timeMillis(time)
                .type(type)
                .numbers(Map.of())
                .attributes(Map.of())
                .build();
    }
}
