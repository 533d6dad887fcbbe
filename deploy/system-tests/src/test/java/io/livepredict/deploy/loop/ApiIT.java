package io.livepredict.deploy.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.livepredict.avro.Prediction;
import io.livepredict.contract.CanonicalEventBuilder;
import io.livepredict.contract.Kind;
import io.livepredict.contract.Topic;
import io.livepredict.deploy.report.TopicPositions;
import io.livepredict.deploy.report.TopicScan;
import io.livepredict.streams.config.StreamsAppSettings;
import io.livepredict.streams.wiring.StreamsApp;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two instances answer for every entity, whichever of them has it and whatever partition its producer chose; and each still
 * does, by its copies, when the other can't be reached.
 */
class ApiIT {
    private static final String APP = """
            time: {grace: 3s, idle-after: 5s}
            api: {}
            outlook: {present-for: 10m}
            """;
    private static final String TARGETS = """
            targets:
              - {name: chat-1m, kind: viewer, any-of: [CHAT], within: 1m, predict-on: [CHAT, JOIN], snapshot-on: [CHAT], at-most-every: 0s}
              - {name: leave-1m, kind: viewer, any-of: [LEAVE], within: 1m, predict-on: [CHAT], snapshot-on: [CHAT], at-most-every: 0s}
            """;
    private static final int VIEWERS = 60;

    @TempDir
    Path directory;

    @Test
    void shouldAnswerForEveryEntityWhicheverInstanceHasIt() throws Exception {
        try (Installation installation = new Installation(directory, "api", APP, TARGETS);
                Relay relay = new Relay();
                StreamsApp one = start(installation, "one", Map.of());
                StreamsApp two = start(installation, "two", Map.of("LIVEPREDICT_API__ADDRESS", relay.address()));
                Contract asOne = new Contract(one.httpPort());
                Contract asTwo = new Contract(two.httpPort())) {
            relay.to(two.httpPort());
            await().atMost(Installation.PATIENCE).until(() -> one.isReady() && two.isReady());
            List<String> viewers = send(installation);
            await().atMost(Installation.PATIENCE).until(installation::isAllScored);
            Map<String, Map<String, Prediction>> predictions = predictions(installation);

            for (Contract contract : List.of(asOne, asTwo)) {
                for (String viewer : viewers) {
                    JsonNode scores = answer(contract, "/v1/kinds/viewer/entities/" + viewer + "/score");
                    assertThat(scores.at("/source/role").asText()).isEqualTo("active");
                    assertLast(scores.path("scores"), predictions.getOrDefault(viewer, Map.of()));
                }
                JsonNode entity = answer(contract, "/v1/kinds/viewer/entities/" + viewers.getFirst());
                assertThat(entity.at("/known/events").asInt()).isEqualTo(2);
                assertThat(entity.at("/known/contexts/0/id").asText()).isEqualTo("room");
                assertThat(entity.path("features"))
                        .hasSameSizeAs(
                                installation.streams().schema(Kind.VIEWER).dense());
                assertThat(entity.path("open_snapshots")).hasSize(1);
                assertLast(entity.path("last_scores"), predictions.getOrDefault(viewers.getFirst(), Map.of()));

                JsonNode many = contract.post(
                                "/v1/kinds/viewer/scores", Map.of("ids", with(viewers, "nobody"), "as_of", "now"))
                        .body();
                assertThat(many.path("answers")).hasSize(viewers.size() + 1);
                assertThat(many.path("answers").get(0).path("scores")).hasSize(2);
                assertThat(many.path("answers")
                                .get(viewers.size())
                                .at("/problem/status")
                                .asInt())
                        .isEqualTo(404);
                assertThat(contract.get("/v1/kinds/viewer/entities/nobody").status())
                        .isEqualTo(404);
                assertThat(contract.get("/v1/kinds/player/entities/nobody").status())
                        .isEqualTo(404);
                assertOutlook(contract);
                answer(contract, "/v1/kinds");
                answer(contract, "/v1/models");
                answer(contract, "/v1/models/viewer");
            }
            relay.cut();
            assertCopies(asOne, viewers, predictions);
        }
    }

    /** Where the instance that takes in an entity's events can't be reached, a copy tells its last scores, and that it is one. */
    private static void assertCopies(
            Contract contract, List<String> viewers, Map<String, Map<String, Prediction>> predictions)
            throws Exception {
        await().atMost(Installation.PATIENCE).untilAsserted(() -> {
            Set<String> roles = new TreeSet<>();
            for (String viewer : viewers) {
                JsonNode scores = answer(contract, "/v1/kinds/viewer/entities/" + viewer + "/score");
                roles.add(scores.at("/source/role").asText());
                // A copy that has everything counts the marker of the last commit, which it never reads.
                assertThat(scores.at("/source/lag_records").asLong(-1)).isBetween(0L, 2L);
                assertLast(scores.path("scores"), predictions.getOrDefault(viewer, Map.of()));
            }
            assertThat(roles).containsExactly("active", "standby");
        });
        assertThat(contract.get("/v1/kinds/viewer/entities/nobody").status())
                .as("a copy may be behind: it can't say that something is unknown")
                .isEqualTo(503);
        // The copy of the outlook is another task's: it may be behind when those of the viewers are not.
        await().atMost(Installation.PATIENCE).untilAsserted(() -> {
            JsonNode rooms = answer(contract, "/v1/kinds/viewer/outlook");
            assertThat(rooms.path("complete").asBoolean()).isTrue();
            assertThat(rooms.at("/rooms/0/id").asText()).isEqualTo("room");
        });
    }

