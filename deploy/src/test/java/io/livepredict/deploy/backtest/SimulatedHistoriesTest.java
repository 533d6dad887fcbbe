package io.livepredict.deploy.backtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.livepredict.avro.LabelledExample;
import io.livepredict.avro.TargetLabel;
import io.livepredict.streams.ingest.CanonicalEvent;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Seeded random histories with repeats, disorder and late events, during which the trainer crashes and strangers publish
 * models. What holds of every one of them is checked against a naive account of the history. A failure names its seed;
 * {@code -Dsimulation.seed=N} runs that one alone.
 */
class SimulatedHistoriesTest {
    private static final long GRACE = 5_000;

    @Test
    void shouldHoldItsInvariantsInManyHistories() {
        Long only = Long.getLong("simulation.seed");
        for (long seed = only == null ? 1 : only; seed <= (only == null ? 8 : only); seed++) {
            check(seed);
        }
    }

    @Test
    @Tag("soak")
    void shouldHoldItsInvariantsInThousandsOfHistories() {
        for (long seed = 1_000; seed < 4_000; seed++) {
            check(seed);
        }
    }

    private static void check(long seed) {
        try {
            history(seed);
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError("seed " + seed + " (-Dsimulation.seed=" + seed + "): " + e.getMessage(), e);
        }
    }

    private static void history(long seed) {
        List<CanonicalEvent> events = TestLogs.chaos(seed, 250 + (int) (seed % 5) * 100);
        List<LabelledExample> calm = new ArrayList<>();
        Map<String, String> calmEnd;
        try (Backtest backtest = new Backtest(TestLogs.QUICK, TestLogs.MAPPING, TestLogs.TARGETS)) {
            backtest.listen((example, now) -> calm.add(example));
            events.forEach(backtest::accept);
            calmEnd = backtest.digests();
            labelsAgree(events, calm, backtest);
        }
        try (Backtest backtest = new Backtest(TestLogs.QUICK, TestLogs.MAPPING, TestLogs.TARGETS)) {
            Random random = new Random(seed);
            for (CanonicalEvent event : events) {
                backtest.accept(event);
                if (random.nextInt(40) == 0) {
                    backtest.restartTrainer();
                }
                if (random.nextInt(60) == 0) {
                    backtest.offerByStranger();
                }
            }
            assertThat(backtest.digests()).as("with and without crashes").isEqualTo(calmEnd);
        }
    }

    /** What counts of a history, by the rules alone: first of its id, and not behind the watermark when it came. */
    private static List<CanonicalEvent> valid(List<CanonicalEvent> events) {
        List<CanonicalEvent> valid = new ArrayList<>();
        Set<String> ids = new HashSet<>();
        long newest = Long.MIN_VALUE;
        for (CanonicalEvent event : events) {
            boolean late = newest != Long.MIN_VALUE && event.timeMillis() < newest - GRACE;
            if (late || !ids.add(event.eventId())) {
                continue;
            }
            newest = Math.max(newest, event.timeMillis());
            valid.add(event);
        }
        return valid;
    }

    private static void labelsAgree(List<CanonicalEvent> events, List<LabelledExample> examples, Backtest backtest) {
        List<CanonicalEvent> valid = valid(events);
        long predictedAt = valid.stream().filter(e -> !e.type().equals("LEAVE")).count();
        assertThat(backtest.predictions()).as("predictions").isEqualTo(2 * predictedAt);
        long watermark =
                valid.stream().mapToLong(CanonicalEvent::timeMillis).max().orElseThrow() - GRACE;

        Map<String, Double> wanted = new HashMap<>();
        Map<String, Long> latest = new HashMap<>();
        for (CanonicalEvent event : valid) {
            long asOf = Math.max(latest.getOrDefault(event.entityId(), Long.MIN_VALUE), event.timeMillis());
            latest.put(event.entityId(), asOf);
            if (event.type().equals("JOIN")) {
                expect(wanted, valid, event, asOf, watermark, "chat-1m", "CHAT", 60_000, true);
                expect(wanted, valid, event, asOf, watermark, "stay-5m", "LEAVE", 300_000, false);
            }
        }
        Map<String, Double> labels = new HashMap<>();
        for (LabelledExample example : examples) {
            for (TargetLabel label : example.getLabels()) {
                assertThat(labels.put(example.getEventId() + ' ' + label.getTarget(), label.getLabel()))
                        .as("label of %s given twice", example.getEventId())
                        .isNull();
            }
        }
        assertThat(labels).as("labels").isEqualTo(wanted);
    }

    private static void expect(
            Map<String, Double> wanted,
            List<CanonicalEvent> valid,
            CanonicalEvent snapshot,
            long asOf,
            long watermark,
            String target,
            String type,
            long within,
            boolean positiveIfAny) {
        if (asOf + within >= watermark) {
            return; // censored
        }
        int from = valid.indexOf(snapshot) + 1;
        boolean any = valid.subList(from, valid.size()).stream()
                .anyMatch(e -> e.type().equals(type)
                        && e.entityId().equals(snapshot.entityId())
                        && e.contextId().equals(snapshot.contextId())
                        && e.timeMillis() > asOf
                        && e.timeMillis() <= asOf + within);
        wanted.put(snapshot.eventId() + ' ' + target, any == positiveIfAny ? 1.0 : 0.0);
    }
}
