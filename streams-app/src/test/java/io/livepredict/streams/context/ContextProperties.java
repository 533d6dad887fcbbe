package io.livepredict.streams.context;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.livepredict.contract.DenseFeature;
import io.livepredict.contract.Kind;
import io.livepredict.contract.KindDefinition;
import io.livepredict.contract.KindDefinitionBuilder;
import io.livepredict.contract.Target;
import io.livepredict.contract.TargetBuilder;
import io.livepredict.streams.activity.RandomEvents;
import io.livepredict.streams.ingest.Event;
import io.livepredict.streams.outcome.Loop;
import io.livepredict.streams.outcome.OutcomeSettings;
import io.livepredict.streams.state.StateReader;
import io.livepredict.streams.state.StateWriter;
import io.livepredict.streams.time.TimeSettings;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class ContextProperties {
    private static final KindDefinition DEFINITION = RandomEvents.everything();
    private static final List<Target> TARGETS = List.of(TargetBuilder.builder()
            .name("leave")
            .kind(Kind.VIEWER)
            .outcome(Target.Outcome.ANY_OF)
            .eventTypes(Set.of("LEAVE"))
            .within(Duration.ofSeconds(30))
            .scope(Target.Scope.SAME_CONTEXT)
            .predictOn(Set.copyOf(DEFINITION.eventTypes()))
            .snapshotOn(Set.of("JOIN"))
            .atMostEvery(Duration.ZERO)
            .prior(0.1)
            .build());

    /** What the task had accepted when an event came, and its watermark before. */
    private record Seen(Event event, long watermark, List<Event> before) {}

    @Property(tries = 25)
    void shouldGiveTheContextFeaturesOfANaiveRecount(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 300) int count,
            @ForAll @IntRange(min = 0, max = 30_000) int disorder,
            @ForAll @IntRange(min = 0, max = 30_000) int grace) {
        List<Event> arrivals = RandomEvents.mixed(DEFINITION, seed, count, 20, disorder);
        TimeSettings time = new TimeSettings(Duration.ofMillis(grace), Optional.empty(), Duration.ofDays(400));
        List<Seen> rows = accept(arrivals, grace);
        try (Loop loop = new Loop(DEFINITION, TARGETS, time, OutcomeSettings.defaults(), new HashMap<>(), true)) {
            loop.pipe(arrivals);
            assertThat(loop.scored).hasSameSizeAs(rows);
            List<String> names =
                    loop.schema.dense().stream().map(DenseFeature::name).toList();
            Map<String, Long> latest = new LinkedHashMap<>();
            for (int i = 0; i < rows.size(); i++) {
                Event event = rows.get(i).event;
                latest.merge(event.entityId(), event.timeMillis(), Math::max);
                Map<String, Double> wanted = naive(rows.get(i), latest.getOrDefault(event.entityId(), 0L));
                ByteBuffer dense = ByteBuffer.wrap(loop.scored.get(i)).order(ByteOrder.LITTLE_ENDIAN);
                double active = dense.getFloat(4 * names.indexOf("context.active"));
                long distinct = active(rows.get(i), latest.getOrDefault(event.entityId(), 0L));
                assertThat(active).as("of %d", distinct).isCloseTo(distinct, within(1 + 0.2 * distinct));
                wanted.put(
                        "context.rate.each",
                        active == 0 ? 0 : wanted.getOrDefault("context.60s.count.any", Double.NaN) / active);
                wanted.forEach((name, value) -> assertThat((double) dense.getFloat(4 * names.indexOf(name)))
                        .as("%s at %s", name, event.eventId())
                        .isCloseTo(value, within(1e-4 + 1e-5 * value)));
            }
        }
    }

    private static List<Seen> accept(List<Event> arrivals, long grace) {
        List<Seen> rows = new ArrayList<>();
        List<Event> accepted = new ArrayList<>();
        Set<String> ids = new HashSet<>();
        long watermark = Long.MIN_VALUE;
        for (Event event : arrivals) {
            if (event.timeMillis() >= watermark && ids.add(event.eventId())) {
                rows.add(new Seen(event, watermark, List.copyOf(accepted)));
                accepted.add(event);
                watermark = Math.max(watermark, event.timeMillis() - grace);
            }
        }
        return rows;
    }

    private static long end(long asOf) {
        return Math.floorDiv(asOf - 10_000, 10_000) * 10_000;
    }

    private static List<Event> known(Seen row, long end) {
        return row.before.stream()
                .filter(e -> e.contextId().equals(row.event.contextId()))
                .filter(e -> !e.contextId().isEmpty())
                .filter(e -> Math.floorDiv(e.timeMillis(), 10_000) * 10_000 + 10_000 <= row.watermark)
                .filter(e -> e.timeMillis() < end)
                .toList();
    }

    private static long active(Seen row, long asOf) {
        long end = end(asOf);
        return known(row, end).stream()
                .filter(e -> e.timeMillis() >= end - 60_000)
                .map(Event::entityId)
                .distinct()
                .count();
    }

    private static Map<String, Double> naive(Seen row, long asOf) {
        long end = end(asOf);
        List<Event> known = known(row, end);
        Map<String, Double> features = new TreeMap<>();
        for (Duration window : DEFINITION.windows()) {
            long from = end - Math.ceilDiv(window.toMillis(), 10_000L) * 10_000;
            List<Event> in = known.stream().filter(e -> e.timeMillis() >= from).toList();
            String name = "context." + window.toSeconds() + "s.count.";
            features.put(name + "any", (double) in.size());
            for (int type = 0; type < DEFINITION.eventTypes().size(); type++) {
                int wanted = type;
                features.put(name + DEFINITION.eventTypes().get(type), (double)
                        in.stream().filter(e -> e.type() == wanted).count());
            }
        }
        List<Event> minute = since(known, end - 60_000);
        List<Event> fiveMinutes = since(known, end - 300_000);
        List<Event> halfHour = since(known, end - 1_800_000);
        features.put("context.rate.any", fiveMinutes.size() / 5.0);
        features.put("context.rate.arrivals", of(fiveMinutes, "JOIN") / 5.0);
        features.put("context.rate.departures", of(fiveMinutes, "LEAVE") / 5.0);
        features.put("context.trend", Math.log((1.0 + minute.size()) / (1 + halfHour.size() / 30.0)));
        double arrivals = of(halfHour, "JOIN");
        features.put("context.arrivals", arrivals == 0 ? 0 : of(minute, "JOIN") / arrivals);
        return features;
    }

    private static List<Event> since(List<Event> events, long time) {
        return events.stream().filter(e -> e.timeMillis() >= time).toList();
    }

    private static double of(List<Event> events, String type) {
        int wanted = DEFINITION.eventTypes().indexOf(type);
        return events.stream().filter(e -> e.type() == wanted).count();
    }

    @Example
    void shouldEstimateHowManyAreActiveHoweverMany() {
        Random random = new Random(1);
        for (int entities : new int[] {0, 1, 10, 100, 1_000, 20_000, 500_000}) {
            ActiveSketch sketch = new ActiveSketch();
            for (int i = 0; i < entities; i++) {
                long hash = random.nextLong();
                sketch.add(hash);
                sketch.add(hash);
            }
            assertThat(sketch.estimate()).isCloseTo(entities, within(0.1 + entities * 0.15));
        }
    }

    @Property(tries = 50)
    void shouldKnowTheSameInTwoSketchesThatAreAddedAsInOne(
            @ForAll long seed, @ForAll @IntRange(max = 3_000) int some, @ForAll @IntRange(max = 300) int others) {
        Random random = new Random(seed);
        ActiveSketch all = new ActiveSketch();
        ActiveSketch first = new ActiveSketch();
        ActiveSketch second = new ActiveSketch();
        for (int i = 0; i < some + others; i++) {
            long hash = random.nextLong();
            all.add(hash);
            (i < some ? first : second).add(hash);
        }
        StateWriter out = new StateWriter();
        first.write(out);
        StateReader in = new StateReader();
        in.reset(out.toBytes());
        ActiveSketch read = new ActiveSketch();
        read.read(in);
        assertThat(in.remaining()).isZero();
        read.add(second);
        assertThat(read.estimate()).isEqualTo(all.estimate());
    }

    /** A type in front and one that is gone: what was counted of the others, and who was active, is still known. */
    @Property(tries = 10)
    void shouldTakeOverWhatWasCountedUnderOtherEventTypes(@ForAll long seed) {
        Random random = new Random(seed);
        List<String> types = new ArrayList<>(DEFINITION.eventTypes());
        types.remove("RARE");
        types.add(0, "NEW");
        KindDefinition changed = KindDefinitionBuilder.builder(DEFINITION)
                .eventTypes(types)
                .windows(List.of(Duration.ofMinutes(1)))
                .textBuckets(0)
                .sequenceLength(3)
                .build();
        ContextWindows before = new ContextWindows(DEFINITION);
        ContextWindows wanted = new ContextWindows(changed);
        for (int i = 0; i < 100; i++) {
            int type = random.nextInt(DEFINITION.eventTypes().size());
            int now = types.indexOf(DEFINITION.eventTypes().get(type));
            long hash = random.nextLong();
            long index = 1_000 + random.nextInt(20);
            ContextBucket old = new ContextBucket(DEFINITION.eventTypes().size());
            old.add(type, hash);
            before.add(index, old);
            ContextBucket renumbered = new ContextBucket(types.size());
            renumbered.active.add(hash);
            if (now >= 0) {
                renumbered.counts[now]++;
            }
            wanted.add(index, renumbered);
        }
        ContextWindows after = new ContextWindows(changed);
        assertThat(after.read(before.write())).isTrue();
        assertThat(after.write()).isEqualTo(wanted.write());
    }

    @Property(tries = 30)
    void shouldGiveTheSameWindowsInWhateverOrderPartsCome(@ForAll long seed) {
        Random random = new Random(seed);
        record Part(long index, ContextBucket bucket) {}
        List<Part> parts = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            ContextBucket bucket = new ContextBucket(DEFINITION.eventTypes().size());
            for (int n = random.nextInt(10); n >= 0; n--) {
                bucket.add(random.nextInt(5), random.nextLong());
            }
            parts.add(new Part(1_000 + random.nextInt(400), bucket));
        }
        ContextWindows inOrder = new ContextWindows(DEFINITION);
        parts.forEach(part -> inOrder.add(part.index, part.bucket));
        java.util.Collections.shuffle(parts, random);
        ContextWindows shuffled = new ContextWindows(DEFINITION);
        ContextWindows restored = new ContextWindows(DEFINITION);
        for (Part part : parts) {
            shuffled.add(part.index, part.bucket);
            assertThat(restored.read(shuffled.write())).isTrue();
        }
        int size = ContextReader.features(DEFINITION).size();
        for (long newest = inOrder.newest() - 59; newest < inOrder.newest() + 100; newest += 7) {
            float[] a = new float[size];
            float[] b = new float[size];
            inOrder.fill(newest, a, 0);
            restored.fill(newest, b, 0);
            assertThat(b).isEqualTo(a);
        }
    }

    /** The table may be ahead of who reads it, by another task's events: a reader at t sees none of that. */
    @Property(tries = 30)
    void shouldNotSeeBucketsThatWereNotClosedTenSecondsBefore(
            @ForAll long seed, @ForAll @IntRange(min = 0, max = 500_000) int ahead) {
        Random random = new Random(seed);
        ContextWindows all = new ContextWindows(DEFINITION);
        ContextWindows closed = new ContextWindows(DEFINITION);
        long newest = 100_000;
        long asOf = (newest + 1) * ContextBucket.MILLIS - ahead;
        for (int i = 0; i < 120; i++) {
            ContextBucket part = new ContextBucket(DEFINITION.eventTypes().size());
            part.add(random.nextInt(5), random.nextLong());
            long index = newest - random.nextInt(120);
            all.add(index, part);
            if ((index + 1) * ContextBucket.MILLIS <= asOf - 10_000) {
                closed.add(index, part);
            }
        }
        float[] seen = new float[ContextReader.features(DEFINITION).size()];
        float[] known = seen.clone();
        byte[] value = all.write();
        new ContextReader(DEFINITION, context -> value).fill("room", asOf, seen, 0);
        closed.fill(ContextWindows.newestKnown(asOf), known, 0);
        assertThat(seen).isEqualTo(known);
        closed.fill(newest, known, 0);
        assertThat(known).as("there is something to see").isNotEqualTo(new float[known.length]);
    }
}
