package io.livepredict.streams.outcome;

import static io.livepredict.streams.outcome.OutcomeProperties.DEFINITION;
import static io.livepredict.streams.outcome.OutcomeProperties.TARGETS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.livepredict.avro.Alert;
import io.livepredict.avro.Outlook;
import io.livepredict.avro.Prediction;
import io.livepredict.streams.activity.RandomEvents;
import io.livepredict.streams.ingest.Event;
import io.livepredict.streams.outlook.OutlookView;
import io.livepredict.streams.output.AlertRule;
import io.livepredict.streams.output.Emission;
import io.livepredict.streams.output.OutputSettings;
import io.livepredict.streams.output.RowSchema;
import io.livepredict.streams.time.OutputGate;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.common.utils.Bytes;

/** What leaves, is raised and is cleared in random logs, restarts in between, against a recount from all predictions. */
class OutputProperties {
    private static final String TARGET = "chat-5m";

    /** All that came out of loops over one log. */
    private static final class Came {
        final List<Prediction> predictions = new ArrayList<>();
        final List<GenericRecord> rows = new ArrayList<>();
        final List<Alert> alerts = new ArrayList<>();
        final List<Outlook> outlook = new ArrayList<>();
        List<OutlookView.Room> rooms = List.of();
        final Map<String, Integer> outcomes = new TreeMap<>();
        int withheld;
        int examples;
        Map<String, NavigableMap<Bytes, byte[]>> stores = new HashMap<>();
    }

    /** @param cuts before which events everything stops and goes on from what is stored */
    private static Came run(List<Event> arrivals, int grace, OutputSettings outputs, int... cuts) {
        Came came = new Came();
        int from = 0;
        for (int i = 0; i <= cuts.length; i++) {
            int to = i == cuts.length ? arrivals.size() : Math.max(from, Math.min(arrivals.size(), cuts[i]));
            try (Loop loop = new Loop(
                    DEFINITION,
                    TARGETS,
                    OutcomeProperties.grace(grace),
                    outputs,
                    new OutcomeSettings(1000, 1000),
                    came.stores,
                    false)) {
                loop.pipe(arrivals.subList(from, to));
                loop.settle();
                came.predictions.addAll(loop.predictions);
                came.rows.addAll(loop.rows);
                came.alerts.addAll(loop.alerts);
                came.outlook.addAll(loop.outlook());
                came.rooms = loop.rooms();
                came.withheld += loop.counts.withheld.size();
                came.examples += loop.examples.size();
                loop.counts.outcomes.forEach((key, count) -> came.outcomes.merge(key, count, Integer::sum));
            }
            from = to;
        }
        return came;
    }

    private static OutputSettings emitting(Map<String, Emission> emissions, Optional<RowSchema> rows) {
        return new OutputSettings(OutputGate.OPEN, true, rows, emissions, List.of(), Optional.empty());
    }

    private static OutputSettings alerting(AlertRule rule) {
        return new OutputSettings(OutputGate.OPEN, true, Optional.empty(), Map.of(), List.of(rule), Optional.empty());
    }

    @Property(tries = 15)
    void shouldSendWhatThePolicyLeavesAndCountTheRest(
            @ForAll long seed,
            @ForAll @IntRange(min = 0, max = 60_000) int disorder,
            @ForAll @IntRange(min = 0, max = 250) int cut) {
        List<Event> arrivals = RandomEvents.mixed(DEFINITION, seed, 250, 4, disorder);
        Random random = new Random(seed);
        Map<String, Emission> emissions = new HashMap<>();
        TARGETS.stream().skip(1).forEach(target -> emissions.put(target.name(), emission(random)));
        NaiveLabeller log = new NaiveLabeller(DEFINITION, TARGETS, 5_000, arrivals);
        Came all = run(arrivals, 5_000, OutputSettings.plain());
        Came came = run(arrivals, 5_000, emitting(emissions, Optional.of(new RowSchema(TARGETS))), cut);

        NaiveOutputs naive = new NaiveOutputs(DEFINITION, log.accepted, all.predictions);
        TARGETS.forEach(target -> assertThat(ids(came.predictions, target.name()))
                .as(target.name())
                .isEqualTo(
                        emissions.containsKey(target.name())
                                ? naive.sent(target.name(), emissions.get(target.name()))
                                : ids(all.predictions, target.name())));
        assertThat(came.predictions.size() + came.withheld).isEqualTo(all.predictions.size());
        assertThat(came.examples).isEqualTo(all.examples);
        assertThat(stored(came.stores)).isEqualTo(came.withheld);
        assertThat(cells(came.rows)).isEqualTo(flat(came.predictions));
    }

    private static Emission emission(Random random) {
        return new Emission(
                random.nextBoolean() ? 0 : random.nextDouble() / 2,
                1 + random.nextInt(600_000),
                random.nextBoolean() ? Double.NEGATIVE_INFINITY : random.nextDouble());
    }

