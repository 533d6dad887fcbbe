package io.livepredict.streams.outcome;

import static org.assertj.core.api.Assertions.assertThat;

import io.livepredict.avro.Prediction;
import io.livepredict.contract.Target;
import io.livepredict.streams.ingest.Event;
import io.livepredict.streams.output.AlertRule;
import io.livepredict.streams.output.Emission;
import io.livepredict.streams.output.OutputSettings;
import io.livepredict.streams.time.OutputGate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.kafka.common.utils.Bytes;
import org.junit.jupiter.api.Test;

/** What is remembered of one entity stays small, however many rooms its events name. */
class OutputBoundsTest {
    private static final int ROOMS = 3_000;
    private static final int MOST_SENT = 2_000;
    private static final int MOST_RAISED = 1_000;
    private static final int MOST_FOLLOWED = 64;
    private static final int MOST_LASTS = 2_000;
    private static final int MOST_PRESENT = 1_000;
    /** A target of which a snapshot is due at each event. */
    private static final Target TARGET = OutcomeProperties.TARGETS.get(1);

    private final Map<String, NavigableMap<Bytes, byte[]>> stores = new HashMap<>();

    private static Event chat(int number, int room) {
        return Event.of("everybody")
                .context("room-" + room)
                .id("event-" + number)
                .at(1_700_000_000_000L + number)
                .type(OutcomeProperties.DEFINITION.eventTypes().indexOf("CHAT"))
                .numbers(new double[] {Double.NaN, Double.NaN, Double.NaN, Double.NaN})
                .attributes(new int[2])
                .build();
    }

    private static List<Event> chats() {
        List<Event> events = new ArrayList<>();
        for (int room = 0; room < ROOMS; room++) {
            events.add(chat(room, room));
        }
        return events;
    }

    private int longest() {
        return stores.getOrDefault("viewer-open", new TreeMap<>()).values().stream()
                .mapToInt(value -> value.length)
                .max()
                .orElseThrow();
    }

    @Test
    void shouldCountAlertsThatItCannotRememberAndRaiseAgainWhenTheyAreOver() {
        AlertRule rule = new AlertRule(
                "any", TARGET.name(), 1e-9, 0, Duration.ofMinutes(1), Duration.ofMinutes(1), List.of(), 0);
        List<Event> events = chats();
        // All are cleared by then, and none cools down; label time does not know it yet.
        events.add(chat(200_000, 1));
        events.add(chat(200_001, ROOMS));
        try (Loop loop = new Loop(
                OutcomeProperties.DEFINITION,
                List.of(TARGET),
                OutcomeProperties.grace(3_600_000),
                new OutputSettings(OutputGate.OPEN, true, Optional.empty(), Map.of(), List.of(rule), Optional.empty()),
                new OutcomeSettings(1, 1), // no snapshots but the first
                stores,
                false)) {
            loop.pipe(events);
            loop.settle();
            assertThat(loop.alerts)
                    .filteredOn(each -> each.getState().equals("raised"))
                    .hasSize(MOST_RAISED + 2);
            assertThat(loop.counts.notRaised).hasValue(ROOMS - MOST_RAISED);
            assertThat(loop.counts.notFollowed).hasValue(MOST_RAISED + 2 - MOST_FOLLOWED);
        }
        assertThat(longest()).isLessThan(100_000);
    }

    @Test
    void shouldRefuseSnapshotsWhoseTimesItCannotRememberUntilTheyHoldNoneBack() {
        Target seldom = OutcomeProperties.TARGETS.get(0);
        List<Event> events = chats();
        events.add(chat(200_000, ROOMS));
        try (Loop loop = new Loop(
                OutcomeProperties.DEFINITION,
                List.of(seldom),
                OutcomeProperties.grace(3_600_000),
                OutputSettings.plain(),
                new OutcomeSettings(10_000, 10_000),
                stores,
                false)) {
            loop.pipe(events);
            loop.settle();
            assertThat(loop.counts.refused).hasValue(ROOMS - MOST_LASTS);
            assertThat(loop.counts.snapshots).hasValue(MOST_LASTS + 1);
        }
    }

    @Test
    void shouldSendWhatItCannotRememberAndKeepTheValueSmall() {
        List<Event> events = chats();
        events.add(chat(ROOMS, 0)); // what was sent of it still holds
        events.add(chat(ROOMS + 1, ROOMS - 1)); // what was sent of it is not remembered
        OutputSettings outputs = new OutputSettings(
                OutputGate.OPEN,
                true,
                Optional.empty(),
                Map.of(TARGET.name(), new Emission(1, Duration.ofMinutes(5).toMillis(), Double.NEGATIVE_INFINITY)),
                List.of(),
                Optional.of(Duration.ofMinutes(2)));
        try (Loop loop = new Loop(
                OutcomeProperties.DEFINITION,
                List.of(TARGET),
                OutcomeProperties.grace(0),
                outputs,
                new OutcomeSettings(1, 1), // no snapshots but the first
                stores,
                false)) {
            loop.pipe(events);
            loop.settle();
            assertThat(loop.predictions)
                    .extracting(Prediction::getEventId)
                    .hasSize(ROOMS + 1)
                    .doesNotContain("event-" + ROOMS);
        }
        // Each prediction takes 22 bytes, each room 13; some hundred remain for a snapshot.
        assertThat(longest()).isBetween(MOST_SENT * 20, MOST_SENT * 24 + MOST_PRESENT * 14 + 500);
    }
}
