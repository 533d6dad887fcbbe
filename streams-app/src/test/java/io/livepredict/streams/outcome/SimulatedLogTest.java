package io.livepredict.streams.outcome;

import static org.assertj.core.api.Assertions.assertThat;

import io.livepredict.avro.LabelledExample;
import io.livepredict.contract.DenseFeature;
import io.livepredict.contract.Kind;
import io.livepredict.contract.KindDefinition;
import io.livepredict.contract.Target;
import io.livepredict.contract.Target.Outcome;
import io.livepredict.contract.Target.Scope;
import io.livepredict.streams.activity.NaiveActivity;
import io.livepredict.streams.activity.SimulatedViewers;
import io.livepredict.streams.ingest.Event;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * The first 50,000 events of a simulated log, a little disordered and some of it repeated, through activity, score and
 * outcome, against plain lists: every feature of every event, and every label.
 */
class SimulatedLogTest {
    private static final int EVENTS = 50_000;
    private static final int VIEWERS = 1_250;
    private static final long GRACE = 5_000;
    private static final KindDefinition DEFINITION = KindDefinition.defaults(Kind.VIEWER);
    private static final Set<String> STAYING = Set.of("JOIN", "HEARTBEAT", "CHAT", "LIKE", "GIFT");
    private static final List<Target> TARGETS = List.of(
            OutcomeProperties.target(
                    "leave-60s", Outcome.ANY_OF, Set.of("LEAVE"), null, 60, Scope.SAME_CONTEXT, STAYING, STAYING, 30),
            OutcomeProperties.target( // predicts at all types, so that all rows are scored
                    "silent-30s",
                    Outcome.NONE_OF,
                    Set.of("CHAT"),
                    null,
                    30,
                    Scope.ANYWHERE,
                    Set.copyOf(DEFINITION.eventTypes()),
                    STAYING,
                    0),
            OutcomeProperties.target(
                    "gifts-2m",
                    Outcome.SUM_OF,
                    Set.of("GIFT"),
                    "gift_value",
                    120,
                    Scope.SAME_CONTEXT,
                    STAYING,
                    Set.of("JOIN", "GIFT"),
                    30));

    @Test
    void shouldGiveTheFeaturesAndLabelsOfPlainListsForFiftyThousandEvents() {
        List<Event> arrivals = disordered(SimulatedViewers.events(DEFINITION, VIEWERS, EVENTS));
        NaiveLabeller naive = new NaiveLabeller(DEFINITION, TARGETS, GRACE, arrivals);
        assertThat(naive.repeats).isGreaterThan(EVENTS / 200);
        assertThat(naive.late).isGreaterThan(EVENTS / 1_000);
        try (Loop loop = new Loop(DEFINITION, TARGETS, OutcomeProperties.grace(GRACE), OutcomeSettings.defaults())) {
            loop.pipe(arrivals);

            assertThat(loop.counts.refused).hasValue(0);
            assertThat(naive.labels).hasSizeGreaterThan(EVENTS / 2);
            OutcomeProperties.assertLabels(OutcomeProperties.labels(loop.examples), naive.labels);
            assertThat(loop.scored.size()).isEqualTo(naive.accepted.size());
            assertThat(firstDifference(loop, naive)).isEmpty();
            assertThat(loop.examples)
                    .extracting(LabelledExample::getFeatureSchema)
                    .containsOnly(loop.schema.id());
        }
    }

    /** Each up to 8 s behind, more than the grace, and one in a hundred twice. */
    private static List<Event> disordered(List<Event> inOrder) {
        Random random = new Random(3);
        record Arrival(long at, Event event) {}
        List<Arrival> arrivals = new ArrayList<>();
        for (Event event : inOrder) {
            long at = event.timeMillis() + (random.nextInt(5) == 0 ? random.nextInt(8_000) : 0);
            arrivals.add(new Arrival(at, event));
            if (random.nextInt(100) == 0) {
                arrivals.add(new Arrival(at + random.nextInt(3_000), event));
            }
        }
        arrivals.sort(java.util.Comparator.comparingLong(Arrival::at));
        return arrivals.stream().map(Arrival::event).toList();
    }

    /** In words, empty for none. Entities are independent, so they are compared on all cores. */
    private static String firstDifference(Loop loop, NaiveLabeller naive) {
        Map<String, List<Integer>> rows = new HashMap<>();
        for (int i = 0; i < naive.accepted.size(); i++) {
            rows.computeIfAbsent(naive.accepted.get(i).event().entityId(), entity -> new ArrayList<>())
                    .add(i);
        }
        List<String> names =
                loop.schema.dense().stream().map(DenseFeature::name).toList();
        return rows.values().parallelStream()
                .map(ofEntity -> firstDifference(loop, naive, names, ofEntity))
                .filter(difference -> !difference.isEmpty())
                .findAny()
                .orElse("");
    }

    private static String firstDifference(Loop loop, NaiveLabeller naive, List<String> names, List<Integer> rows) {
        List<Event> arrived = new ArrayList<>();
        for (int row : rows) {
            arrived.add(naive.accepted.get(row).event());
            Map<String, Double> wanted = NaiveActivity.features(DEFINITION, arrived);
            ByteBuffer dense = ByteBuffer.wrap(loop.scored.get(row)).order(ByteOrder.LITTLE_ENDIAN);
            if (wanted.size() != names.size()) {
                return names.size() + " features, not " + wanted.size();
            }
            for (String name : names) {
                float value = dense.getFloat();
                double expected = wanted.getOrDefault(name, Double.NaN);
                // Not "greater than": NaN is a difference.
                if (!(Math.abs(value - expected) <= 2e-3 + 1e-3 * Math.abs(expected))) {
                    return "%s of %s after its event %d: %s, not %s"
                            .formatted(name, arrived.get(0).entityId(), arrived.size(), value, expected);
                }
            }
        }
        return "";
    }
}
