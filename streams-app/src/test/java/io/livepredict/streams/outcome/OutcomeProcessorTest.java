package io.livepredict.streams.outcome;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.livepredict.avro.LabelledExample;
import io.livepredict.avro.Prediction;
import io.livepredict.avro.TargetLabel;
import io.livepredict.contract.DeadLetterReason;
import io.livepredict.contract.DeadLetters;
import io.livepredict.contract.FeatureVector;
import io.livepredict.contract.KindDefinition;
import io.livepredict.contract.KindDefinitionBuilder;
import io.livepredict.contract.Target;
import io.livepredict.contract.Target.Outcome;
import io.livepredict.contract.Target.Scope;
import io.livepredict.streams.activity.RandomEvents;
import io.livepredict.streams.ingest.Event;
import io.livepredict.streams.score.ModelIdentity;
import io.livepredict.streams.state.DeadlineKey;
import io.livepredict.streams.state.StateWriter;
import io.livepredict.streams.targets.TargetPlan;
import io.livepredict.streams.time.InputProgress;
import io.livepredict.streams.time.TimeSettings;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.kafka.common.utils.Bytes;
import org.junit.jupiter.api.Test;

/** Long because each rule of predictions, snapshots, labels and time is a test over the same loop. */
class OutcomeProcessorTest {
    private static final KindDefinition DEFINITION = RandomEvents.everything();
    private static final long START = 1_700_000_000_000L;
    private static final int JOIN = 0;
    private static final int CHAT = 1;
    private static final int LEAVE = 3;
    private static final Target LEAVES = target("leave-30s", Outcome.ANY_OF, Set.of("LEAVE"), 30);
    private static final Target CHATS = target("chat-30s", Outcome.ANY_OF, Set.of("CHAT"), 30);

    private int events;

    private static Target target(String name, Outcome outcome, Set<String> types, long seconds) {
        return OutcomeProperties.target(
                name,
                outcome,
                types,
                null,
                seconds,
                Scope.SAME_CONTEXT,
                Set.of("JOIN", "CHAT"),
                Set.of("JOIN", "CHAT"),
                0);
    }

    private Event event(String entity, int type, double seconds) {
        return Event.of(entity)
                .context("room")
                .id("event-" + events++)
                .at(START + (long) (1000 * seconds))
                .type(type)
                .numbers(new double[] {Double.NaN, Double.NaN, Double.NaN, Double.NaN})
                .attributes(new int[2])
                .build();
    }

    private static Loop loop(List<Target> targets, Map<String, NavigableMap<Bytes, byte[]>> stores) {
        return loop(targets, stores, new OutcomeSettings(64, 1000));
    }

    private static Loop loop(
            List<Target> targets, Map<String, NavigableMap<Bytes, byte[]>> stores, OutcomeSettings settings) {
        return new Loop(DEFINITION, targets, OutcomeProperties.grace(0), settings, stores, false);
    }

    /** Makes what an entity has in the open store unreadable. */
    private static void loseTheList(Map<String, NavigableMap<Bytes, byte[]>> stores, String entity) {
        for (Map.Entry<Bytes, byte[]> entry :
                stores.getOrDefault("viewer-open", new java.util.TreeMap<>()).entrySet()) {
            if (new String(entry.getKey().get(), StandardCharsets.UTF_8).endsWith(entity)) {
                entry.setValue(new byte[] {99, 1, 2});
            }
        }
    }

    private static List<String> labels(Loop loop) {
        return loop.examples.stream()
                .flatMap(
                        e -> e.getLabels().stream().map(l -> e.getEventId() + " " + l.getTarget() + " " + l.getLabel()))
                .toList();
    }

