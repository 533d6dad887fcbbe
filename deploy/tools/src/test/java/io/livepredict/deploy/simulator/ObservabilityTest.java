package io.livepredict.deploy.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.livepredict.contract.Kind;
import io.livepredict.contract.Target;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/**
 * How much of what the oracle knows can be inferred from what an entity shows: the exact filter over its own events
 * (types, times, amounts; not the room's others) must close most of the gap between the base rate and the oracle, or no model
 * could.
 */
class ObservabilityTest {
    private static final double WANTED = 0.7;
    /** At the start nobody's past is known. */
    private static final long WARM_UP_MILLIS = 120_000;

    @Test
    void shouldLetAFilterOverItsOwnEventsComeNearTheOracle() {
        List<SimulatedEvent> events = SimulatedPlatformTest.take(SimulatedPlatformTest.platform(5, null), 150_000);
        Map<String, Losses> losses = new LinkedHashMap<>();
        Map<String, List<SimulatedEvent>> byEntity = new HashMap<>();
        events.forEach(e ->
                byEntity.computeIfAbsent(e.entityId(), id -> new ArrayList<>()).add(e));
        Map<String, Map<String, Double>> filtered = new HashMap<>();
        for (Kind kind : Kind.values()) {
            Filters filters = new Filters(kind);
            byEntity.values().stream()
                    .filter(own -> own.getFirst().kind() == kind)
                    .limit(600)
                    .forEach(own -> filters.run(own, filtered));
        }
        SimulatedPlatformTest.label(events, 0, (snapshot, labels) -> {
            Map<String, Double> expected = filtered.get(snapshot.eventId());
            if (expected != null && snapshot.timeMillis() > events.getFirst().timeMillis() + WARM_UP_MILLIS) {
                labels.forEach((target, label) -> losses.computeIfAbsent(target, t -> new Losses())
                        .add(
                                label,
                                Objects.requireNonNull(expected.get(target)),
                                SimulatedPlatformTest.oracle(snapshot, target)));
            }
        });
        assertThat(losses).hasSize(SimulatedTargets.all().size());
        losses.forEach((target, loss) ->
                assertThat(loss.share()).as(target + ": " + loss).isGreaterThan(WANTED));
    }

    private static final class Losses {
        private int n;
        private double positives;
        private double filter;
        private double oracle;

        void add(double label, double filtered, double known) {
            n++;
            positives += label;
            filter -= Math.log(label == 1 ? filtered : 1 - filtered);
            oracle -= Math.log(label == 1 ? known : 1 - known);
        }

        double share() {
            double p = positives / n;
            double base = -n * (p * Math.log(p) + (1 - p) * Math.log(1 - p));
            return (base - filter) / (base - oracle);
        }

        @Override
        public String toString() {
            return "n %d base rate %.3f filter loss %.4f oracle loss %.4f share %.3f"
                    .formatted(n, positives / n, filter / n, oracle / n, share());
        }
    }

    /** The forward algorithm for entities of one kind, knowing the chain and the device. */
    private static final class Filters {
        private final Language language;
        private final Map<String, Behaviour> behaviours = new HashMap<>();
        private final Map<String, Map<String, Oracle>> oracles = new HashMap<>();

        Filters(Kind kind) {
            language = Language.of(kind);
            for (int device = 0; device < language.devices().size(); device++) {
                Behaviour behaviour = kind == Kind.VIEWER
                        ? ViewerBehaviour.of(ViewerBehaviour.Rates.usual(), device)
                        : PlayerBehaviour.of(PlayerBehaviour.Rates.usual(), device);
                behaviours.put(language.devices().get(device), behaviour);
                Map<String, Oracle> tables = new LinkedHashMap<>();
                for (Target target : Target.of(SimulatedTargets.all(), kind)) {
                    tables.put(
                            target.name(),
                            Objects.requireNonNull(
                                    Oracle.of(target, behaviour, behaviour, language.types(), language.lost(), 60)));
                }
                oracles.put(language.devices().get(device), tables);
            }
        }

        void run(List<SimulatedEvent> own, Map<String, Map<String, Double>> filtered) {
            own.sort((a, b) -> Long.compare(a.timeMillis(), b.timeMillis()));
            String device = Objects.requireNonNull(own.getFirst().attributes().get("device"));
            Behaviour behaviour = Objects.requireNonNull(behaviours.get(device));
            double[][] belief = null;
            long at = 0;
            for (SimulatedEvent event : own) {
                int type = language.types().indexOf(event.type());
                // After a lost arrival or a long silence nothing is known but that it is there.
                long silence = (event.timeMillis() - at) / 1000;
                if (belief == null || type == language.arrivalType() || silence > 60) {
                    belief = arrival(behaviour);
                } else if (silence > 0) {
                    for (long tick = 1; tick < silence; tick++) {
                        belief = step(behaviour, belief, Behaviour.NOTHING);
                    }
                    weigh(belief, event.numbers());
                    belief = step(behaviour, belief, type);
                }
                at = event.timeMillis();
                if (!(sum(belief) > 1e-9)) {
                    belief = arrival(behaviour);
                }
                Map<String, Double> expected = new HashMap<>();
                for (Map.Entry<String, Oracle> oracle :
                        Objects.requireNonNull(oracles.get(device)).entrySet()) {
                    double probability = 0;
                    for (int s = 0; s < belief.length; s++) {
                        for (int e = 0; e < belief[s].length; e++) {
                            probability += belief[s][e] * oracle.getValue().probability(s, e, 1_000);
                        }
                    }
                    expected.put(oracle.getKey(), probability / sum(belief));
                }
                filtered.put(event.eventId(), expected);
            }
        }

        private double[][] arrival(Behaviour behaviour) {
            double[][] belief = new double[behaviour.states()][behaviour.environments()];
            for (int s = 0; s < belief.length; s++) {
                Arrays.fill(belief[s], behaviour.arrival(s) / behaviour.environments());
            }
            return belief;
        }

        private double[][] step(Behaviour behaviour, double[][] belief, int type) {
            double[][] after = new double[behaviour.states()][behaviour.environments()];
            behaviour.observe(belief, type, language.lost(), after);
            double total = sum(after);
            for (double[] row : after) {
                for (int e = 0; e < row.length; e++) {
                    row[e] /= Math.max(total, 1e-300);
                }
            }
            return after;
        }

        private void weigh(double[][] belief, Map<String, Double> numbers) {
            for (int s = 0; s < belief.length; s++) {
                double density = language.density(s, numbers);
                for (int e = 0; e < belief[s].length; e++) {
                    belief[s][e] *= density;
                }
            }
        }

        private static double sum(double[][] belief) {
            double sum = 0;
            for (double[] row : belief) {
                for (double value : row) {
                    sum += value;
                }
            }
            return sum;
        }
    }
}
