package io.livepredict.deploy.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import io.livepredict.avro.LabelledExample;
import io.livepredict.contract.CanonicalEventBuilder;
import io.livepredict.contract.DenseFeature;
import io.livepredict.contract.FeatureVector;
import io.livepredict.contract.Kind;
import io.livepredict.contract.KindDefinition;
import io.livepredict.contract.Topic;
import io.livepredict.deploy.report.TopicPositions;
import io.livepredict.deploy.report.TopicScan;
import io.livepredict.streams.config.StreamsAppSettings;
import io.livepredict.streams.context.ContextReader;
import io.livepredict.streams.metrics.Metric;
import io.livepredict.streams.wiring.StreamsApp;
import io.livepredict.topics.TopicSetup;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Meter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.utils.Utils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two instances share the partitions of one installation. What goes on in a room is added up over both of them, and when one
 * leaves, the other goes on from its standby replicas, which here are in memory.
 */
class TwoInstancesIT {
    private static final KindDefinition VIEWERS = KindDefinition.defaults(Kind.VIEWER);
    private static final Duration GRACE = Duration.ofMinutes(2);
    private static final long BUCKET = 10_000;
    private static final int ROOMS = 3;
    private static final String APP = """
            time: {replay: true, grace: 2m}
            context-features: true
            """;
    private static final String TARGETS = """
            targets:
              - {name: chat-10s, kind: viewer, any-of: [CHAT], within: 10s, predict-on: [CHAT], snapshot-on: [CHAT], at-most-every: 0s}
            """;

    @TempDir
    Path directory;

    private record Sent(String id, String viewer, String room, long time, String type) {
        int partition() {
            return Utils.toPositive(Utils.murmur2(viewer.getBytes(StandardCharsets.UTF_8))) % Installation.PARTITIONS;
        }

        long bucket() {
            return Math.floorDiv(time, BUCKET);
        }
    }

    @Test
    void shouldAddUpWhatGoesOnInARoomOverBothAndGoOnFromReplicasWhenOneLeaves() throws Exception {
        long end = Math.floorDiv(System.currentTimeMillis() - 7_200_000, BUCKET) * BUCKET;
        try (Installation installation = new Installation(directory, "two-instances", APP, TARGETS)) {
            Topic<String, byte[]> parts = installation.topics().contextParts(Kind.VIEWER);
            Topic<String, byte[]> recent = installation.topics().contextRecent(Kind.VIEWER);
            try (Admin admin = Admin.create(installation.client())) {
                TopicSetup.ensure(admin, List.of(parts, recent), 1);
            }
            StreamsApp leaving = start(installation, "leaving");
            try (StreamsApp staying = start(installation, "staying")) {
                List<Sent> sent = new ArrayList<>(history(end));
                send(installation, sent);
                long closed = end - GRACE.toMillis();
                await().atMost(Installation.PATIENCE)
                        .untilAsserted(() -> assertPublished(installation, recent, sent, closed));
                long published = count(installation, recent.name());
                await().atMost(Installation.PATIENCE)
                        .until(() -> consumed(leaving, "-global-consumer") >= published
                                && consumed(staying, "-global-consumer") >= published);

                List<Sent> probes = probes(closed);
                send(installation, probes);
                // And then time goes on in all partitions, so that the labels become known.
                send(installation, ofEachPartition("later", end + 2 * GRACE.toMillis()));
                sent.addAll(probes);
                Map<String, Snapshot> snapshots = new HashMap<>();
                await().atMost(Installation.PATIENCE).until(() -> {
                    snapshots.putAll(snapshots(installation));
                    return probes.stream().allMatch(probe -> snapshots.containsKey(probe.id));
                });
                assertThat(staying.activeVersions()).containsEntry(Kind.VIEWER, 0L);
                for (Sent probe : probes) {
                    assertFeatures(features(installation, snapshots, probe), sent, probe.room, probe.time);
                }
                // As of the snapshot, which is later than the event where the viewer was seen later already.
                for (Sent event : sent) {
                    Snapshot snapshot = snapshots.get(event.id);
                    if (snapshot != null) {
                        assertThat(features(installation, snapshots, event).get("context.1800s.count.any"))
                                .as("at most what could be known to %s", event)
                                .isLessThanOrEqualTo((float) known(sent, event.room, snapshot.asOf, 1_800_000)
                                        .size());
                    }
                }
                assertOneRecordForEachTaskRoomAndBucket(installation, parts, recent, sent);

                leaveAndGoOn(installation, leaving, staying, sent);
            } finally {
                leaving.close();
            }
        }
    }

    private StreamsApp start(Installation installation, String name) {
        return StreamsApp.start(StreamsAppSettings.read(
                installation.streamsConfig(),
                Map.of(
                        "LIVEPREDICT_STATE__DIR", directory.resolve(name).toString(),
                        "LIVEPREDICT_STATE__STORE", "in-memory",
                        "LIVEPREDICT_STATE__STANDBY_REPLICAS", "1")));
    }

