package io.livepredict.streams.outcome;

import static org.assertj.core.api.Assertions.assertThat;

import io.livepredict.avro.LabelledExample;
import io.livepredict.avro.Prediction;
import io.livepredict.contract.Target;
import io.livepredict.contract.Target.Outcome;
import io.livepredict.contract.Target.Scope;
import io.livepredict.streams.activity.RandomEvents;
import io.livepredict.streams.ingest.Event;
import io.livepredict.streams.output.OutputSettings;
import io.livepredict.streams.time.InputProgress;
import io.livepredict.streams.time.OutputGate;
import io.livepredict.streams.time.OutputGate.Withheld;
import io.livepredict.streams.time.TimeSettings;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a platform that loads its history before it goes live sees of the steps from activity to outcome. */
class HistoryTest {
    private static final long LIVE_FROM = 1_700_000_000_000L;
    private static final long DAY = Duration.ofDays(1).toMillis();
    private static final int JOIN = 0;
    private static final int LEAVE = 3;
    private static final Target LEAVES = OutcomeProperties.target(
            "leave-30s",
            Outcome.ANY_OF,
            Set.of("LEAVE"),
            null,
            30,
            Scope.SAME_CONTEXT,
            Set.of("JOIN"),
            Set.of("JOIN"),
            0);

    private int events;

    private static TimeSettings live(Optional<Instant> from) {
        return new TimeSettings(Duration.ofSeconds(5), Optional.of(Duration.ofSeconds(10)), Duration.ofDays(400), from);
    }

    private static Loop loop(TimeSettings time, OutputGate gate) {
        Loop loop = new Loop(
                RandomEvents.everything(),
                List.of(LEAVES),
                time,
                OutputSettings.plain().through(gate),
                OutcomeSettings.defaults(),
                new HashMap<>(),
                false);
        loop.clock.set(LIVE_FROM + 60_000);
        return loop;
    }

    private static TimeSettings withHistory() {
        return live(Optional.of(Instant.ofEpochMilli(LIVE_FROM)));
    }

    private Event event(String entity, int type, long millis) {
        return Event.of(entity)
                .context("room")
                .id("event-" + events++)
                .at(millis)
                .type(type)
                .numbers(new double[] {Double.NaN, Double.NaN, Double.NaN, Double.NaN})
                .attributes(new int[2])
                .build();
    }

    private List<Event> visits(long fromMillis, int count) {
        List<Event> visits = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            visits.add(event("a" + i, JOIN, fromMillis + i * 60_000L));
            visits.add(event("a" + i, LEAVE, fromMillis + i * 60_000L + (i % 2 == 0 ? 20_000 : 40_000)));
        }
        return visits;
    }

    private static List<LabelledExample> unstamped(List<LabelledExample> examples) {
        examples.forEach(example -> example.setEmittedAt(0));
        return examples;
    }

    @Test
    void shouldLearnFromHistoryAsUsualAndSendNoPredictionOfIt() {
        List<LabelledExample> learnedWhenSent;
        try (Loop loop = loop(withHistory(), OutputGate.of(withHistory(), true, Optional.empty()))) {
            loop.pipe(visits(LIVE_FROM - DAY, 100));
            learnedWhenSent = unstamped(loop.examples);
            assertThat(loop.predictions).hasSize(100);
            assertThat(loop.counts.withheld).isEmpty();
        }
        events = 0;
        try (Loop loop = loop(withHistory(), OutputGate.of(withHistory(), false, Optional.empty()))) {
            loop.pipe(visits(LIVE_FROM - DAY, 100));
            assertThat(loop.predictions).isEmpty();
            assertThat(loop.counts.predicted).hasValue(0);
            assertThat(loop.counts.withheld).isEqualTo(Collections.nCopies(100, Withheld.HISTORY));
            assertThat(loop.examples.size()).isEqualTo(100);
            assertThat(unstamped(loop.examples).equals(learnedWhenSent)).isTrue();
            loop.pipe(List.of(event("b", JOIN, LIVE_FROM - 1), event("c", JOIN, LIVE_FROM)));
            assertThat(loop.predictions.stream().map(Prediction::getEntityId)).containsExactly("c");
            assertThat(loop.counts.late).hasValue(0);
        }
    }

    @Test
    void shouldDecideNothingByTheClockUntilHistoryIsLoaded() {
        try (Loop loop = loop(withHistory(), OutputGate.OPEN)) {
            loop.progress = source -> new InputProgress.Known(loop.clock.get(), Long.MIN_VALUE);
            loop.pipe(List.of(event("a", JOIN, LIVE_FROM - DAY)));
            loop.advance(Duration.ofMinutes(5));
            assertThat(loop.examples).isEmpty();
            loop.pipe(List.of(event("a", LEAVE, LIVE_FROM - DAY + 20_000)));
            loop.loaded = true;
            loop.advance(Duration.ofMinutes(1));
            assertThat(loop.examples.get(0).getLabels().get(0).getLabel()).isEqualTo(1.0);
        }
    }

    @Test
    void shouldFollowTheClockOnceLiveEventsHaveCome() {
        try (Loop loop = loop(withHistory(), OutputGate.OPEN)) {
            loop.progress = source -> new InputProgress.Known(loop.clock.get(), Long.MIN_VALUE);
            loop.pipe(List.of(event("a", JOIN, LIVE_FROM - DAY), event("a", JOIN, LIVE_FROM + 5_000)));
            loop.pipe(visits(LIVE_FROM + 60_000, 40).subList(0, 70)); // enough for their stamps to be trusted
            int before = loop.examples.size();
            loop.advance(Duration.ofMinutes(60));
            assertThat(loop.examples).hasSizeGreaterThan(before);
        }
    }

    @Test
    void shouldWithholdWhatNobodyCanActOnAnyMore() {
        TimeSettings time = live(Optional.empty());
        try (Loop loop = loop(time, OutputGate.of(time, false, Optional.of(Duration.ofMinutes(10))))) {
            long now = loop.clock.get();
            loop.pipe(List.of(event("a", JOIN, now - 600_001), event("b", JOIN, now - 600_000)));
            assertThat(loop.predictions.stream().map(Prediction::getEntityId)).containsExactly("b");
            assertThat(loop.counts.withheld).containsExactly(Withheld.TOO_OLD);
            assertThat(loop.counts.snapshots).hasValue(2);
        }
    }
}
