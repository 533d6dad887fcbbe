package io.livepredict.streams.choice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.livepredict.avro.ChoiceExample;
import io.livepredict.contract.CanonicalEvent;
import io.livepredict.contract.CanonicalEventBuilder;
import io.livepredict.contract.Erasure;
import io.livepredict.contract.Kind;
import io.livepredict.contract.PairFeatures;
import io.livepredict.streams.erasure.flow.ErasureJson;
import io.livepredict.streams.metrics.Metric;
import io.livepredict.streams.state.EntityKey;
import io.livepredict.streams.topology.FlowFixture;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.junit.jupiter.api.Test;

/** Choices through the whole flow in a TopologyTestDriver. */
class ChoiceFlowTest {
    private static final Duration ENDED_AFTER = Duration.ofHours(3);
    private static final ChoiceSettings SETTINGS = new ChoiceSettings(Set.of("JOIN"), 200, ENDED_AFTER);

    private int sent;

    @Test
    void shouldLogTheFeaturesOfANaiveRecount() {
        Random random = new Random(7);
        List<CanonicalEvent> past = new ArrayList<>();
        long time = FlowFixture.NOON;
        int missed = 0;
        int compared = 0;
        try (FlowFixture flow = FlowFixture.choosing(SETTINGS)) {
            TestOutputTopic<String, ChoiceExample> examples = examples(flow);
            for (int i = 0; i < 400; i++) {
                time += (long) Math.exp(random.nextDouble() * 14);
                CanonicalEvent event = event(
                        "v" + random.nextInt(4),
                        "room" + random.nextInt(1 + i / 40),
                        List.of("JOIN", "JOIN", "LEAVE", "CHAT").get(random.nextInt(4)),
                        time);
                send(flow, event);
                if (event.type().equals("JOIN")) {
                    ChoiceExample example = examples.readValue();
                    List<String> rooms = NaiveChoices.candidates(past, time, ENDED_AFTER);
                    assertThat(example.getCandidates()).isEqualTo(rooms.size());
                    assertThat(example.getChosen() < 0).isEqualTo(!rooms.contains(event.contextId()));
                    missed += example.getChosen() < 0 ? 1 : 0;
                    List<float[]> logged = vectors(example);
                    if (example.getChosen() >= 0) {
                        assertClose(
                                logged.get(example.getChosen()),
                                NaiveChoices.pair(past, event.entityId(), event.contextId(), time));
                    }
                    List<float[]> expected = new ArrayList<>();
                    rooms.forEach(
                            room -> expected.add(NaiveChoices.pair(past, event.entityId(), room, event.timeMillis())));
                    assertSame(logged, expected);
                    compared += rooms.size();
                }
                assertThat(examples.isEmpty()).isTrue();
                past.add(event);
            }
            assertThat(compared).isGreaterThan(500);
            assertThat(missed).isPositive();
            assertThat(flow.metrics.sum(Metric.CHOICES, "candidate", "no")).isEqualTo(missed);
            assertThat(flow.metrics.sum(Metric.CHOICES))
                    .isEqualTo(
                            past.stream().filter(e -> e.type().equals("JOIN")).count());
            assertThat(flow.metrics.sum(Metric.STATE_UNREADABLE)).isZero();
        }
    }

    @Test
    void shouldCompareNoMoreThanConfiguredAndKeepAnExampleBelowThreeKilobytes() {
        ChoiceSettings many = new ChoiceSettings(Set.of("JOIN"), 50, ENDED_AFTER);
        try (FlowFixture flow = FlowFixture.choosing(many)) {
            TestOutputTopic<String, ChoiceExample> examples = examples(flow);
            for (int i = 0; i < 120; i++) {
                send(flow, event("someone" + i, "a-room-with-a-name-" + i, "JOIN", FlowFixture.NOON + i));
            }
            send(flow, event("who-chooses", "a-room-with-a-name-119", "JOIN", FlowFixture.NOON + 1_000));
            List<ChoiceExample> all = examples.readValuesToList();
            ChoiceExample last = all.get(all.size() - 1);

            assertThat(last.getCandidates()).isEqualTo(50);
            assertThat(last.getChosen()).isBetween(0, 31);
            assertThat(vectors(last)).hasSize(32);
            byte[] written = flow.topics
                    .choiceExamples(Kind.VIEWER)
                    .value()
                    .serializer()
                    .serialize(flow.topics.choiceExamples(Kind.VIEWER).name(), last);
            assertThat(written.length).isLessThan(3_000);
        }
    }

    @Test
    void shouldForgetWhatSomebodyChoseWhoIsToBeForgotten() {
        try (FlowFixture flow = FlowFixture.choosing(SETTINGS)) {
            send(flow, event("ada", "r", "JOIN", FlowFixture.NOON));
            send(flow, event("bob", "r", "JOIN", FlowFixture.NOON));
            assertThat(own(flow, "ada")).isNotNull();
            flow.pipe(
                    flow.topics.erasures().name(),
                    null,
                    ErasureJson.write(new Erasure(Kind.VIEWER, "ada", "e1", FlowFixture.NOON + 1)));

            assertThat(own(flow, "ada")).isNull();
            assertThat(own(flow, "bob")).isNotNull();
        }
    }