    private static List<String> ids(List<Prediction> predictions, String target) {
        return predictions.stream()
                .filter(each -> each.getTarget().equals(target))
                .map(Prediction::getEventId)
                .toList();
    }

    private static Map<String, Double> flat(List<Prediction> predictions) {
        Map<String, Double> flat = new TreeMap<>();
        predictions.forEach(each -> flat.put(each.getEventId() + ' ' + each.getTarget(), each.getScore()));
        return flat;
    }

    /** The filled cells of rows, one row an event. */
    private static Map<String, Double> cells(List<GenericRecord> rows) {
        Map<String, Double> cells = new TreeMap<>();
        assertThat(rows).extracting(row -> row.get("event_id")).doesNotHaveDuplicates();
        for (GenericRecord row : rows) {
            assertThat(row.get("model_version")).isEqualTo(Loop.MODEL.version());
            TARGETS.forEach(target -> {
                Object score = row.get(target.name().replace('-', '_'));
                if (score != null) {
                    cells.put(row.get("event_id") + " " + target.name(), (Double) score);
                }
            });
        }
        return cells;
    }

    /** How many were withheld, as the last commit stored it. */
    private static long stored(Map<String, NavigableMap<Bytes, byte[]>> stores) {
        byte[] tally = stores.getOrDefault("viewer-open", new TreeMap<>()).get(Bytes.wrap(new byte[] {0, 1}));
        return tally == null
                ? 0
                : new String(tally, StandardCharsets.UTF_8)
                        .lines()
                        .mapToLong(line -> Long.parseLong(line.split(" ")[1]))
                        .sum();
    }

    @Property(tries = 20)
    void shouldRaiseAndClearAsARecountSaysThroughRestarts(
            @ForAll long seed,
            @ForAll @IntRange(min = 0, max = 60_000) int disorder,
            @ForAll @IntRange(min = 0, max = 250) int cut) {
        List<Event> arrivals = RandomEvents.mixed(DEFINITION, seed, 250, 4, disorder);
        Random random = new Random(seed);
        double raiseAt = 0.3 + random.nextDouble() / 2;
        AlertRule rule = new AlertRule(
                "quiet",
                TARGET,
                raiseAt,
                raiseAt * random.nextDouble(),
                Duration.ofMillis(1 + random.nextInt(600_000)),
                Duration.ofMillis(random.nextInt(3) * random.nextInt(600_000)),
                List.of(),
                0.5);
        NaiveLabeller log = new NaiveLabeller(DEFINITION, TARGETS, 5_000, arrivals);
        Came all = run(arrivals, 5_000, OutputSettings.plain());
        Came came = run(arrivals, 5_000, alerting(rule), cut);

        Map<String, List<String>> wanted =
                new NaiveOutputs(DEFINITION, log.accepted, all.predictions).alerts(rule, log.watermark);
        Map<String, List<String>> got = came.alerts.stream()
                .collect(Collectors.groupingBy(
                        each -> each.getEntityId() + '|' + each.getContextId(),
                        Collectors.mapping(NaiveOutputs::words, Collectors.toList())));
        assertThat(got).isEqualTo(wanted);
        assertThat(flat(came.predictions)).isEqualTo(flat(all.predictions));
        assertThat(came.alerts)
                .allSatisfy(each -> assertThat(each.getWithheld()).isEqualTo(rule.holdsOut(each.getEntityId())));
        assertOutcomes(came, log);
    }

    /** The label that became known of a raise is that of a snapshot at its moment. */
    private static void assertOutcomes(Came came, NaiveLabeller log) {
        Map<String, Integer> wanted = new TreeMap<>();
        long horizon = Duration.ofMinutes(5).toMillis();
        came.alerts.stream()
                .filter(each -> each.getState().equals("raised"))
                .filter(each -> each.getRaisedAt().toEpochMilli() + horizon < log.watermark)
                .forEach(each -> {
                    long from = each.getRaisedAt().toEpochMilli();
                    boolean happened = log.accepted.stream()
                            .map(NaiveLabeller.Accepted::event)
                            .anyMatch(event -> event.entityId().equals(each.getEntityId())
                                    && event.timeMillis() > from
                                    && event.timeMillis() <= from + horizon
                                    && DEFINITION.eventTypes().get(event.type()).equals("CHAT"));
                    wanted.merge("quiet " + each.getWithheld() + ' ' + happened, 1, Integer::sum);
                });
        assertThat(came.outcomes).isEqualTo(wanted);
    }