    /** Ten minutes of it; the last event is at the end in every partition. */
    private static List<Sent> history(long end) {
        Random random = new Random(5);
        List<Sent> history = new ArrayList<>();
        for (long time = end - 600_000; time < end; time += random.nextInt(500)) {
            history.add(new Sent(
                    "h" + history.size(),
                    "viewer-" + random.nextInt(60),
                    "room-" + random.nextInt(ROOMS),
                    time - random.nextInt(20_000),
                    VIEWERS.eventTypes().get(random.nextInt(VIEWERS.eventTypes().size()))));
        }
        history.addAll(ofEachPartition("end", end));
        return history;
    }

    private static List<Sent> ofEachPartition(String name, long time) {
        Map<Integer, Sent> each = new TreeMap<>();
        for (int i = 0; each.size() < Installation.PARTITIONS; i++) {
            Sent event = new Sent(name + i, name + i, "elsewhere", time, "CHAT");
            each.putIfAbsent(event.partition(), event);
        }
        return List.copyOf(each.values());
    }

    /** New viewers' chats, before the newest buckets that are published may be known and just after. */
    private static List<Sent> probes(long closed) {
        List<Sent> probes = new ArrayList<>();
        for (long time = closed; time < closed + 2 * BUCKET; time += 1_250) {
            for (int room = 0; room < ROOMS; room++) {
                String id = "probe-" + probes.size();
                probes.add(new Sent(id, id, "room-" + room, time, "CHAT"));
            }
        }
        return probes;
    }

    private static void send(Installation installation, List<Sent> events) {
        for (Sent e : events) {
            installation.send(
                    installation.topics().events(Kind.VIEWER),
                    e.viewer,
                    CanonicalEventBuilder.builder()
                            .eventId(e.id)
                            .entityId(e.viewer)
                            .contextId(e.room)
                            .timeMillis(e.time)
                            .type(e.type)
                            .numbers(Map.of())
                            .attributes(Map.of())
                            .build());
        }
        installation.flush();
    }

    /** What the newest record of each room says is what a recount says. */
    private static void assertPublished(
            Installation installation, Topic<String, byte[]> recent, List<Sent> sent, long closed) {
        Map<String, byte[]> newest = new HashMap<>();
        TopicScan.scan(
                installation.client(),
                recent.name(),
                TopicPositions.beginning(),
                each -> newest.put(new String(each.key(), StandardCharsets.UTF_8), each.value()));
        ContextReader reader = new ContextReader(VIEWERS, newest::get);
        List<DenseFeature> described = ContextReader.features(VIEWERS);
        float[] dense = new float[described.size()];
        for (int room = 0; room < ROOMS; room++) {
            reader.fill("room-" + room, closed + BUCKET, dense, 0);
            Map<String, Float> features = new HashMap<>();
            for (int i = 0; i < dense.length; i++) {
                features.put(described.get(i).name(), dense[i]);
            }
            assertFeatures(features, sent, "room-" + room, closed + BUCKET);
        }
    }

    /** Those of the newest bucket closed at or before ten seconds ago, recounted over the events. */
    private static void assertFeatures(Map<String, Float> features, List<Sent> sent, String room, long time) {
        Map<String, Double> wanted = new TreeMap<>();
        for (Duration window : VIEWERS.windows()) {
            String name = "context." + window.toSeconds() + "s.count.";
            List<Sent> in = known(sent, room, time, window.toMillis());
            wanted.put(name + "any", (double) in.size());
            for (String type : VIEWERS.eventTypes()) {
                wanted.put(name + type, (double) count(in, type));
            }
        }
        List<Sent> minute = known(sent, room, time, 60_000);
        List<Sent> fiveMinutes = known(sent, room, time, 300_000);
        List<Sent> halfHour = known(sent, room, time, 1_800_000);
        wanted.put("context.rate.any", fiveMinutes.size() / 5.0);
        wanted.put("context.rate.arrivals", count(fiveMinutes, "JOIN") / 5.0);
        wanted.put("context.rate.departures", count(fiveMinutes, "LEAVE") / 5.0);
        wanted.put("context.trend", Math.log((1.0 + minute.size()) / (1 + halfHour.size() / 30.0)));
        wanted.put("context.arrivals", (double) count(minute, "JOIN") / count(halfHour, "JOIN"));
        wanted.forEach((name, value) -> assertThat((double) features.getOrDefault(name, Float.NaN))
                .as("%s of %s at %d", name, room, time)
                .isCloseTo(value, within(1e-4)));
        long viewers = minute.stream().map(Sent::viewer).distinct().count();
        assertThat((double) features.getOrDefault("context.active", Float.NaN))
                .isCloseTo(viewers, within(1 + 0.2 * viewers));
    }

    private static List<Sent> known(List<Sent> sent, String room, long time, long windowMillis) {
        long end = Math.floorDiv(time - BUCKET, BUCKET) * BUCKET;
        return sent.stream()
                .filter(e -> e.room.equals(room) && e.time < end && e.time >= end - windowMillis)
                .toList();
    }

