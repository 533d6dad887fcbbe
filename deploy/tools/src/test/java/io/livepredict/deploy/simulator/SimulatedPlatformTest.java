package io.livepredict.deploy.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.livepredict.contract.Kind;
import io.livepredict.contract.Target;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SimulatedPlatformTest {
    private static final long START = 1_700_000_000_000L;

    @Test
    void shouldGiveTheSameEventsForTheSameSeed() {
        SimulatedPlatform one = platform(7, null);
        SimulatedPlatform same = platform(7, null);
        SimulatedPlatform other = platform(8, null);
        List<SimulatedEvent> first = take(one, 5_000);
        assertThat(take(same, 5_000)).isEqualTo(first);
        assertThat(take(other, 5_000)).isNotEqualTo(first);
    }

    @Test
    void shouldGoOnWhereItIsByThen() {
        long until = START + 20_345;
        List<SimulatedEvent> expected = take(platform(7, null), 20_000).stream()
                .filter(event -> event.sentMillis() >= until)
                .limit(5_000)
                .toList();
        SimulatedPlatform later = platform(7, null);
        later.passOver(until);
        assertThat(take(later, 5_000)).isEqualTo(expected);
    }

    @Test
    void shouldDifferOnlyAfterTheDrift() {
        List<SimulatedEvent> steady = take(platform(7, null), 12_000);
        List<SimulatedEvent> drifting = take(platform(7, Duration.ofSeconds(20)), 12_000);
        int differs = 0;
        while (withoutOracle(steady.get(differs)).equals(withoutOracle(drifting.get(differs)))) {
            differs++;
        }
        assertThat(steady.get(differs).timeMillis()).isBetween(START + 20_000, START + 23_000);
    }

    @Test
    void shouldKeepTheRateAskedFor() {
        List<SimulatedEvent> events = take(platform(3, null), 100_000);
        double seconds = (events.getLast().timeMillis() - START) / 1000.0;
        assertThat(events.size() / seconds).isCloseTo(500, within(50.0));
        long players = events.stream().filter(e -> e.kind() == Kind.PLAYER).count();
        assertThat(players / (double) events.size()).isCloseTo(0.35, within(0.05));
    }

    @Test
    void shouldSendInOrderAndBeALittleOutOfOrderInEventTime() {
        List<SimulatedEvent> events = take(platform(5, null), 50_000);
        long sent = Long.MIN_VALUE;
        long latest = Long.MIN_VALUE;
        int behind = 0;
        Map<String, Long> ofEntity = new HashMap<>();
        Set<String> ids = new HashSet<>();
        int repeats = 0;
        int lateInEntity = 0;
        for (SimulatedEvent event : events) {
            assertThat(event.sentMillis()).isGreaterThanOrEqualTo(sent).isGreaterThanOrEqualTo(event.timeMillis());
            assertThat(event.sentMillis() - event.timeMillis()).isLessThan(3_100);
            sent = event.sentMillis();
            behind += event.timeMillis() < latest ? 1 : 0;
            latest = Math.max(latest, event.timeMillis());
            if (!ids.add(event.eventId())) {
                repeats++;
                continue;
            }
            Long before = ofEntity.put(event.entityId(), event.timeMillis());
            if (before != null && before > event.timeMillis()) {
                lateInEntity++;
                assertThat(event.type()).isIn("LIKE", "ASSIST");
            }
        }
        assertThat(behind).isGreaterThan(events.size() / 10);
        assertThat(repeats).isBetween(10, 200);
        assertThat(lateInEntity).isGreaterThan(20);
    }

    /** The labels are made as the platform's users would: from the events that arrived, by time, type and context. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldHaveAnOracleThatIsExact(boolean drift) {
        Map<String, Calibration> calibrations = new LinkedHashMap<>();
        Duration driftAt = drift ? Duration.ofSeconds(110) : null;
        List<SimulatedEvent> events = take(platform(11, driftAt), 130_000);
        label(
                events,
                0,
                (snapshot, labels) -> labels.forEach((target, label) -> calibrations
                        .computeIfAbsent(target, t -> new Calibration())
                        .add(oracle(snapshot, target), label)));
        assertThat(calibrations).hasSize(SimulatedTargets.all().size());
        calibrations.forEach((target, calibration) -> {
            assertThat(calibration.chiSquare()).as(target + ": " + calibration).isLessThan(calibration.limit());
            assertThat(calibration.baseRate()).as(target).isBetween(0.05, 0.5);
        });
    }

    /** At looks: silent ones are away, asleep or gone, and the oracle infers how probably from what it knew of them before. */
    @Test
    void shouldHaveAnOracleThatIsExactWhileAnEntityIsSilent() {
        Map<String, Calibration> calibrations = new LinkedHashMap<>();
        SimulatorSettings settings = SimulatorSettings.of(11, START, 500, null, SimulatedTargets.all())
                .withSilences(List.of(Duration.ofSeconds(10), Duration.ofSeconds(25)));
        List<SimulatedEvent> all = take(new SimulatedPlatform(settings), 130_000);
        List<SimulatedEvent> events =
                all.stream().filter(event -> !event.isLook()).toList();
        Map<String, List<SimulatedEvent>> byEntity = new HashMap<>();
        events.forEach(event -> byEntity.computeIfAbsent(event.entityId(), id -> new ArrayList<>())
                .add(event));
        long end = events.getLast().sentMillis() - 60_000;
        all.stream().filter(event -> event.isLook() && event.timeMillis() < end).forEach(look -> {
            List<SimulatedEvent> own = byEntity.getOrDefault(look.entityId(), List.of());
            long latest = own.stream()
                    .mapToLong(SimulatedEvent::timeMillis)
                    .filter(millis -> millis <= look.timeMillis())
                    .max()
                    .orElseThrow();
            assertThat(look.timeMillis() - latest).isIn(10_000L, 25_000L);
            for (Target target : Target.of(SimulatedTargets.all(), look.kind())) {
                calibrations
                        .computeIfAbsent(target.name(), name -> new Calibration())
                        .add(oracle(look, target.name()), label(target, look, own, 0));
            }
        });
        assertThat(calibrations).hasSize(SimulatedTargets.all().size());
        calibrations.forEach((target, calibration) -> assertThat(calibration.chiSquare())
                .as(target + ": " + calibration)
                .isLessThan(calibration.limit()));
    }

    /** That the test above can fail: labels of a horizon two ticks longer are told from the right ones. */
    @Test
    void shouldTellAHorizonFromOneTwoTicksLonger() {
        List<SimulatedEvent> events = take(platform(11, null), 130_000);
        Map<String, Calibration> calibrations = new LinkedHashMap<>();
        label(
                events,
                2_000,
                (snapshot, labels) -> labels.forEach((target, label) -> calibrations
                        .computeIfAbsent(target, t -> new Calibration())
                        .add(oracle(snapshot, target), label)));
        Calibration chat = Objects.requireNonNull(calibrations.get("chat-10s"));
        assertThat(chat.chiSquare()).as(chat.toString()).isGreaterThan(chat.limit());
    }

    static double oracle(SimulatedEvent event, String target) {
        return Objects.requireNonNull(event.oracle().get(target), target);
    }

    /** Calls back for every snapshot whose labels are known: at most one in ten seconds for an entity in a context. */
    static void label(
            List<SimulatedEvent> events, long extraMillis, BiConsumer<SimulatedEvent, Map<String, Double>> labelled) {
        Map<String, List<SimulatedEvent>> byEntity = new LinkedHashMap<>();
        events.forEach(e ->
                byEntity.computeIfAbsent(e.entityId(), id -> new ArrayList<>()).add(e));
        long end = events.getLast().sentMillis() - 60_000;
        byEntity.values().forEach(own -> {
            Map<String, Long> last = new HashMap<>();
            for (int i = 0; i < own.size(); i++) {
                SimulatedEvent snapshot = own.get(i);
                Long before = last.get(snapshot.contextId());
                if (snapshot.oracle().isEmpty()
                        || Set.of("LIKE", "ASSIST").contains(snapshot.type())
                        || snapshot.timeMillis() > end
                        || (before != null && snapshot.timeMillis() < before + 10_000)) {
                    continue;
                }
                last.put(snapshot.contextId(), snapshot.timeMillis());
                Map<String, Double> labels = new LinkedHashMap<>();
                for (Target target : Target.of(SimulatedTargets.all(), snapshot.kind())) {
                    labels.put(target.name(), label(target, snapshot, own, extraMillis));
                }
                labelled.accept(snapshot, labels);
            }
        });
    }

    private static double label(Target target, SimulatedEvent snapshot, List<SimulatedEvent> own, long extraMillis) {
        boolean seen = own.stream()
                .anyMatch(e -> target.eventTypes().contains(e.type())
                        && e.timeMillis() > snapshot.timeMillis()
                        && e.timeMillis()
                                <= snapshot.timeMillis() + target.within().toMillis() + extraMillis
                        && (target.scope() == Target.Scope.ANYWHERE
                                || e.contextId().equals(snapshot.contextId())));
        return seen == (target.outcome() == Target.Outcome.ANY_OF) ? 1 : 0;
    }

    static SimulatedPlatform platform(long seed, @Nullable Duration driftAt) {
        return new SimulatedPlatform(SimulatorSettings.of(seed, START, 500, driftAt, SimulatedTargets.all()));
    }

    static List<SimulatedEvent> take(SimulatedPlatform platform, int count) {
        List<SimulatedEvent> events = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            events.add(platform.next());
        }
        return events;
    }

    private static SimulatedEvent withoutOracle(SimulatedEvent event) {
        return SimulatedEventBuilder.builder(event).oracle(Map.of()).build();
    }

    /** Counts of expected and seen labels by bin of probability. */
    private static final class Calibration {
        private static final int BINS = 20;
        private final double[] expected = new double[BINS];
        private final double[] variance = new double[BINS];
        private final double[] seen = new double[BINS];
        private int n;
        private double positives;
        private double oracleLoss;

        void add(double probability, double label) {
            int bin = (int) Math.min(BINS - 1, probability * BINS);
            expected[bin] += probability;
            variance[bin] += probability * (1 - probability);
            seen[bin] += label;
            n++;
            positives += label;
            oracleLoss -= Math.log(label == 1 ? probability : 1 - probability);
        }

        double baseRate() {
            return positives / n;
        }

        /**
         * Labels of neighbouring snapshots overlap (three in 30 s) and rooms are shared, so the spread is up to twice
         * the binomial one; {@link #limit} leaves room for that.
         */
        double chiSquare() {
            double sum = 0;
            for (int bin = 0; bin < BINS; bin++) {
                if (variance[bin] > 5) {
                    double difference = seen[bin] - expected[bin];
                    sum += difference * difference / variance[bin];
                }
            }
            return sum;
        }

        double limit() {
            int bins = 0;
            for (double v : variance) {
                bins += v > 5 ? 1 : 0;
            }
            return 2 * bins + 6 * Math.sqrt(2.0 * bins);
        }

        @Override
        public String toString() {
            double p = baseRate();
            double base = -(p * Math.log(p) + (1 - p) * Math.log(1 - p));
            return "n %d base rate %.3f base loss %.4f oracle loss %.4f chi-square %.1f of %.1f"
                    .formatted(n, p, base, oracleLoss / n, chiSquare(), limit());
        }
    }
}
