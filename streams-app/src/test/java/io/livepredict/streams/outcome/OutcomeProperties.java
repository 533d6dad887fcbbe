package io.livepredict.streams.outcome;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.livepredict.avro.LabelledExample;
import io.livepredict.avro.Prediction;
import io.livepredict.avro.TargetLabel;
import io.livepredict.contract.Kind;
import io.livepredict.contract.KindDefinition;
import io.livepredict.contract.Target;
import io.livepredict.contract.Target.Outcome;
import io.livepredict.contract.Target.Scope;
import io.livepredict.contract.TargetBuilder;
import io.livepredict.streams.activity.RandomEvents;
import io.livepredict.streams.ingest.Event;
import io.livepredict.streams.time.TimeSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.apache.kafka.common.utils.Bytes;
import org.jspecify.annotations.Nullable;

class OutcomeProperties {
    private static final Set<String> ALL = Set.of("JOIN", "CHAT", "GIFT", "LEAVE", "RARE");
    private static final Set<String> STAYING = Set.of("JOIN", "CHAT", "GIFT", "RARE");
    static final KindDefinition DEFINITION = RandomEvents.everything();
    static final List<Target> TARGETS = List.of(
            target("leave-30s", Outcome.ANY_OF, Set.of("LEAVE"), null, 30, Scope.SAME_CONTEXT, STAYING, STAYING, 30),
            target("chat-5m", Outcome.ANY_OF, Set.of("CHAT"), null, 300, Scope.ANYWHERE, STAYING, STAYING, 0),
            target("silent-30s", Outcome.NONE_OF, Set.of("CHAT", "GIFT"), null, 30, Scope.ANYWHERE, ALL, ALL, 30),
            target(
                    "gifts-5m",
                    Outcome.SUM_OF,
                    Set.of("GIFT", "CHAT"),
                    "gift_value",
                    300,
                    Scope.SAME_CONTEXT,
                    STAYING,
                    Set.of("JOIN", "GIFT"),
                    30),
            target("back-1d", Outcome.ANY_OF, Set.of("JOIN"), null, 86_400, Scope.ANYWHERE, ALL, Set.of("LEAVE"), 600));

    static Target target(
            String name,
            Outcome outcome,
            Set<String> types,
            @Nullable String number,
            long withinSeconds,
            Scope scope,
            Set<String> predictOn,
            Set<String> snapshotOn,
            long everySeconds) {
        return TargetBuilder.builder()
                .name(name)
                .kind(Kind.VIEWER)
                .outcome(outcome)
                .eventTypes(types)
                .number(number)
                .within(Duration.ofSeconds(withinSeconds))
                .scope(scope)
                .predictOn(predictOn)
                .snapshotOn(snapshotOn)
                .atMostEvery(Duration.ofSeconds(everySeconds))
                .prior(outcome == Outcome.SUM_OF ? 0 : 0.1)
                .build();
    }

    static TimeSettings grace(long millis) {
        return new TimeSettings(Duration.ofMillis(millis), Optional.empty(), Duration.ofDays(400));
    }