    @Test
    void shouldPutAllLabelsOfOneHorizonIntoOneExample() {
        try (Loop loop = loop(List.of(LEAVES, CHATS), new HashMap<>())) {
            loop.pipe(List.of(event("a", JOIN, 0), event("a", LEAVE, 30), event("a", LEAVE, 31)));
            LabelledExample example = loop.examples.get(0);
            assertThat(loop.examples).hasSize(1);
            assertThat(example.getLabels().stream().map(TargetLabel::getTarget))
                    .containsExactly("leave-30s", "chat-30s");
            assertThat(example.getLabels().stream().map(TargetLabel::getLabel)).containsExactly(1.0, 0.0);
            assertThat(example.getAsOf()).isEqualTo(START);
            assertThat(example.getHorizonMs()).isEqualTo(30_000);
        }
    }

    @Test
    void shouldSendLateEventsToTheDeadLettersWithTheirBytes() {
        try (Loop loop = loop(List.of(LEAVES), new HashMap<>())) {
            loop.pipe(List.of(event("a", JOIN, 10), event("a", CHAT, 9.999), event("a", CHAT, 10)));
            assertThat(loop.counts.late).hasValue(1);
            assertThat(loop.counts.added).hasValue(2);
            assertThat(loop.deadLetters).hasSize(1);
            var letter = loop.deadLetters.get(0);
            assertThat(header(letter, DeadLetters.REASON)).isEqualTo(DeadLetterReason.LATE.name());
            assertThat(header(letter, DeadLetters.MESSAGE)).contains("1 ms behind the watermark");
            assertThat((byte[]) letter.key()).isEqualTo("a".getBytes(StandardCharsets.UTF_8));
            assertThat((byte[]) letter.value()).isEqualTo(new byte[] {0, 0, 0, 1});
        }
    }