    private static long count(List<Sent> events, String type) {
        return events.stream().filter(e -> e.type.equals(type)).count();
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Snapshot(long asOf, float[] dense) {}

    private static Map<String, Snapshot> snapshots(Installation installation) {
        Topic<String, LabelledExample> examples = installation.topics().labelledExamples(Kind.VIEWER);
        int size = installation.streams().schema(Kind.VIEWER).dense().size();
        Map<String, Snapshot> snapshots = new HashMap<>();
        TopicScan.scan(installation.client(), examples.name(), TopicPositions.beginning(), each -> {
            LabelledExample example = examples.value().deserializer().deserialize(examples.name(), each.value());
            float[] dense = new float[size];
            FeatureVector.read(example.getDense(), dense);
            snapshots.put(example.getEventId(), new Snapshot(example.getAsOf(), dense));
        });
        return snapshots;
    }

    private static Map<String, Float> features(Installation installation, Map<String, Snapshot> snapshots, Sent event) {
        List<DenseFeature> described =
                installation.streams().schema(Kind.VIEWER).dense();
        float[] dense = snapshots.getOrDefault(event.id, new Snapshot(0, new float[0])).dense;
        Map<String, Float> features = new HashMap<>();
        for (int i = 0; i < dense.length; i++) {
            features.put(described.get(i).name(), dense[i]);
        }
        return features;
    }

    private static void assertOneRecordForEachTaskRoomAndBucket(
            Installation installation, Topic<String, byte[]> parts, Topic<String, byte[]> recent, List<Sent> sent) {
        Map<String, Long> wanted = sent.stream()
                .map(event -> event.partition() + " " + event.bucket() + " " + event.room)
                .distinct()
                .collect(Collectors.groupingBy(place -> place.split(" ")[2], TreeMap::new, Collectors.counting()));
        Map<String, Long> sentOn = countByKey(installation, parts.name());
        sentOn.remove(""); // how far each task has come, to every partition
        assertThat(sentOn).isEqualTo(wanted);
        assertThat(sentOn.values().stream().mapToLong(n -> n).sum())
                .as("records, of %d events", sent.size())
                .isLessThan(sent.size() / 3);
        // Published once a commit in which something was added: never more often than there were parts.
        countByKey(installation, recent.name())
                .forEach((room, times) -> assertThat(times).isBetween(1L, wanted.getOrDefault(room, 0L)));
    }

    /** Everything is sent again: whoever knows all of it as repeats has all the state of the one that left. */
    private static void leaveAndGoOn(
            Installation installation, StreamsApp leaving, StreamsApp staying, List<Sent> sent) {
        await().atMost(Installation.PATIENCE).until(installation::isAllScored);
        long changes = installation.topicNames().stream()
                .filter(topic ->
                        topic.startsWith(installation.streams().applicationId()) && topic.endsWith("-changelog"))
                .mapToLong(topic -> count(installation, topic))
                .sum();
        await().atMost(Installation.PATIENCE)
                .until(() ->
                        consumed(leaving, "-restore-consumer") + consumed(staying, "-restore-consumer") >= changes);
        double replicated = consumed(staying, "-restore-consumer");
        long repeats = staying.metrics().sum(Metric.EVENTS, "outcome", "repeated");
        leaving.close();
        send(installation, sent);
        await().atMost(Installation.PATIENCE)
                .until(() -> staying.metrics().sum(Metric.EVENTS, "outcome", "repeated") + lateOnes(staying)
                        >= repeats + sent.size());
        assertThat(staying.metrics().sum(Metric.EVENTS, "outcome", "repeated")).isEqualTo(repeats + sent.size());
        double restored = consumed(staying, "-restore-consumer") - replicated;
        System.out.printf(
                "one of two instances left: of %d changelog records the other had %.0f replicated and restored %.0f%n",
                changes, replicated, restored);
        assertThat(replicated).isGreaterThan(changes / 10.0);
        assertThat(restored).isLessThan(replicated / 10);
    }

    private static long lateOnes(StreamsApp app) {
        return app.metrics().sum(Metric.DEAD_LETTERS);
    }

    private static Map<String, Long> countByKey(Installation installation, String topic) {
        Map<String, Long> counts = new TreeMap<>();
        TopicScan.scan(
                installation.client(),
                topic,
                TopicPositions.beginning(),
                each -> counts.merge(new String(each.key(), StandardCharsets.UTF_8), 1L, Long::sum));
        return counts;
    }

    private static long count(Installation installation, String topic) {
        long[] count = {0};
        TopicScan.scan(installation.client(), topic, TopicPositions.beginning(), each -> count[0]++);
        return count[0];
    }

    /** How many records the instance's consumer of that kind has read, by Kafka's own count. */
    private static double consumed(StreamsApp app, String consumer) {
        double consumed = 0;
        for (Meter meter : app.metrics()
                .registry()
                .find("kafka.consumer.fetch.manager.records.consumed.total")
                .meters()) {
            String client = meter.getId().getTag("client.id");
            if (client != null && client.endsWith(consumer) && meter instanceof FunctionCounter counter) {
                consumed += counter.count();
            }
        }
        return consumed;
    }
}
