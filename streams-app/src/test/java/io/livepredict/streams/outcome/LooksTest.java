package io.livepredict.streams.outcome;

import static io.livepredict.streams.outcome.OutcomeProperties.grace;
import static io.livepredict.streams.outcome.OutcomeProperties.target;
import static org.assertj.core.api.Assertions.assertThat;

import io.livepredict.avro.LabelledExample;
import io.livepredict.avro.Prediction;
import io.livepredict.contract.DeadLetters;
import io.livepredict.contract.KindDefinition;
import io.livepredict.contract.Target;
import io.livepredict.contract.Target.Outcome;
import io.livepredict.contract.Target.Scope;
import io.livepredict.streams.ingest.Event;
import io.livepredict.streams.time.TimeSettings;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.common.utils.Bytes;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Looks at the edges: session ends, retention, the clock, changed steps, and far more due at once than are taken at once. */
class LooksTest {
    private static final int CHAT = 1;
    private static final int LEAVE = 3;
    private static final KindDefinition DEFINITION = LookProperties.with(Duration.ofSeconds(30), Duration.ofMinutes(5));
    private static final Set<String> LOOK = Set.of(KindDefinition.LOOK);
    private static final List<Target> TARGETS =
            List.of(target("chat-1m", Outcome.ANY_OF, Set.of("CHAT"), null, 60, Scope.ANYWHERE, LOOK, LOOK, 0));
    private static final OutcomeSettings OUTCOME = OutcomeSettings.defaults();
    private static final long START = 1_700_000_000_000L;

    private final Map<String, NavigableMap<Bytes, byte[]>> stores = new HashMap<>();
    private int events;

    private Loop loop(KindDefinition definition, TimeSettings time) {
        return new Loop(definition, TARGETS, time, OUTCOME, stores, false);
    }

    private Loop loop() {
        return loop(DEFINITION, grace(1_000));
    }

    private Event event(String entity, long second, int type) {
        return Event.of(entity)
                .context("room")
                .id("event-" + events++)
                .at(START + second * 1_000)
                .type(type)
                .numbers(new double[] {Double.NaN, Double.NaN, Double.NaN, Double.NaN})
                .attributes(new int[2])
                .build();
    }

    private void at(Loop loop, String entity, long second, int type) {
        loop.pipe(List.of(event(entity, second, type)));
    }

    /** "entity after-second +step". */
    private static List<String> looks(List<Prediction> predictions) {
        return predictions.stream()
                .map(p -> {
                    assertThat(p.getEventType()).isEqualTo(KindDefinition.LOOK);
                    String[] id = p.getEventId().split("[@+]");
                    return id[0] + ' ' + (Long.parseLong(id[1]) - START) / 1_000 + " +" + id[2];
                })
                .toList();
    }

    private static Map<String, Double> labels(Loop loop) {
        Map<String, Double> labels = new TreeMap<>();
        for (LabelledExample example : loop.examples) {
            labels.put(example.getEventId(), example.getLabels().get(0).getLabel());
        }
        return labels;
    }

    @Test
    void shouldLookBeforeTheNextEventHoweverFarLabelTimeHasCome() {
        try (Loop loop = loop(DEFINITION, grace(3_600_000))) { // label time passes nothing here
            at(loop, "ada", 0, CHAT);
            at(loop, "ada", 30, CHAT); // at the very moment, so there was no silence until then
            at(loop, "ada", 61, CHAT);
            at(loop, "ada", 50, CHAT); // older than the latest: no look is before it
            at(loop, "ada", 1_000, CHAT);
            assertThat(looks(loop.predictions)).containsExactly("ada 30 +30s", "ada 61 +30s", "ada 61 +5m");
        }
    }