    private static String header(org.apache.kafka.streams.processor.api.Record<?, ?> letter, String name) {
        return new String(letter.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
    }

    @Test
    void shouldDropARepeatEvenWhenItIsLate() {
        try (Loop loop = loop(List.of(LEAVES), new HashMap<>())) {
            Event first = event("a", JOIN, 0);
            loop.pipe(List.of(first, event("b", JOIN, 100), first));
            assertThat(loop.counts.repeated).hasValue(1);
            assertThat(loop.deadLetters).isEmpty();
        }
    }

    @Test
    void shouldLetTheWatermarkOfAQuietPartitionAdvanceButNeverPastTheClockLessIdleAndGrace() {
        TimeSettings time =
                new TimeSettings(Duration.ofSeconds(5), Optional.of(Duration.ofSeconds(10)), Duration.ofDays(10));
        try (Loop loop =
                new Loop(DEFINITION, List.of(LEAVES), time, OutcomeSettings.defaults(), new HashMap<>(), false)) {
            loop.clock.set(START);
            loop.pipe(List.of(event("a", JOIN, 0)));
            loop.advance(Duration.ofSeconds(45));
            assertThat(loop.examples).isEmpty(); // the watermark is at 30 s: not past the horizon
            loop.advance(Duration.ofSeconds(1));
            assertThat(labels(loop)).containsExactly("event-0 leave-30s 0.0");
        }
    }

    @Test
    void shouldTakeWhatWasHeldBackWhileTheClockDecidedLabelsAndDecideItsOwnByWhatFollows() {
        TimeSettings time =
                new TimeSettings(Duration.ofSeconds(5), Optional.of(Duration.ofSeconds(10)), Duration.ofDays(10));
        try (Loop loop =
                new Loop(DEFINITION, List.of(LEAVES), time, OutcomeSettings.defaults(), new HashMap<>(), false)) {
            loop.clock.set(START);
            loop.pipe(List.of(event("a", JOIN, 0)));
            loop.advance(Duration.ofSeconds(100));
            assertThat(labels(loop)).containsExactly("event-0 leave-30s 0.0");
            loop.pipe(List.of(event("b", JOIN, 10), event("b", LEAVE, 20), event("c", CHAT, -5.001)));
            assertThat(loop.counts.late).hasValue(1); // behind a newer event by more than the grace
            assertThat(loop.counts.added).hasValue(3);
            assertThat(loop.counts.heldBack).hasValue(2);
            assertThat(loop.examples).hasSize(1);
            loop.pipe(List.of(event("c", JOIN, 45.001)));
            // After the pause, many records show that their timestamps are no single clock's that is ahead.
            loop.pipe(IntStream.range(0, 64)
                    .mapToObj(i -> event("c", CHAT, 45.002 + i / 1000.0))
                    .toList());
            assertThat(labels(loop)).containsExactly("event-0 leave-30s 0.0", "event-1 leave-30s 1.0");
        }
    }

    @Test
    void shouldNotMakeOthersLateForOneWhoseClockIsAhead() {
        TimeSettings live =
                new TimeSettings(Duration.ofSeconds(5), Optional.of(Duration.ofSeconds(10)), Duration.ofDays(10));
        TimeSettings replay = new TimeSettings(Duration.ofSeconds(5), Optional.empty(), Duration.ofDays(10));
        for (TimeSettings time : List.of(live, replay)) {
            try (Loop loop =
                    new Loop(DEFINITION, List.of(LEAVES), time, OutcomeSettings.defaults(), new HashMap<>(), false)) {
                loop.clock.set(START);
                loop.pipe(List.of(event("a", JOIN, 0), event("ahead", JOIN, 50), event("a", CHAT, 1)));
                assertThat(loop.counts.late).hasValue(time.isLive() ? 0 : 1);
            }
        }
    }

    @Test
    void shouldLetNoLabelTimeAdvanceWhileABacklogWaitsToBeRead() {
        TimeSettings time =
                new TimeSettings(Duration.ofSeconds(5), Optional.of(Duration.ofSeconds(10)), Duration.ofDays(10));
        try (Loop loop =
                new Loop(DEFINITION, List.of(LEAVES), time, OutcomeSettings.defaults(), new HashMap<>(), false)) {
            loop.clock.set(START);
            loop.pipe(List.of(event("a", JOIN, 0)));
            // All that was there 45 s later is read, what came since is not: 30 s have passed, less idle and grace.
            loop.progress = source -> new InputProgress.Known(START + 45_000, Long.MIN_VALUE);
            loop.advance(Duration.ofSeconds(300));
            assertThat(loop.examples).isEmpty();
            loop.progress = source -> new InputProgress.Known(START + 45_001, Long.MIN_VALUE);
            loop.advance(Duration.ofSeconds(1));
            assertThat(labels(loop)).containsExactly("event-0 leave-30s 0.0");
        }
    }

    @Test
    void shouldNotCountSilenceInWhichTheBrokersDidNotAnswer() {
        TimeSettings time =
                new TimeSettings(Duration.ofSeconds(5), Optional.of(Duration.ofSeconds(10)), Duration.ofDays(10));
        try (Loop loop =
                new Loop(DEFINITION, List.of(LEAVES), time, OutcomeSettings.defaults(), new HashMap<>(), false)) {
            loop.clock.set(START);
            loop.pipe(List.of(event("a", JOIN, 0)));
            // An answer again at 100 s, the first for a long time.
            loop.progress = source -> new InputProgress.Known(loop.clock.get(), START + 100_000);
            loop.advance(Duration.ofSeconds(109));
            assertThat(loop.examples).isEmpty();
            loop.advance(Duration.ofSeconds(2));
            assertThat(labels(loop)).containsExactly("event-0 leave-30s 0.0");
        }
    }

    @Test
    void shouldNotTakeAThreadThatWasHeldUpForAQuietPartition() {
        TimeSettings time =
                new TimeSettings(Duration.ofSeconds(5), Optional.of(Duration.ofSeconds(10)), Duration.ofDays(10));
        try (Loop loop =
                new Loop(DEFINITION, List.of(LEAVES), time, OutcomeSettings.defaults(), new HashMap<>(), false)) {
            loop.clock.set(START);
            loop.pipe(List.of(event("a", JOIN, 0)));
            loop.stall(Duration.ofSeconds(60));
            assertThat(loop.examples).isEmpty();
            loop.advance(Duration.ofSeconds(12));
            assertThat(labels(loop)).containsExactly("event-0 leave-30s 0.0");
        }
    }

    @Test
    void shouldDecideWhatIsLateAfterARestartAsBefore() {
        Map<String, NavigableMap<Bytes, byte[]>> stores = new HashMap<>();
        try (Loop loop = loop(List.of(LEAVES), stores)) {
            loop.pipe(List.of(event("a", JOIN, 10)));
        }
        try (Loop loop = loop(List.of(LEAVES), stores)) {
            loop.pipe(List.of(event("b", JOIN, 9.999), event("b", JOIN, 10)));
            assertThat(loop.counts.late).hasValue(1);
            assertThat(loop.counts.added).hasValue(1);
        }
    }

    @Test
    void shouldDropTheLabelsOfATargetThatWasAwayForAWhile() {
        Map<String, NavigableMap<Bytes, byte[]>> stores = new HashMap<>();
        try (Loop loop = loop(List.of(LEAVES, CHATS), stores)) {
            loop.pipe(List.of(event("a", JOIN, 0)));
        }
        try (Loop loop = loop(List.of(CHATS), stores)) {
            loop.pipe(List.of(event("a", LEAVE, 1))); // unseen by the target that is away
        }
        try (Loop loop = loop(List.of(LEAVES, CHATS), stores)) {
            loop.pipe(List.of(event("a", JOIN, 20), event("a", JOIN, 31), event("a", JOIN, 51)));
            assertThat(labels(loop))
                    .containsExactly("event-0 chat-30s 0.0", "event-2 leave-30s 0.0", "event-2 chat-30s 0.0");
            assertThat(loop.counts.targetChanged).hasValue(1);
        }
    }

    @Test
    void shouldDropTheLabelsOfATargetWhoseDefinitionChanged() {
        Map<String, NavigableMap<Bytes, byte[]>> stores = new HashMap<>();
        try (Loop loop = loop(List.of(LEAVES), stores)) {
            loop.pipe(List.of(event("a", JOIN, 0)));
        }
        Target changed = target("leave-30s", Outcome.ANY_OF, Set.of("LEAVE", "RARE"), 30);
        try (Loop loop = loop(List.of(changed), stores)) {
            loop.pipe(List.of(event("b", LEAVE, 31)));
            assertThat(loop.examples).isEmpty();
            assertThat(loop.counts.targetChanged).hasValue(1);
        }
    }

    @Test
    void shouldCompleteSnapshotsThatWereTakenUnderAnotherFeatureSchema() {
        Map<String, NavigableMap<Bytes, byte[]>> stores = new HashMap<>();
        byte[] scored;
        String schema;
        Target longTarget = target("leave-10d", Outcome.ANY_OF, Set.of("LEAVE"), 864_000);
        try (Loop loop = loop(List.of(longTarget), stores)) {
            loop.pipe(List.of(event("a", JOIN, 0)));
            scored = loop.scored.get(0);
            schema = loop.schema.id();
        }
        KindDefinition other = KindDefinitionBuilder.builder(DEFINITION)
                .eventTypes(List.of("JOIN", "CHAT", "GIFT", "LEAVE", "RARE", "NEW"))
                .windows(List.of(Duration.ofMinutes(1)))
                .textBuckets(0)
                .sequenceLength(3)
                .build();
        try (Loop loop = new Loop(
                other, List.of(longTarget), OutcomeProperties.grace(0), OutcomeSettings.defaults(), stores, false)) {
            loop.pipe(List.of(event("a", LEAVE, 5), event("b", JOIN, 864_001)));
            assertThat(labels(loop)).containsExactly("event-0 leave-10d 1.0");
            assertThat(loop.examples.get(0).getFeatureSchema())
                    .isEqualTo(schema)
                    .isNotEqualTo(loop.schema.id());
            assertThat(Loop.bytes(loop.examples.get(0))).isEqualTo(scored);
            assertThat(loop.counts.converted).hasValue(1);
            assertThat(loop.counts.unreadable).hasValue(0);
        }
    }

    @Test
    void shouldNotCountAgainstTheBoundWhatTheWatermarkHasPassed() {
        try (Loop loop = loop(List.of(LEAVES), new HashMap<>(), new OutcomeSettings(1, 1))) {
            loop.pipe(List.of(event("a", JOIN, 0), event("a", JOIN, 31), event("b", JOIN, 100)));
            assertThat(loop.counts.refused).hasValue(0);
            assertThat(labels(loop)).containsExactly("event-0 leave-30s 0.0", "event-1 leave-30s 0.0");
        }
    }

    @Test
    void shouldRefuseSnapshotsBeyondTheBoundAndLabelTheOthersRightly() {
        try (Loop loop = loop(List.of(LEAVES), new HashMap<>(), new OutcomeSettings(3, 5))) {
            for (int i = 0; i < 6; i++) {
                loop.pipe(List.of(event("a", JOIN, i)));
            }
            assertThat(loop.counts.snapshots).hasValue(3);
            assertThat(loop.counts.refused).hasValue(3);
            loop.pipe(List.of(event("a", LEAVE, 10))); // decides all three: two more may wait
            for (int i = 11; i < 15; i++) {
                loop.pipe(List.of(event("a", JOIN, i)));
            }
            assertThat(loop.counts.snapshots).hasValue(5);
            loop.pipe(List.of(event("b", LEAVE, 100)));
            assertThat(labels(loop))
                    .containsExactly(
                            "event-0 leave-30s 1.0",
                            "event-1 leave-30s 1.0",
                            "event-2 leave-30s 1.0",
                            "event-7 leave-30s 0.0",
                            "event-8 leave-30s 0.0");
        }
    }

    @Test
    void shouldDropLabelsRatherThanMakeThemUpWhenTheOpenListIsLost() {
        Map<String, NavigableMap<Bytes, byte[]>> stores = new HashMap<>();
        try (Loop loop = loop(List.of(LEAVES), stores)) {
            loop.pipe(List.of(event("a", JOIN, 0), event("b", JOIN, 0)));
        }
        loseTheList(stores, "a");
        try (Loop loop = loop(List.of(LEAVES), stores)) {
            loop.pipe(List.of(event("a", JOIN, 10), event("c", JOIN, 31), event("c", JOIN, 41)));
            assertThat(labels(loop)).containsExactly("event-1 leave-30s 0.0", "event-2 leave-30s 0.0");
            assertThat(loop.counts.unreadable).hasValue(2); // the list, and the snapshot it knew
        }
    }

    @Test
    void shouldNotTakeLaterSnapshotsForThoseOfALostList() {
        Map<String, NavigableMap<Bytes, byte[]>> stores = new HashMap<>();
        try (Loop loop = loop(List.of(LEAVES), stores)) {
            loop.pipe(List.of(event("a", JOIN, 0), event("a", JOIN, 15)));
        }
        loseTheList(stores, "a");
        try (Loop loop = loop(List.of(LEAVES), stores)) {
            // At 31 the first's time is over, before the new one is logged; the second's comes when there are two new
            // ones.
            loop.pipe(List.of(event("a", JOIN, 31), event("a", JOIN, 32), event("c", JOIN, 100)));
            assertThat(labels(loop)).containsExactly("event-2 leave-30s 0.0", "event-3 leave-30s 0.0");
            assertThat(loop.counts.unreadable).hasValue(3); // the list, and the two snapshots it knew
        }
    }

    @Test
    void shouldCountAnEntityThatAnotherBuildWroteAndBeginAnew() {
        Map<String, NavigableMap<Bytes, byte[]>> stores = new HashMap<>();
        try (Loop loop = loop(List.of(LEAVES), stores)) {
            loop.pipe(List.of(event("a", JOIN, 0), event("b", JOIN, 0)));
        }
        NavigableMap<Bytes, byte[]> entities = stores.getOrDefault("viewer-activity", Collections.emptyNavigableMap());
        byte[] former = entities.lastEntry().getValue().clone();
        former[0]--; // the layout's version
        entities.put(entities.lastKey(), former);
        Event first = event("b", CHAT, 1);
        try (Loop loop = loop(List.of(LEAVES), stores);
                Loop fresh = loop(List.of(LEAVES), new HashMap<>())) {
            loop.pipe(List.of(first));
            fresh.pipe(List.of(first));
            assertThat(loop.counts.unreadable).hasValue(1);
            assertThat(loop.scored.get(0)).isEqualTo(fresh.scored.get(0));
            loop.pipe(List.of(event("a", CHAT, 2)));
            assertThat(loop.counts.unreadable).hasValue(1);
        }
    }

    @Test
    void shouldCountTheOpenStayThatIsForgottenForAnotherRoom() {
        try (Loop loop = loop(List.of(LEAVES), new HashMap<>())) {
            for (int room = 0; room < 8; room++) {
                loop.pipe(List.of(inRoom(event("a", JOIN, room), "room-" + room)));
            }
            loop.pipe(List.of(inRoom(event("a", LEAVE, 9), "room-0")));
            assertThat(loop.counts.stayDropped).hasValue(0);
            loop.pipe(List.of(inRoom(event("a", JOIN, 10), "room-8"))); // makes room-1 forgotten, the oldest
            assertThat(loop.counts.stayDropped).hasValue(1);
        }
    }

    private static Event inRoom(Event event, String room) {
        return event.change().context(room).build();
    }

    @Test
    void shouldCountAndForgetContextBucketsThatAnotherBuildWrote() {
        Map<String, NavigableMap<Bytes, byte[]>> stores = new HashMap<>();
        TimeSettings time = OutcomeProperties.grace(0);
        OutcomeSettings settings = OutcomeSettings.defaults();
        try (Loop loop = new Loop(DEFINITION, List.of(LEAVES), time, settings, stores, true)) {
            loop.pipe(List.of(event("a", JOIN, 0), event("a", CHAT, 10), event("a", CHAT, 20)));
        }
        List<NavigableMap<Bytes, byte[]>> contexts = List.of(
                stores.getOrDefault("viewer-context-tally", Collections.emptyNavigableMap()),
                stores.getOrDefault("viewer-context-merge", Collections.emptyNavigableMap()));
        assertThat(contexts).allSatisfy(store -> assertThat(store).hasSize(1));
        contexts.forEach(store -> store.replaceAll((key, value) -> new byte[] {1, 2, 3}));
        try (Loop loop = new Loop(DEFINITION, List.of(LEAVES), time, settings, stores, true)) {
            assertThat(loop.counts.unreadable).hasValue(1); // the bucket that was open
            loop.pipe(List.of(event("a", CHAT, 30)));
            assertThat(loop.counts.unreadable).hasValue(1);
            loop.pipe(List.of(event("a", CHAT, 41)));
            assertThat(loop.counts.unreadable).hasValue(2); // what was known of the room
            loop.pipe(List.of(event("a", CHAT, 51)));
            assertThat(loop.counts.unreadable).hasValue(2);
        }
        assertThat(contexts).allSatisfy(store -> assertThat(store).hasSize(1));
    }

    @Test
    void shouldNeitherPredictNorLogWhatCouldNotBeScored() {
        try (Loop loop = loop(List.of(LEAVES), new HashMap<>())) {
            loop.failing.add(1);
            loop.pipe(List.of(event("a", JOIN, 0), event("a", CHAT, 1), event("a", CHAT, 2), event("a", LEAVE, 40)));
            assertThat(loop.predictions.stream().map(p -> p.getEventId())).containsExactly("event-0", "event-2");
            assertThat(labels(loop)).containsExactly("event-0 leave-30s 0.0", "event-2 leave-30s 0.0");
        }
    }

    @Test
    void shouldForgetAnEntityThatWasSilentForLongerThanTheRetention() {
        TimeSettings time = new TimeSettings(Duration.ZERO, Optional.empty(), Duration.ofHours(1));
        try (Loop loop =
                new Loop(DEFINITION, List.of(LEAVES), time, OutcomeSettings.defaults(), new HashMap<>(), false)) {
            loop.pipe(List.of(event("a", JOIN, 0), event("b", JOIN, 0), event("c", JOIN, 3600)));
            loop.advance(Duration.ofMinutes(1));
            assertThat(loop.store("viewer-activity").approximateNumEntries())
                    .isEqualTo(5); // with watermark and definition
            loop.pipe(List.of(event("b", JOIN, 3601)));
            assertThat(loop.counts.expired).hasValue(1); // met again: it is new
            loop.advance(Duration.ofMinutes(1));
            assertThat(loop.counts.expired).hasValue(2); // found by the sweep
            assertThat(loop.store("viewer-activity").approximateNumEntries()).isEqualTo(4);
        }
    }

    @Test
    void shouldRefuseATargetThatNamesWhatTheKindDoesNotHave() {
        assertThatThrownBy(() -> new TargetPlan(DEFINITION, List.of(target("x", Outcome.ANY_OF, Set.of("NOPE"), 30))))
                .hasMessageContaining("target x names event type NOPE");
    }

    @Test
    void shouldSayOfEachTargetWhetherAModelOrThePriorWasServed() {
        Map<String, NavigableMap<Bytes, byte[]>> stores = new HashMap<>();
        try (Loop loop = loop(List.of(LEAVES, CHATS), stores)) {
            loop.servePrior(false, true);
            loop.pipe(List.of(event("a", JOIN, 0), event("a", LEAVE, 31)));
            assertThat(loop.predictions)
                    .extracting(Prediction::getTarget, Prediction::getModelVersion, Prediction::getModelHash)
                    .containsExactly(
                            tuple("leave-30s", Loop.MODEL.version(), Loop.MODEL.sha256()), tuple("chat-30s", 0L, ""));
            LabelledExample example = loop.examples.get(0);
            assertThat(example.getModelVersion()).isEqualTo(Loop.MODEL.version());
            assertThat(example.getLabels())
                    .extracting(TargetLabel::getTarget, TargetLabel::getServedByPrior)
                    .containsExactly(tuple("leave-30s", false), tuple("chat-30s", true));
        }
    }

    @Test
    void shouldReadPendingSnapshotsAsTheyWereWritten() {
        readsAsWritten(false);
        readsAsWritten(true);
    }

    private static void readsAsWritten(boolean byPrior) {
        FeatureVector vector = new FeatureVector(11, 3, 2);
        vector.dense[0] = -0.0f;
        vector.dense[3] = Float.MIN_VALUE;
        vector.dense[10] = 7;
        vector.sequenceTypes[2] = 9;
        vector.sequenceGaps[2] = 1.5f;
        vector.ids[1] = 77;
        PendingSnapshot snapshot = new PendingSnapshot(
                3,
                "fedcba9876543210",
                new PendingSnapshot.Moment("röom", "evént", START, START + 5),
                60_000,
                new PendingSnapshot.Served(
                        new ModelIdentity("viewer", 12, "0f".repeat(32)),
                        List.of(new PendingSnapshot.ServedTarget("t", -5, 0.25f, byPrior))),
                vector);
        StateWriter out = new StateWriter();
        snapshot.write(out);
        assertThat(PendingSnapshot.read(out.toBytes())).isEqualTo(snapshot);
        for (int length = 0; length < out.size(); length++) {
            assertThat(PendingSnapshot.read(java.util.Arrays.copyOf(out.toBytes(), length)))
                    .isNull();
        }
    }

    @Test
    void shouldOrderPendingKeysByDeadline() {
        List<Long> deadlines = List.of(-5L, -1L, 0L, 1L, START);
        for (int i = 1; i < deadlines.size(); i++) {
            Bytes before = new PendingKey(deadlines.get(i - 1), "zzz", 9).bytes();
            Bytes after = new PendingKey(deadlines.get(i), "a", 0).bytes();
            assertThat(before).isLessThan(after);
            assertThat(DeadlineKey.first(deadlines.get(i)))
                    .isGreaterThan(before)
                    .isLessThan(after);
            assertThat(PendingKey.of(after)).isEqualTo(new PendingKey(deadlines.get(i), "a", 0));
        }
    }
}