    @Test
    void shouldKeepWhatItSaysFromTheTimeOfScoringHoweverOldTheEventsAre() {
        try (FlowFixture flow = FlowFixture.choosing(SETTINGS)) {
            long then = FlowFixture.NOON - Duration.ofHours(2).toMillis();
            for (String room : List.of("r", "s")) {
                flow.sendOld(event("ada", room, "JOIN", then));
            }

            assertThat(flow.timestamps(flow.topics.choiceExamples(Kind.VIEWER).name()))
                    .containsExactly(FlowFixture.NOON, FlowFixture.NOON);
            assertThat(flow.timestamps(flow.topics.roomParts(Kind.VIEWER).name()))
                    .containsExactly(FlowFixture.NOON, FlowFixture.NOON, FlowFixture.NOON);
        }
    }

    /** Five rounds saw 2500 rooms at most when a round ended after one slice. */
    @Test
    void shouldForgetEndedRoomsAsFastAsTheyCome() {
        int rooms = 2_600;
        try (FlowFixture flow = FlowFixture.choosing(SETTINGS)) {
            for (int i = 0; i < rooms; i++) {
                send(flow, event("someone", "room" + i, "JOIN", FlowFixture.NOON + i));
            }
            assertThat(rooms(flow)).isEqualTo(rooms);
            send(flow, event("bob", "s", "JOIN", FlowFixture.NOON + 2 * ENDED_AFTER.toMillis() + rooms + 1));
            for (int round = 0; round < 5; round++) {
                flow.driver.advanceWallClockTime(Duration.ofSeconds(30));
            }

            assertThat(rooms(flow)).isOne();
        }
    }

    private static int rooms(FlowFixture flow) {
        KeyValueStore<String, byte[]> store = flow.driver.getKeyValueStore("viewer-room-merge");
        int count = 0;
        try (KeyValueIterator<String, byte[]> all = store.all()) {
            for (; all.hasNext(); all.next()) {
                count++;
            }
        }
        return count;
    }

    private static byte[] own(FlowFixture flow, String viewer) {
        KeyValueStore<Bytes, byte[]> store = flow.driver.getKeyValueStore("viewer-choice");
        return store.get(EntityKey.of(viewer));
    }

    private CanonicalEvent event(String viewer, String room, String type, long time) {
        return CanonicalEventBuilder.builder()
                .eventId("e" + sent++)
                .entityId(viewer)
                .contextId(room)
                .timeMillis(time)
                .type(type)
                .numbers(Map.of())
                .attributes(Map.of())
                .build();
    }

    private static void send(FlowFixture flow, CanonicalEvent event) {
        flow.clock.set(Math.max(flow.clock.get(), event.timeMillis()));
        flow.pipe(flow.topics.events(Kind.VIEWER).name(), FlowFixture.utf8(event.entityId()), flow.bytes(event));
    }

    private static TestOutputTopic<String, ChoiceExample> examples(FlowFixture flow) {
        return flow.driver.createOutputTopic(
                flow.topics.choiceExamples(Kind.VIEWER).name(),
                new StringDeserializer(),
                flow.topics.choiceExamples(Kind.VIEWER).value().deserializer());
    }

    private static List<float[]> vectors(ChoiceExample example) {
        FloatBuffer floats =
                example.getVectors().duplicate().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
        List<float[]> vectors = new ArrayList<>();
        while (floats.hasRemaining()) {
            float[] vector = new float[PairFeatures.ALL.size()];
            floats.get(vector);
            vectors.add(vector);
        }
        return vectors;
    }

    /** In any order. */
    private static void assertSame(List<float[]> logged, List<float[]> expected) {
        assertThat(logged).hasSameSizeAs(expected);
        Comparator<float[]> order = (a, b) -> {
            for (int i = 0; i < a.length; i++) {
                if (Math.abs(a[i] - b[i]) > 1e-4) {
                    return Float.compare(a[i], b[i]);
                }
            }
            return 0;
        };
        List<float[]> left = new ArrayList<>(logged);
        List<float[]> right = new ArrayList<>(expected);
        left.sort(order);
        right.sort(order);
        for (int i = 0; i < left.size(); i++) {
            assertClose(left.get(i), right.get(i));
        }
    }

    private static void assertClose(float[] logged, float[] expected) {
        for (int i = 0; i < expected.length; i++) {
            assertThat(logged[i])
                    .as("%s of %s", PairFeatures.ALL.get(i).name(), Arrays.toString(expected))
                    .isCloseTo(expected[i], within(1e-4f));
        }
    }