    @Test
    void shouldLookAtTheMomentLabelTimePassesItAndLabelByWhatFollows() {
        try (Loop loop = loop()) {
            at(loop, "ada", 0, CHAT);
            at(loop, "bob", 31, CHAT);
            assertThat(loop.predictions).isEmpty(); // an event of ada's at 30 s may still come
            at(loop, "bob", 32, LEAVE);
            assertThat(looks(loop.predictions)).containsExactly("ada 0 +30s");
            Prediction look = loop.predictions.get(0);
            assertThat(look.getEventTime().toEpochMilli()).isEqualTo(START + 30_000);
            assertThat(look.getContextId()).isEqualTo("room");
            at(loop, "ada", 80, CHAT);
            at(loop, "ada", 500, LEAVE);
            assertThat(labels(loop))
                    .containsEntry("ada@" + START + "+30s", 1.0)
                    .containsEntry("ada@" + (START + 80_000) + "+30s", 0.0);
        }
    }

    @Test
    void shouldNotLookAfterASessionHasEndedAndBeginAgainWithTheNext() {
        try (Loop loop = loop()) {
            at(loop, "ada", 0, CHAT);
            at(loop, "ada", 10, LEAVE);
            at(loop, "bob", 1_000, LEAVE);
            assertThat(loop.predictions).isEmpty();
            assertThat(loop.store("viewer-looks").approximateNumEntries()).isZero();
            at(loop, "ada", 1_001, CHAT);
            at(loop, "bob", 2_000, LEAVE);
            assertThat(looks(loop.predictions)).containsExactly("ada 1001 +30s", "ada 1001 +5m");
            assertThat(loop.store("viewer-looks").approximateNumEntries()).isZero();
        }
    }

    @Test
    void shouldNotKeepAnEntityForItsLooksNorForgetThemWithIt() {
        TimeSettings time = new TimeSettings(Duration.ofSeconds(1), Optional.empty(), Duration.ofMinutes(6));
        try (Loop loop = loop(DEFINITION, time)) {
            at(loop, "ada", 0, CHAT);
            at(loop, "ada", 3_600, CHAT); // unknown by then; the looks before are of the one who was known
            assertThat(looks(loop.predictions)).containsExactly("ada 0 +30s", "ada 0 +5m");
            assertThat(loop.counts.expired).hasValue(1);
            at(loop, "bob", 7_200, LEAVE);
            loop.advance(Duration.ofSeconds(11)); // the sweep
            assertThat(loop.counts.expired).hasValue(2);
            assertThat(looks(loop.predictions)).hasSize(4);
            assertThat(loop.store("viewer-looks").approximateNumEntries()).isZero();
        }
    }

    @Test
    void shouldTakeEachLookOnceWhenTheClockHasMovedOnAndEventsComeAfterAll() {
        TimeSettings time =
                new TimeSettings(Duration.ofSeconds(1), Optional.of(Duration.ofSeconds(5)), Duration.ofDays(9));
        try (Loop loop = loop(DEFINITION, time)) {
            loop.clock.set(START);
            for (int second = 0; second <= 20; second++) { // so that stamps are trusted
                at(loop, "ada", second, CHAT);
                loop.advance(Duration.ofSeconds(1));
            }
            loop.advance(Duration.ofSeconds(60));
            assertThat(looks(loop.predictions)).containsExactly("ada 20 +30s");
            at(loop, "ada", 25, CHAT); // was held back; its time lies before the look
            at(loop, "ada", 70, CHAT);
            loop.advance(Duration.ofSeconds(600));
            assertThat(looks(loop.predictions))
                    .containsExactly("ada 20 +30s", "ada 25 +30s", "ada 70 +30s", "ada 70 +5m")
                    .doesNotHaveDuplicates();
        }
    }

    @Test
    void shouldGoOnExactlyWhenStepsAreAddedAndRemoved() {
        List<Prediction> all = new ArrayList<>();
        try (Loop loop = loop()) {
            at(loop, "ada", 0, CHAT); // waits for 30 s
            at(loop, "bob", 0, CHAT);
            at(loop, "cid", 100, LEAVE);
            all.addAll(loop.predictions); // both at 30 s, and both wait for 5 min now
        }
        try (Loop loop = loop(LookProperties.with(Duration.ofSeconds(60), Duration.ofMinutes(10)), grace(1_000))) {
            at(loop, "bob", 110, CHAT); // what is new is no shorter than what it waited for, or it would select
            at(loop, "cid", 115, LEAVE);
            at(loop, "cid", 2_000, LEAVE);
            all.addAll(loop.predictions);
        }
        try (Loop loop = loop()) {
            at(loop, "dan", 3_000, CHAT);
            at(loop, "cid", 9_000, LEAVE);
            all.addAll(loop.predictions);
            assertThat(loop.store("viewer-looks").approximateNumEntries()).isZero();
        }
        assertThat(looks(all))
                .containsExactly(
                        "ada 0 +30s",
                        "bob 0 +30s",
                        "bob 110 +1m",
                        "ada 0 +10m",
                        "bob 110 +10m",
                        "dan 3000 +30s",
                        "dan 3000 +5m");
    }

