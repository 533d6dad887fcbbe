package io.livepredict.streams.activity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.livepredict.contract.DenseFeature;
import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.FeatureVector;
import io.livepredict.contract.Hashes;
import io.livepredict.contract.Kind;
import io.livepredict.contract.KindDefinition;
import io.livepredict.contract.KindDefinitionBuilder;
import io.livepredict.streams.ingest.Event;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class EntityActivityProperties {
    @Property(tries = 60)
    void shouldGiveTheFeaturesOfANaiveRecount(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 150) int count,
            @ForAll @IntRange(min = 0, max = 11) int contexts,
            @ForAll @IntRange(min = 0, max = 100_000) int disorder) {
        KindDefinition definition = RandomEvents.everything();
        compare(definition, RandomEvents.of(definition, "e", seed, count, contexts, disorder));
    }

    @Property(tries = 20)
    void shouldGiveTheFeaturesOfANaiveRecountWithTheShippedDefinitions(
            @ForAll Kind kind, @ForAll long seed, @ForAll @IntRange(min = 1, max = 100) int count) {
        KindDefinition definition = KindDefinition.defaults(kind);
        compare(definition, RandomEvents.of(definition, "e", seed, count, 2, 5_000));
    }

    private static void compare(KindDefinition definition, List<Event> arrivals) {
        FeatureSchema schema = FeatureDefinitions.schema(definition);
        EntityActivity activity = new EntityActivity(definition);
        FeatureVector vector = new FeatureVector(schema);
        List<Event> accepted = new ArrayList<>();
        Set<String> ids = new HashSet<>();
        byte[] stored = null;
        for (int i = 0; i < arrivals.size(); i++) {
            Event event = arrivals.get(i);
            if (stored == null) {
                activity.clear();
            } else {
                assertThat(activity.read(stored)).isTrue();
            }
            boolean repeat = activity.hasSeen(event);
            if (repeat) {
                assertThat(ids).contains(event.eventId());
                continue;
            }
            ids.add(event.eventId());
            accepted.add(event);
            activity.add(event);
            stored = activity.write();
            activity.fill(vector);
            if (i % 7 == 0 || i == arrivals.size() - 1) {
                Event row = accepted.get(accepted.size() - 1);
                compare(schema, vector, accepted, NaiveActivity.features(definition, accepted));
                assertThat(vector.ids[0]).isEqualTo(contextId(definition, row.contextId()));
            }
        }
    }

    private static int contextId(KindDefinition definition, String context) {
        return context.isEmpty()
                ? 0
                : 1 + (int) Long.remainderUnsigned(Hashes.id64(context), definition.contextBuckets() - 1L);
    }

    /** And what is stored of the entity stays as it is. */
    @Property(tries = 60)
    void shouldGiveTheFeaturesOfANaiveRecountAsOfAnyLaterMoment(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 100) int count,
            @ForAll @IntRange(min = 0, max = 9) int contexts,
            @ForAll @IntRange(min = 0, max = 100_000) int disorder) {
        KindDefinition definition = RandomEvents.everything();
        FeatureSchema schema = FeatureDefinitions.schema(definition);
        EntityActivity activity = new EntityActivity(definition);
        FeatureVector vector = new FeatureVector(schema);
        Random random = new Random(seed);
        List<Event> accepted = RandomEvents.of(definition, "e", seed, count, contexts, disorder).stream()
                .distinct()
                .toList();
        accepted.forEach(activity::add);
        byte[] stored = activity.write();
        for (int look = 0; look < 4; look++) {
            assertThat(activity.read(stored)).isTrue();
            long pause = (long) Math.exp(random.nextDouble() * 23) - 1; // up to four months
            long asOf = activity.latestMillis() + pause;
            activity.fill(vector, asOf);
            compare(schema, vector, accepted, NaiveActivity.features(definition, accepted, asOf));
            assertThat(accepted.stream()
                            .filter(event -> event.timeMillis() == activity.latestMillis())
                            .map(event -> contextId(definition, event.contextId())))
                    .contains(vector.ids[0]);
            assertThat(vector.ids[vector.ids.length - 1])
                    .isEqualTo(1 + (int) (Math.floorMod(asOf / 3_600_000L - 96, 168L)));
            assertThat(activity.write()).isEqualTo(stored);
        }
    }

    @Example
    void shouldFillNothingOfAnEntityThatIsNotKnown() {
        KindDefinition definition = RandomEvents.everything();
        EntityActivity activity = new EntityActivity(definition);
        FeatureVector vector = new FeatureVector(FeatureDefinitions.schema(definition));
        assertThatThrownBy(() -> activity.fill(vector, 0))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("nothing is known");
    }

    private static void compare(
            FeatureSchema schema, FeatureVector vector, List<Event> accepted, Map<String, Double> wanted) {
        assertThat(schema.dense().stream().map(DenseFeature::name))
                .containsExactlyInAnyOrderElementsOf(wanted.keySet());
        for (int f = 0; f < vector.dense.length; f++) {
            String name = schema.dense().get(f).name();
            double value = wanted.getOrDefault(name, Double.NaN);
            assertThat((double) vector.dense[f])
                    .as("%s after %d events", name, accepted.size())
                    .isCloseTo(value, within(2e-3 + 1e-3 * Math.abs(value)));
        }
        List<Event> sorted = new ArrayList<>(accepted);
        sorted.sort(Comparator.comparingLong(Event::timeMillis));
        int length = schema.sequenceLength();
        for (int i = 0; i < length; i++) {
            int at = sorted.size() - length + i;
            assertThat(vector.sequenceTypes[i])
                    .isEqualTo(at < 0 ? 0 : sorted.get(at).type() + 1);
            double gap = at <= 0
                    ? 0
                    : (sorted.get(at).timeMillis() - sorted.get(at - 1).timeMillis()) / 1000.0;
            assertThat((double) vector.sequenceGaps[i]).isCloseTo(Math.log1p(gap), within(1e-5));
        }
        Map<Integer, Integer> attributes = NaiveActivity.attributes(accepted);
        for (int i = 0; i < schema.ids().size() - 2; i++) {
            assertThat(vector.ids[1 + i]).isEqualTo(attributes.getOrDefault(i, 0));
        }
        for (int i = 0; i < vector.ids.length; i++) {
            assertThat(vector.ids[i]).isBetween(0, schema.ids().get(i).buckets() - 1);
        }
    }

    /** Every feature that means the same under both definitions is the same as if there had been no change. */
    @Property(tries = 30)
    void shouldTakeOverWhatHasTheSameNameUnderAnotherDefinition(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 80) int before, @ForAll @IntRange(max = 40) int after) {
        KindDefinition old = RandomEvents.everything();
        KindDefinition changed = changed(old);
        FeatureSchema schema = FeatureDefinitions.schema(changed);
        Set<String> shared = new HashSet<>();
        FeatureDefinitions.schema(old).dense().forEach(f -> shared.add(f.name() + f.definition()));
        List<Event> events = RandomEvents.of(old, "e", seed, before + after + 1, 3, 20_000).stream()
                .distinct()
                .toList();
        EntityActivity activity = new EntityActivity(old);
        events.subList(0, before).forEach(activity::add);
        EntityActivity former = new EntityActivity(
                java.util.Objects.requireNonNull(StoredDefinition.read(StoredDefinition.write(old))));
        assertThat(former.read(activity.write())).isTrue();
        EntityActivity next = new EntityActivity(changed);
        next.copy(former, new LayoutMapping(new ActivityLayout(old), new ActivityLayout(changed)));
        assertThat(next.read(next.write())).isTrue();
        List<Event> all = new ArrayList<>();
        for (int i = 0; i < events.size(); i++) {
            all.add(renumbered(events.get(i)));
            if (i >= before) {
                next.add(all.get(i));
            }
        }
        FeatureVector vector = new FeatureVector(schema);
        next.fill(vector);
        Map<String, Double> wanted = NaiveActivity.features(changed, all);
        int compared = 0;
        for (int f = 0; f < vector.dense.length; f++) {
            DenseFeature feature = schema.dense().get(f);
            if (shared.contains(feature.name() + feature.definition())) {
                double value = wanted.getOrDefault(feature.name(), Double.NaN);
                assertThat((double) vector.dense[f])
                        .as(feature.name())
                        .isCloseTo(value, within(2e-3 + 1e-3 * Math.abs(value)));
                compared++;
            }
        }
        assertThat(compared).isGreaterThan(100);
    }

    /** A type in front, one number and one window more, one attribute with other buckets, a longer sequence. */
    private static KindDefinition changed(KindDefinition old) {
        List<String> types = new ArrayList<>(List.of("NEW"));
        types.addAll(old.eventTypes());
        List<java.time.Duration> windows = new ArrayList<>(old.windows());
        windows.add(java.time.Duration.ofHours(12));
        Map<String, Set<KindDefinition.Aggregate>> numbers = new java.util.LinkedHashMap<>();
        numbers.put("more", Set.of(KindDefinition.Aggregate.SUM));
        numbers.putAll(old.numbers());
        return KindDefinitionBuilder.builder(old)
                .eventTypes(types)
                .windows(windows)
                .numbers(numbers)
                .attributes(Map.of("device", 64, "region", 99))
                .sequenceLength(9)
                .build();
    }

    private static Event renumbered(Event event) {
        double[] numbers = new double[event.numbers().length + 1];
        numbers[0] = Double.NaN;
        System.arraycopy(event.numbers(), 0, numbers, 1, event.numbers().length);
        return event.change().type(event.type() + 1).numbers(numbers).build();
    }

    @Property(tries = 30)
    void shouldKnowARepeatAmongTheLast64Events(@ForAll long seed) {
        KindDefinition definition = RandomEvents.everything();
        List<Event> events = RandomEvents.of(definition, "e", seed, 120, 2, 0).stream()
                .distinct()
                .toList();
        EntityActivity activity = new EntityActivity(definition);
        for (Event event : events) {
            activity.add(event);
            activity.read(activity.write());
        }
        for (int i = 0; i < events.size(); i++) {
            assertThat(activity.hasSeen(events.get(i))).isEqualTo(i >= events.size() - 64);
        }
    }

    @Property(tries = 200)
    void shouldKnowNothingAfterReadingRandomBytes(@ForAll byte[] bytes) {
        EntityActivity activity = new EntityActivity(RandomEvents.everything());
        assertThat(activity.read(bytes)).isFalse();
        assertThat(activity.latestMillis()).isEqualTo(Long.MIN_VALUE);
    }

    @Property(tries = 50)
    void shouldNeverThrowOnACutValue(@ForAll long seed, @ForAll @IntRange(min = 0, max = 5_000) int length) {
        KindDefinition definition = RandomEvents.everything();
        EntityActivity activity = new EntityActivity(definition);
        RandomEvents.of(definition, "e", seed, 30, 3, 1_000).stream().distinct().forEach(activity::add);
        byte[] whole = activity.write();
        if (length < whole.length) {
            assertThat(activity.read(java.util.Arrays.copyOf(whole, length))).isFalse();
        }
    }

    @Example
    void shouldNotReadTheValueOfAnotherDefinition() {
        EntityActivity viewer = new EntityActivity(KindDefinition.defaults(Kind.VIEWER));
        viewer.add(RandomEvents.of(KindDefinition.defaults(Kind.VIEWER), "e", 1, 1, 1, 0)
                .get(0));
        byte[] stored = viewer.write();
        assertThat(new EntityActivity(KindDefinition.defaults(Kind.PLAYER)).read(stored))
                .isFalse();
        assertThat(new EntityActivity(KindDefinition.defaults(Kind.VIEWER)).read(stored))
                .isTrue();
    }

    @Example
    void shouldStayFiniteWhateverTheNumbersAndTimes() {
        KindDefinition definition = RandomEvents.everything();
        EntityActivity activity = new EntityActivity(definition);
        FeatureVector vector = new FeatureVector(FeatureDefinitions.schema(definition));
        long[] times = {0, 1, Long.MAX_VALUE / 4, 5, -1};
        for (int i = 0; i < 50; i++) {
            double extreme = i % 2 == 0 ? Double.MAX_VALUE : -Double.MAX_VALUE / 3;
            double[] numbers = {extreme, extreme, Double.MAX_VALUE, extreme};
            activity.add(Event.of("e")
                    .id("e" + i)
                    .at(times[i % times.length])
                    .type(i % 5)
                    .numbers(numbers)
                    .attributes(new int[2])
                    .build());
            assertThat(activity.read(activity.write())).isTrue();
            activity.fill(vector);
            for (int f = 0; f < vector.dense.length; f++) {
                assertThat(Float.isFinite(vector.dense[f])).isTrue();
            }
        }
    }
}