    /** All viewers are in one room, which one of the instances has; asked until its ten seconds are over. */
    private static void assertOutlook(Contract contract) throws Exception {
        await().atMost(Installation.PATIENCE)
                .untilAsserted(() -> assertThat(contract.get("/v1/kinds/viewer/outlook/room")
                                .body()
                                .path("present")
                                .asInt())
                        .isEqualTo(VIEWERS));
        await().atMost(Installation.PATIENCE).untilAsserted(() -> {
            JsonNode rooms = answer(contract, "/v1/kinds/viewer/outlook?target=leave-1m&most=5");
            assertThat(rooms.path("complete").asBoolean()).isTrue();
            assertThat(rooms.path("rooms")).hasSize(1);
            assertThat(rooms.at("/rooms/0/id").asText()).isEqualTo("room");
            assertThat(rooms.at("/rooms/0/present").asInt()).isEqualTo(VIEWERS);
        });
        assertThat(contract.get("/v1/kinds/viewer/outlook/nowhere").status()).isEqualTo(404);
        assertThat(contract.get("/v1/kinds/viewer/outlook?target=nothing").status())
                .isEqualTo(400);
        assertThat(contract.get("/v1/kinds/viewer/outlook?most=0").status()).isEqualTo(400);
    }

    private static List<String> with(List<String> ids, String another) {
        List<String> all = new ArrayList<>(ids);
        all.add(another);
        return all;
    }

    private static JsonNode answer(Contract contract, String path) throws Exception {
        Contract.Answer answer = contract.get(path);
        assertThat(answer.status()).as("%s: %s", path, answer.body()).isEqualTo(200);
        return answer.body();
    }

    private static void assertLast(JsonNode scores, Map<String, Prediction> predictions) {
        assertThat(scores).hasSameSizeAs(predictions.values());
        for (JsonNode score : scores) {
            Prediction prediction =
                    Objects.requireNonNull(predictions.get(score.path("target").asText()));
            assertThat((float) score.path("score").asDouble()).isEqualTo((float) prediction.getScore());
            assertThat(score.at("/model/version").asLong()).isEqualTo(prediction.getModelVersion());
            assertThat(score.at("/event/id").asText()).isEqualTo(prediction.getEventId());
            assertThat(score.path("scored_at").asText())
                    .isEqualTo(prediction.getScoredAt().toString());
        }
    }

    private StreamsApp start(Installation installation, String name, Map<String, String> more) {
        Map<String, String> environment = new HashMap<>(more);
        environment.put("LIVEPREDICT_STATE__DIR", directory.resolve(name).toString());
        environment.put("LIVEPREDICT_STATE__STANDBY_REPLICAS", "1");
        return StreamsApp.start(StreamsAppSettings.read(installation.streamsConfig(), environment));
    }

    /** Half of the viewers by a producer that chooses partitions as librdkafka does. */
    private static List<String> send(Installation installation) {
        List<String> viewers = new ArrayList<>();
        long now = System.currentTimeMillis();
        for (int i = 0; i < VIEWERS; i++) {
            String viewer = "viewer-" + i;
            viewers.add(viewer);
            for (String type : List.of("JOIN", "CHAT")) {
                Topic<String, ?> events = installation.topics().events(Kind.VIEWER);
                byte[] key = viewer.getBytes(StandardCharsets.UTF_8);
                installation.sendRaw(
                        events.name(),
                        i % 2 == 0 ? null : crc32(key) % Installation.PARTITIONS,
                        key,
                        event(installation, viewer, type, now));
            }
        }
        installation.flush();
        return viewers;
    }

    private static int crc32(byte[] key) {
        CRC32 crc = new CRC32();
        crc.update(key);
        return (int) (crc.getValue() & 0x7fffffff);
    }

    private static byte[] event(Installation installation, String viewer, String type, long time) {
        var events = installation.topics().events(Kind.VIEWER);
        return events.value()
                .serializer()
                .serialize(
                        events.name(),
                        CanonicalEventBuilder.builder()
                                .eventId(viewer + type)
                                .entityId(viewer)
                                .contextId("room")
                                .timeMillis(time)
                                .type(type)
                                .numbers(Map.of())
                                .attributes(Map.of())
                                .build());
    }

    /** The last by viewer and target. */
    private static Map<String, Map<String, Prediction>> predictions(Installation installation) {
        Topic<String, Prediction> topic = installation.topics().predictions();
        Map<String, Map<String, Prediction>> last = new HashMap<>();
        TopicScan.scan(installation.client(), topic.name(), TopicPositions.beginning(), each -> {
            Prediction prediction = topic.value().deserializer().deserialize(topic.name(), each.value());
            last.computeIfAbsent(prediction.getEntityId(), id -> new HashMap<>())
                    .put(prediction.getTarget(), prediction);
        });
        return last;
    }
}