    /** Counts everything anew from all events so far. */
    private static final class NaiveChoices {
        private static List<CanonicalEvent> joins(List<CanonicalEvent> past) {
            return past.stream().filter(e -> e.type().equals("JOIN")).toList();
        }

        static List<String> candidates(List<CanonicalEvent> past, long now, Duration endedAfter) {
            Set<String> rooms = new TreeSet<>();
            for (CanonicalEvent join : joins(past)) {
                if (join.timeMillis() >= now - endedAfter.toMillis()) {
                    rooms.add(join.contextId());
                }
            }
            return List.copyOf(rooms);
        }

        static float[] pair(List<CanonicalEvent> past, String viewer, String room, long now) {
            List<CanonicalEvent> joins = joins(past);
            List<CanonicalEvent> there =
                    joins.stream().filter(e -> e.contextId().equals(room)).toList();
            List<CanonicalEvent> own =
                    joins.stream().filter(e -> e.entityId().equals(viewer)).toList();
            List<CanonicalEvent> ownThere =
                    own.stream().filter(e -> e.contextId().equals(room)).toList();
            double[] x = new double[20];
            double[] halfLives = {600, 3_600, 86_400, 604_800};
            for (int h = 0; h < 4; h++) {
                double sum = 0;
                for (CanonicalEvent join : there) {
                    sum += Math.pow(.5, (now - join.timeMillis()) / 1_000. / halfLives[h]);
                }
                x[h] = Math.log1p(sum);
            }
            x[4] = since(there.get(there.size() - 1).timeMillis(), now);
            x[5] = ownThere.isEmpty() ? 1 : 0;
            x[6] = x[5] * x[1];
            x[7] = x[5] * x[2];
            x[8] = Math.log1p(ownThere.size());
            x[9] = own.isEmpty() ? 0 : (double) ownThere.size() / own.size();
            x[10] = ownThere.isEmpty()
                    ? -4
                    : since(ownThere.get(ownThere.size() - 1).timeMillis(), now);
            String last = own.isEmpty() ? "" : own.get(own.size() - 1).contextId();
            x[11] = room.equals(last) ? 1 : 0;
            String next = "";
            for (int i = 1; i < own.size(); i++) {
                next = own.get(i - 1).contextId().equals(last) ? own.get(i).contextId() : next;
            }
            x[12] = room.equals(next) ? 1 : 0;
            List<CanonicalEvent> changes = past.stream()
                    .filter(e -> e.entityId().equals(viewer)
                            && e.contextId().equals(room)
                            && !e.type().equals("CHAT"))
                    .toList();
            CanonicalEvent change = changes.isEmpty() ? null : changes.get(changes.size() - 1);
            boolean here = change != null && change.type().equals("JOIN");
            long changed = change == null ? now : change.timeMillis();
            x[13] = here ? 1 : 0;
            x[14] = here ? Math.exp(-(now - changed) / 60_000.) : 0;
            x[15] = ownThere.isEmpty() || here ? -4 : since(changed, now);
            int moves = 0;
            double moved = 0;
            double all = 0;
            for (int i = 0; i < joins.size(); i++) {
                CanonicalEvent before = null;
                for (int j = 0; j < i; j++) {
                    before = joins.get(j).entityId().equals(joins.get(i).entityId()) ? joins.get(j) : before;
                }
                if (before != null && before.contextId().equals(last)) {
                    // As of the last time that anything happened to that room: that is how its counts are kept.
                    double weight =
                            Math.pow(.5, (asOf(joins, last) - joins.get(i).timeMillis()) / 1_000. / (30 * 86_400));
                    all += weight;
                    moved += joins.get(i).contextId().equals(room) ? weight : 0;
                    moves++;
                }
            }
            x[16] = last.isEmpty() ? 0 : Math.log1p(moved) - Math.log1p(moves == 0 ? 0 : all);
            double hurry =
                    own.isEmpty() ? 0 : Math.exp(-(now - own.get(own.size() - 1).timeMillis()) / 60_000.);
            x[17] = x[11] * hurry;
            x[18] = x[12] * hurry;
            x[19] = x[16] * hurry;
            float[] floats = new float[x.length];
            for (int i = 0; i < x.length; i++) {
                floats[i] = (float) x[i];
            }
            return floats;
        }

        /** When somebody last came to that room or went on from it. */
        private static long asOf(List<CanonicalEvent> joins, String room) {
            long asOf = Long.MIN_VALUE;
            for (int i = 0; i < joins.size(); i++) {
                CanonicalEvent before = null;
                for (int j = 0; j < i; j++) {
                    before = joins.get(j).entityId().equals(joins.get(i).entityId()) ? joins.get(j) : before;
                }
                if (joins.get(i).contextId().equals(room)
                        || (before != null && before.contextId().equals(room))) {
                    asOf = joins.get(i).timeMillis();
                }
            }
            return asOf;
        }

        private static double since(long then, long now) {
            return -Math.log1p((now - then) / 1_000.) / 5;
        }
    }
}