    @Property(tries = 30)
    void shouldGiveEachLabelOfANaiveLabellerExactlyOnce(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 250) int count,
            @ForAll @IntRange(min = 1, max = 6) int entities,
            @ForAll @IntRange(min = 0, max = 60_000) int disorder,
            @ForAll @IntRange(min = 0, max = 60_000) int grace) {
        List<Event> arrivals = RandomEvents.mixed(DEFINITION, seed, count, entities, disorder);
        NaiveLabeller naive = new NaiveLabeller(DEFINITION, TARGETS, grace, arrivals);
        try (Loop loop = new Loop(DEFINITION, TARGETS, grace(grace), new OutcomeSettings(1000, 1000))) {
            loop.pipe(arrivals);

            assertLabels(labels(loop.examples), naive.labels);
            assertThat(loop.counts.labelled.get()).isEqualTo(naive.labels.size());
            assertThat(loop.counts.added.get()).isEqualTo(naive.accepted.size());
            assertThat(loop.counts.repeated.get()).isEqualTo(naive.repeats);
            assertThat(loop.counts.late.get()).isEqualTo(naive.late).isEqualTo(loop.deadLetters.size());
            assertThat(PendingSnapshots.labels(loop.store("viewer-pending")).values().stream()
                            .mapToLong(n -> n)
                            .sum())
                    .isEqualTo(naive.censored);
            assertPredictions(loop, naive);
            assertVectors(loop, naive);
        }
    }

    private static void assertPredictions(Loop loop, NaiveLabeller naive) {
        List<String> wanted = new ArrayList<>();
        for (NaiveLabeller.Accepted at : naive.accepted) {
            for (Target target : TARGETS) {
                if (target.predictOn()
                        .contains(DEFINITION.eventTypes().get(at.event().type()))) {
                    wanted.add(at.event().eventId() + " " + target.name());
                }
            }
        }
        assertThat(loop.predictions.stream().map(p -> p.getEventId() + " " + p.getTarget()))
                .containsExactlyElementsOf(wanted);
    }

    /** The vectors in examples are those that were scored for their events, bit for bit, and so are the scores. */
    private static void assertVectors(Loop loop, NaiveLabeller naive) {
        Map<String, byte[]> scored = new TreeMap<>();
        assertThat(loop.scored).hasSameSizeAs(naive.accepted);
        for (int i = 0; i < naive.accepted.size(); i++) {
            scored.put(naive.accepted.get(i).event().eventId(), loop.scored.get(i));
        }
        Map<String, Double> served = new TreeMap<>();
        for (Prediction prediction : loop.predictions) {
            served.put(prediction.getEventId() + prediction.getTarget(), prediction.getScore());
        }
        for (LabelledExample example : loop.examples) {
            assertThat(Loop.bytes(example)).isEqualTo(scored.get(example.getEventId()));
            assertThat(example.getFeatureSchema()).isEqualTo(loop.schema.id());
            assertThat(example.getModelVersion()).isEqualTo(Loop.MODEL.version());
            assertThat(example.getModelHash()).isEqualTo(Loop.MODEL.sha256());
            for (TargetLabel label : example.getLabels()) {
                assertThat(label.getServedScore()).isEqualTo(served.get(example.getEventId() + label.getTarget()));
            }
        }
    }

    static Map<String, Double> labels(List<LabelledExample> examples) {
        Map<String, Double> labels = new TreeMap<>();
        for (LabelledExample example : examples) {
            for (TargetLabel label : example.getLabels()) {
                String name = example.getEventId() + " / " + example.getHorizonMs() + " / " + label.getTarget();
                assertThat(labels.put(name, label.getLabel()))
                        .as("%s twice", name)
                        .isNull();
            }
        }
        return labels;
    }

    static void assertLabels(Map<String, Double> labels, Map<String, Double> wanted) {
        assertThat(labels.keySet()).isEqualTo(wanted.keySet());
        labels.forEach((name, label) ->
                assertThat(label).as(name).isCloseTo(wanted.getOrDefault(name, Double.NaN), within(1e-9)));
    }

    @Property(tries = 10)
    void shouldGiveTheSameBytesTwice(
            @ForAll long seed, @ForAll @IntRange(min = 0, max = 20_000) int disorder, @ForAll boolean contexts) {
        List<Event> arrivals = RandomEvents.mixed(DEFINITION, seed, 150, 4, disorder);
        assertThat(run(arrivals, contexts)).isEqualTo(run(arrivals, contexts));
    }

    /** The rest of the log is left out, comes in another order, or is another's: what came out by then is the same. */
    @Property(tries = 10)
    void shouldKnowNothingOfWhatComesLater(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 149) int cut, @ForAll boolean contexts) {
        List<Event> arrivals = RandomEvents.mixed(DEFINITION, seed, 150, 4, 10_000);
        List<Event> begun = arrivals.subList(0, Math.min(cut, arrivals.size()));
        List<Event> rest = new ArrayList<>(arrivals.subList(begun.size(), arrivals.size()));
        Collections.shuffle(rest, new Random(seed));
        List<Event> shuffled = new ArrayList<>(begun);
        shuffled.addAll(rest);
        try (Loop part = loop(contexts)) {
            part.pipe(begun);
            for (List<Event> whole : List.of(arrivals, shuffled)) {
                try (Loop loop = loop(contexts)) {
                    loop.pipe(whole);
                    assertThat(loop.predictions.subList(0, part.predictions.size()))
                            .isEqualTo(part.predictions);
                    assertThat(loop.examples.subList(0, part.examples.size())).isEqualTo(part.examples);
                    assertThat(loop.scored.subList(0, part.scored.size())).containsExactlyElementsOf(part.scored);
                }
            }
        }
    }

    /**
     * By event time, in a log so disordered that later events come before earlier ones: what is later than a time t is
     * left out, or changes places. No vector and no score as of t or before differs. Of many entities, because only one that
     * has had no later event itself has a row to compare: with four, a vector that knew the watermark passed.
     */
    @Property(tries = 20, edgeCases = EdgeCasesMode.NONE)
    void shouldKnowNothingThatIsLaterInEventTime(
            @ForAll long seed, @ForAll @IntRange(min = 20, max = 130) int cut, @ForAll boolean contexts) {
        List<Event> arrivals = RandomEvents.mixed(DEFINITION, seed, 150, 40, 60_000).stream()
                .distinct()
                .toList();
        long time = arrivals.get(Math.min(cut, arrivals.size() - 1)).timeMillis();
        Map<String, String> whole = upTo(time, arrivals, contexts);
        assertAgree(whole, upTo(time, laterInOtherPlaces(arrivals, time, new Random(seed)), contexts));
        if (!contexts) { // without the later events the watermark is lower, so that less is known of a context
            List<Event> dropped =
                    arrivals.stream().filter(e -> e.timeMillis() <= time).toList();
            Map<String, String> alone = upTo(time, dropped, false);
            assertThat(alone.keySet()).containsAll(whole.keySet());
            assertAgree(whole, alone);
        }
    }

    /** An entity that has had a later event is as of that: such rows are of one log only. */
    private static void assertAgree(Map<String, String> some, Map<String, String> others) {
        Map<String, String> ofBoth = new TreeMap<>(some);
        ofBoth.keySet().retainAll(others.keySet());
        assertThat(others).containsAllEntriesOf(ofBoth);
    }

    /** What is later than that time keeps its times and places in the log, but is otherwise mixed up. */
    private static List<Event> laterInOtherPlaces(List<Event> arrivals, long time, Random random) {
        List<Event> later = new ArrayList<>(
                arrivals.stream().filter(e -> e.timeMillis() > time).toList());
        Collections.shuffle(later, random);
        List<Event> mixed = new ArrayList<>();
        for (Event event : arrivals) {
            if (event.timeMillis() <= time) {
                mixed.add(event);
                continue;
            }
            Event other = later.remove(later.size() - 1);
            mixed.add(other.change()
                    .id(event.eventId() + "-other")
                    .at(event.timeMillis())
                    .build());
        }
        return mixed;
    }

    /** By event id, of rows that are as of that time or before: the vector and the scores. */
    private static Map<String, String> upTo(long time, List<Event> arrivals, boolean contexts) {
        Map<String, String> rows = new TreeMap<>();
        // A grace as long as the disorder: nothing is late, whatever the watermark.
        try (Loop loop = new Loop(
                DEFINITION, TARGETS, grace(3_600_000), OutcomeSettings.defaults(), new HashMap<>(), contexts)) {
            loop.pipe(arrivals);
            assertThat(loop.counts.late).hasValue(0);
            Map<String, Long> asOf = new HashMap<>();
            Set<String> ids = new HashSet<>();
            int row = 0;
            for (Event event : arrivals) {
                if (!ids.add(event.entityId() + ' ' + event.eventId())) {
                    continue; // a repeat
                }
                long latest = Math.max(event.timeMillis(), asOf.getOrDefault(event.entityId(), Long.MIN_VALUE));
                asOf.put(event.entityId(), latest);
                if (latest <= time) { // so its id is its own: only what is later was given others
                    rows.put(event.eventId(), HexFormat.of().formatHex(loop.scored.get(row)));
                }
                row++;
            }
            assertThat(loop.scored).hasSize(row);
            for (Prediction prediction : loop.predictions) {
                rows.computeIfPresent(
                        prediction.getEventId(),
                        (id, vector) -> vector + ' ' + prediction.getTarget() + ' ' + prediction.getScore());
            }
        }
        return rows;
    }

    @Property(tries = 8)
    void shouldGiveTheSameAfterRestartsAnywhere(@ForAll long seed, @ForAll @IntRange(min = 8, max = 60) int step) {
        List<Event> arrivals = RandomEvents.mixed(DEFINITION, seed, 120, 4, 10_000);
        Map<String, NavigableMap<Bytes, byte[]>> stores = new HashMap<>();
        List<Prediction> predictions = new ArrayList<>();
        List<LabelledExample> examples = new ArrayList<>();
        for (int from = 0; from < arrivals.size(); from += step) {
            try (Loop loop = new Loop(DEFINITION, TARGETS, grace(5_000), OutcomeSettings.defaults(), stores, false)) {
                loop.pipe(arrivals.subList(from, Math.min(from + step, arrivals.size())));
                predictions.addAll(loop.predictions);
                examples.addAll(loop.examples);
            }
        }
        try (Loop whole = loop(false)) {
            whole.pipe(arrivals);
            assertThat(predictions).isEqualTo(whole.predictions);
            assertThat(examples).isEqualTo(whole.examples);
        }
    }

    @Property(tries = 15)
    void shouldKeepNothingOfWhatIsDone(@ForAll long seed, @ForAll @IntRange(min = 1, max = 150) int count) {
        List<Event> arrivals = RandomEvents.mixed(DEFINITION, seed, count, 5, 10_000);
        try (Loop loop = loop(false)) {
            loop.pipe(arrivals);
            Event last = arrivals.get(arrivals.size() - 1);
            Event later = Event.of("another")
                    .id("later")
                    .at(last.timeMillis() + Duration.ofDays(30).toMillis())
                    .type(1)
                    .numbers(last.numbers())
                    .attributes(last.attributeIds())
                    .build();
            loop.pipe(List.of(later));
            assertThat(PendingSnapshots.labels(loop.store("viewer-pending")).values())
                    .allMatch(n -> n == 1);
            assertThat(loop.store("viewer-pending").approximateNumEntries()).isLessThanOrEqualTo(3);
            assertThat(loop.store("viewer-open").approximateNumEntries()).isEqualTo(2); // the epochs, and the other one
        }
    }

    private static Loop loop(boolean contexts) {
        return new Loop(DEFINITION, TARGETS, grace(5_000), OutcomeSettings.defaults(), new HashMap<>(), contexts);
    }

    /** Everything that comes out, in Avro's binary encoding. */
    private static List<String> run(List<Event> arrivals, boolean contexts) {
        try (Loop loop = loop(contexts)) {
            loop.pipe(arrivals);
            List<String> all = new ArrayList<>();
            for (Prediction prediction : loop.predictions) {
                all.add(hex(prediction.toByteBuffer()));
            }
            for (LabelledExample example : loop.examples) {
                all.add(hex(example.toByteBuffer()));
            }
            return all;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String hex(ByteBuffer bytes) {
        byte[] copy = new byte[bytes.remaining()];
        bytes.duplicate().get(copy);
        return HexFormat.of().formatHex(copy);
    }
}