    @Test
    void shouldBeginWithTheNextEventWhereNoLooksWereConfiguredBefore() {
        KindDefinition without = LookProperties.with();
        List<Target> atChat = List.of(
                target("c", Outcome.ANY_OF, Set.of("CHAT"), null, 60, Scope.ANYWHERE, Set.of("CHAT"), Set.of(), 0));
        try (Loop loop = new Loop(without, atChat, grace(1_000), OUTCOME, stores, false)) {
            at(loop, "ada", 0, CHAT);
            assertThat(stores).doesNotContainKey("viewer-looks");
        }
        try (Loop loop = loop()) {
            at(loop, "bob", 1_000, CHAT);
            at(loop, "ada", 1_010, CHAT);
            at(loop, "bob", 1_100, LEAVE);
            assertThat(looks(loop.predictions)).containsExactly("bob 1000 +30s", "ada 1010 +30s");
        }
    }

    @Test
    void shouldSayInADeadLetterOfALookThatItCouldNotBeScored() {
        try (Loop loop = loop()) {
            loop.failing.add(0);
            at(loop, "ada", 0, CHAT);
            at(loop, "ada", 100, CHAT);
            assertThat(loop.predictions).isEmpty();
            assertThat(loop.deadLetters).hasSize(1);
            var letter = loop.deadLetters.get(0);
            assertThat(new String((byte[]) letter.key(), StandardCharsets.UTF_8))
                    .isEqualTo("ada");
            assertThat(letter.value()).isNull();
            assertThat(letter.headers().lastHeader(DeadLetters.TOPIC).value())
                    .isEqualTo(KindDefinition.LOOK.getBytes(StandardCharsets.UTF_8));
        }
    }

    @Test
    void shouldWorkOffInPiecesInDueOrderWhatIsDueAfterAnOutage() {
        workOff(3_000);
    }

    @Test
    @Tag("soak")
    void shouldWorkOffAHundredThousandLooks() {
        workOff(100_000); // what comes out is kept here, and a million rows would not fit the heap
    }

    private void workOff(int entities) {
        KindDefinition once = LookProperties.with(Duration.ofSeconds(30));
        try (Loop loop = loop(once, grace(1_000))) {
            for (int i = 0; i < entities; i++) {
                loop.pipe(List.of(event("e" + i, 0, CHAT)
                        .change()
                        .at(START + i * 20_000L / entities)
                        .build()));
            }
            long begun = System.nanoTime();
            at(loop, "late", 3_600, LEAVE);
            assertThat(loop.counts.looked).hasValue(256);
            // Labels wait for the looks before them: none of the horizons of a minute has passed.
            assertThat(loop.examples).isEmpty();
            int calls = 1;
            for (int before = 0; loop.counts.looked.get() > before; calls++) {
                before = loop.counts.looked.get();
                at(loop, "late", 3_600, LEAVE);
                assertThat(loop.counts.looked.get() - before).isLessThanOrEqualTo(256);
            }
            System.out.printf(
                    "%,d looks in %d calls, %,.0f looks/s, labels included%n",
                    entities, calls, entities * 1e9 / (System.nanoTime() - begun));
            assertThat(loop.counts.looked).hasValue(entities);
            assertThat(loop.predictions).hasSize(entities);
            assertThat(looks(loop.predictions)).doesNotHaveDuplicates();
            assertThat(loop.predictions.stream().map(Prediction::getEventTime)).isSorted();
            assertThat(loop.examples).hasSize(entities);
        }
    }
}
