package io.livepredict.streams.outcome;

import static io.livepredict.streams.outcome.OutcomeProperties.grace;
import static io.livepredict.streams.outcome.OutcomeProperties.target;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.livepredict.avro.LabelledExample;
import io.livepredict.avro.Prediction;
import io.livepredict.contract.Hashes;
import io.livepredict.contract.KindDefinition;
import io.livepredict.contract.KindDefinitionBuilder;
import io.livepredict.contract.Target;
import io.livepredict.contract.Target.Outcome;
import io.livepredict.contract.Target.Scope;
import io.livepredict.streams.activity.NaiveActivity;
import io.livepredict.streams.activity.RandomEvents;
import io.livepredict.streams.ingest.Event;
import io.livepredict.streams.outcome.NaiveLabeller.Accepted;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.apache.kafka.common.utils.Bytes;

/** Looks in random histories, beside a recount of what they should be. */
class LookProperties {
    private static final String LOOK = KindDefinition.LOOK;
    private static final Set<String> ALL = Set.of("JOIN", "CHAT", "GIFT", "LEAVE", "RARE", LOOK);
    private static final Set<String> SOME = Set.of("CHAT", LOOK);
    private static final KindDefinition DEFINITION = with(Duration.ofSeconds(20), Duration.ofMinutes(5));
    private static final List<Target> TARGETS = List.of(
            target("chat-5m", Outcome.ANY_OF, Set.of("CHAT"), null, 300, Scope.ANYWHERE, ALL, ALL, 0),
            target("gone-1h", Outcome.NONE_OF, Set.of("CHAT", "GIFT"), null, 3_600, Scope.SAME_CONTEXT, ALL, SOME, 30),
            target(
                    "gifts-5m",
                    Outcome.SUM_OF,
                    Set.of("GIFT"),
                    "gift_value",
                    300,
                    Scope.ANYWHERE,
                    ALL,
                    Set.of(LOOK),
                    0));

    static KindDefinition with(Duration... looks) {
        return KindDefinitionBuilder.builder(RandomEvents.everything())
                .looks(List.of(looks))
                .build();
    }

    private static Loop loop(KindDefinition definition, long grace, Map<String, NavigableMap<Bytes, byte[]>> stores) {
        return new Loop(definition, TARGETS, grace(grace), new OutcomeSettings(1000, 1000), stores, false);
    }