    @Property(tries = 8)
    void shouldSumUpEachRoomAsARecountSaysThroughRestarts(
            @ForAll long seed,
            @ForAll @IntRange(min = 0, max = 60_000) int disorder,
            @ForAll @IntRange(min = 1, max = 30) int presentFor,
            @ForAll @IntRange(min = 0, max = 200) int cut) {
        List<Event> arrivals = RandomEvents.mixed(DEFINITION, seed, 200, 8, disorder);
        NaiveLabeller log = new NaiveLabeller(DEFINITION, TARGETS, 5_000, arrivals);
        Duration presence = Duration.ofSeconds(10L * presentFor);
        Came all = run(arrivals, 5_000, OutputSettings.plain());
        Came came = run(
                arrivals,
                5_000,
                new OutputSettings(OutputGate.OPEN, true, Optional.empty(), Map.of(), List.of(), Optional.of(presence)),
                cut);

        Map<String, Integer> got = new TreeMap<>();
        came.outlook.forEach(each -> got.merge(NaiveOutlook.words(each), 1, Integer::sum));
        assertThat(got).isEqualTo(new NaiveOutlook(DEFINITION, TARGETS, log, all.predictions, presence).records());
        assertThat(came.outlook)
                .allSatisfy(each -> assertThat(each.getHighestVersion())
                        .isEqualTo(each.getSnapshots() == 0 ? 0 : Loop.MODEL.version())
                        .isEqualTo(each.getLowestVersion()));
        assertThat(flat(came.predictions)).isEqualTo(flat(all.predictions));
        assertThat(came.examples).isEqualTo(all.examples);
        assertRooms(came);
    }

    /** What is told to whoever asks is what was sent of the last minute. */
    private static void assertRooms(Came came) {
        Map<String, Long> present = new TreeMap<>();
        Map<String, Double> sums = new TreeMap<>();
        long end =
                came.rooms.stream().mapToLong(OutlookView.Room::endMillis).max().orElse(Long.MIN_VALUE);
        came.outlook.stream().filter(each -> each.getLabelled() == null).forEach(each -> {
            long start = each.getBucketStart().toEpochMilli();
            if (start + 10_000 == end && each.getPresent() > 0) {
                present.put(each.getContextId(), each.getPresent());
            }
            if (start >= end - 60_000 && start < end) {
                sums.merge(each.getContextId() + ' ' + each.getTarget(), each.getScoreSum(), Double::sum);
            }
        });
        assertThat(came.rooms.stream()
                        .collect(Collectors.toMap(OutlookView.Room::contextId, OutlookView.Room::present)))
                .isEqualTo(present);
        came.rooms.forEach(room -> assertThat(room.targets())
                .allSatisfy(each -> assertThat(each.scoreSum())
                        .isCloseTo(sums.getOrDefault(room.contextId() + ' ' + each.target(), 0.0), within(1e-5))));
    }

    @Property(tries = 10)
    void shouldRaiseAgainNoSoonerThanTheCooldownAndClearEachRaiseOnce(@ForAll long seed) {
        List<Event> arrivals = RandomEvents.mixed(DEFINITION, seed, 300, 2, 0);
        AlertRule rule =
                new AlertRule("often", TARGET, 0.5, 0.5, Duration.ofMinutes(1), Duration.ofMinutes(2), List.of(), 0);
        Came came = run(arrivals, 0, alerting(rule));

        came.alerts.stream()
                .collect(Collectors.groupingBy(each -> each.getEntityId() + '|' + each.getContextId()))
                .values()
                .forEach(own -> {
                    for (int i = 1; i < own.size(); i++) {
                        assertThat(own.get(i).getState())
                                .isNotEqualTo(own.get(i - 1).getState());
                    }
                    List<Long> raises = own.stream()
                            .filter(each -> each.getState().equals("raised"))
                            .map(each -> each.getRaisedAt().toEpochMilli())
                            .toList();
                    for (int i = 1; i < raises.size(); i++) {
                        assertThat(raises.get(i) - raises.get(i - 1)).isGreaterThanOrEqualTo(120_000);
                    }
                });
        assertThat(came.alerts).isNotEmpty();
    }

    @Property(tries = 5)
    void shouldForgetWhatNothingCanAskForAnyMore(@ForAll long seed) {
        List<Event> arrivals = RandomEvents.mixed(DEFINITION, seed, 150, 3, 0);
        AlertRule rule =
                new AlertRule("often", TARGET, 0.2, 0.1, Duration.ofMinutes(3), Duration.ofMinutes(20), List.of(), 0);
        OutputSettings outputs = new OutputSettings(
                OutputGate.OPEN,
                true,
                Optional.empty(),
                Map.of(TARGET, new Emission(0.1, 60_000, 0.1)),
                List.of(rule),
                Optional.empty());
        Event last = arrivals.get(arrivals.size() - 1);
        Event muchLater = last.change()
                .entity("another")
                .id("much-later")
                .at(last.timeMillis() + Duration.ofDays(30).toMillis())
                .build();
        Came came = run(Stream.concat(arrivals.stream(), Stream.of(muchLater)).toList(), 0, outputs);

        assertThat(came.alerts).isNotEmpty();
        assertThat(came.stores.getOrDefault("viewer-open", new TreeMap<>()).keySet())
                .filteredOn(key -> key.get()[0] == 1)
                .allSatisfy(key -> assertThat(new String(key.get(), StandardCharsets.UTF_8))
                        .endsWith("another"));
    }
}