    @Property(tries = 40)
    void shouldTakeTheLooksOfANaiveRecountWithItsVectorsAndLabels(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 200) int count,
            @ForAll @IntRange(min = 1, max = 6) int entities,
            @ForAll @IntRange(min = 0, max = 60_000) int disorder,
            @ForAll @IntRange(min = 0, max = 60_000) int grace) {
        List<Event> arrivals = RandomEvents.mixed(DEFINITION, seed, count, entities, disorder);
        NaiveLabeller naive = new NaiveLabeller(DEFINITION, TARGETS, grace, arrivals);
        try (Loop loop = loop(DEFINITION, grace, new HashMap<>())) {
            loop.pipe(arrivals);

            assertThat(loop.predictions.stream().map(p -> p.getEventId() + ' ' + p.getTarget()))
                    .containsExactlyElementsOf(naive.accepted.stream()
                            .flatMap(row ->
                                    TARGETS.stream().map(target -> row.event().eventId() + ' ' + target.name()))
                            .toList());
            OutcomeProperties.assertLabels(OutcomeProperties.labels(loop.examples), naive.labels);
            assertThat(loop.scored).hasSameSizeAs(naive.accepted);
            Map<String, byte[]> scored = new TreeMap<>();
            int looks = 0;
            for (int i = 0; i < loop.scored.size(); i++) {
                Accepted row = naive.accepted.get(i);
                scored.put(row.event().eventId(), loop.scored.get(i));
                if (row.event().type() == DEFINITION.eventTypes().size() && looks++ % 5 == 0) {
                    assertVector(loop, naive, row, loop.scored.get(i));
                }
            }
            assertThat(loop.counts.looked).hasValue(looks);
            for (LabelledExample example : loop.examples) {
                assertThat(Loop.bytes(example)).isEqualTo(scored.get(example.getEventId()));
            }
            assertOneTimerAnEntity(loop);
        }
    }

    private static void assertVector(Loop loop, NaiveLabeller naive, Accepted look, byte[] vector) {
        Map<String, Double> wanted = NaiveActivity.features(
                DEFINITION, naive.knownAt(look), look.event().timeMillis());
        ByteBuffer dense = ByteBuffer.wrap(vector).order(ByteOrder.LITTLE_ENDIAN);
        loop.schema.dense().forEach(feature -> {
            double value = wanted.getOrDefault(feature.name(), Double.NaN);
            assertThat((double) dense.getFloat())
                    .as("%s at %s", feature.name(), look.event())
                    .isCloseTo(value, within(2e-3 + 1e-3 * Math.abs(value)));
        });
        String context = look.event().contextId();
        int id = ByteBuffer.wrap(vector)
                .order(ByteOrder.LITTLE_ENDIAN)
                .getInt(vector.length - 4 * loop.schema.ids().size());
        assertThat(id)
                .isEqualTo(
                        context.isEmpty()
                                ? 0
                                : 1
                                        + (int) Long.remainderUnsigned(
                                                Hashes.id64(context), DEFINITION.contextBuckets() - 1L));
    }

    private static void assertOneTimerAnEntity(Loop loop) {
        List<String> entities =
                timers(loop).stream().map(LookProperties::entity).toList();
        assertThat(entities).doesNotHaveDuplicates();
    }

    private static List<Bytes> timers(Loop loop) {
        List<Bytes> timers = new ArrayList<>();
        loop.store("viewer-looks").all().forEachRemaining(timer -> timers.add(timer.key));
        return timers;
    }

    private static String entity(Bytes timer) {
        return new String(timer.get(), 9, timer.get().length - 9, StandardCharsets.UTF_8);
    }

    @Property(tries = 10)
    void shouldGiveTheSameAfterRestartsAnywhere(@ForAll long seed, @ForAll @IntRange(min = 5, max = 60) int step) {
        List<Event> arrivals = RandomEvents.mixed(DEFINITION, seed, 120, 4, 10_000);
        Map<String, NavigableMap<Bytes, byte[]>> stores = new HashMap<>();
        List<Prediction> predictions = new ArrayList<>();
        List<LabelledExample> examples = new ArrayList<>();
        for (int from = 0; from < arrivals.size(); from += step) {
            try (Loop loop = loop(DEFINITION, 5_000, stores)) {
                loop.pipe(arrivals.subList(from, Math.min(from + step, arrivals.size())));
                predictions.addAll(loop.predictions);
                examples.addAll(loop.examples);
            }
        }
        Map<String, NavigableMap<Bytes, byte[]>> atOnce = new HashMap<>();
        try (Loop whole = loop(DEFINITION, 5_000, atOnce)) {
            whole.pipe(arrivals);
            assertThat(predictions).isEqualTo(whole.predictions);
            assertThat(examples).isEqualTo(whole.examples);
        }
        assertSameStores(stores, atOnce);
    }

    private static void assertSameStores(
            Map<String, NavigableMap<Bytes, byte[]>> some, Map<String, NavigableMap<Bytes, byte[]>> others) {
        assertThat(some.keySet()).isEqualTo(others.keySet());
        some.forEach((store, contents) -> {
            NavigableMap<Bytes, byte[]> other = others.getOrDefault(store, new TreeMap<>());
            assertThat(contents.keySet()).as(store).isEqualTo(other.keySet());
            contents.forEach((key, value) -> assertThat(value).as(store).isEqualTo(other.get(key)));
        });
    }
}
