package io.livepredict.streams.activity;

import io.livepredict.contract.Hashes;
import io.livepredict.contract.KindDefinition;
import io.livepredict.contract.KindDefinition.Aggregate;
import io.livepredict.streams.ingest.Event;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The features of one entity, computed from scratch from the list of all its events: no panes, no running values. What it
 * shares with the real thing is the names, the pane widths and the hash of a context, which are part of the definition.
 */
public final class NaiveActivity {
    private static final double NEVER = Duration.ofDays(90).toSeconds();

    private final KindDefinition definition;
    private final List<Event> events;
    /** Null where no event causes the row. */
    private final @Nullable Event row;

    private final long now;
    private final Map<String, Double> features = new LinkedHashMap<>();

    private NaiveActivity(KindDefinition definition, List<Event> arrived, @Nullable Event row, long now) {
        this.definition = definition;
        this.events = arrived;
        this.row = row;
        this.now = now;
    }

    /** Features by name, after the last of these events arrived. */
    public static Map<String, Double> features(KindDefinition definition, List<Event> arrived) {
        Event row = arrived.get(arrived.size() - 1);
        return new NaiveActivity(definition, arrived, row, latest(arrived)).features();
    }

    /** Features by name as of a time that is not before any of these events, at which nothing happens. */
    public static Map<String, Double> features(KindDefinition definition, List<Event> arrived, long asOfMillis) {
        return new NaiveActivity(definition, arrived, null, asOfMillis).features();
    }

    private static long latest(List<Event> arrived) {
        return arrived.stream().mapToLong(Event::timeMillis).max().orElseThrow();
    }

    private Map<String, Double> features() {
        thisEvent();
        windows();
        decayed();
        runs();
        contexts();
        life();
        return features;
    }

    private void put(String name, double value) {
        if (features.put(name, value) != null) {
            throw new IllegalStateException(name + " twice");
        }
    }

    private static double seconds(double millis) {
        return Math.min(NEVER, Math.max(0, millis / 1000));
    }

    private void thisEvent() {
        for (int type = 0; type < definition.eventTypes().size(); type++) {
            put("type." + definition.eventTypes().get(type), row != null && row.type() == type ? 1 : 0);
            int wanted = type;
            put(
                    "recency." + definition.eventTypes().get(type),
                    events.stream()
                            .filter(e -> e.type() == wanted)
                            .mapToDouble(e -> seconds(now - e.timeMillis()))
                            .min()
                            .orElse(NEVER));
        }
        if (!definition.looks().isEmpty()) {
            put("type.LOOK", row == null ? 1 : 0);
        }
        put(
                "gap.same-type",
                events.stream()
                        .filter(e -> row != null && e != row && e.type() == row.type())
                        .mapToDouble(e -> seconds((row == null ? now : row.timeMillis()) - e.timeMillis()))
                        .min()
                        .orElse(NEVER));
    }

    private void windows() {
        List<Duration> windows = definition.windows();
        for (int w = 0; w < windows.size(); w++) {
            long window = windows.get(w).toMillis();
            long pane = ActivityLayout.paneOf(
                    window, w == 0 ? 0 : windows.get(w - 1).toMillis());
            long panes = (window + pane - 1) / pane;
            String name = ActivityLayout.shortName(window);
            long from = (Math.floorDiv(now, pane) - panes + 1) * pane;
            counts(name, e -> e.timeMillis() >= from ? 1.0 : 0.0);
        }
    }

    private void decayed() {
        long longest = definition.halfLife().toMillis();
        for (long life : new long[] {longest / 2016, longest / 168, longest / 7, longest, 4 * longest}) {
            counts("decayed-" + ActivityLayout.shortName(life), e -> weight(e, life));
        }
        long part = Math.floorMod(now, 86_400_000L) / 10_800_000L;
        double total = events.stream().mapToDouble(e -> weight(e, longest)).sum();
        double same = events.stream()
                .filter(e -> Math.floorMod(e.timeMillis(), 86_400_000L) / 10_800_000L == part)
                .mapToDouble(e -> weight(e, longest))
                .sum();
        put("hour.familiarity", same / total);
    }

    private double weight(Event event, long life) {
        return Math.pow(2, -(double) (now - event.timeMillis()) / life);
    }

    private void counts(String name, java.util.function.ToDoubleFunction<Event> weight) {
        for (int type = 0; type < definition.eventTypes().size(); type++) {
            int wanted = type;
            put(
                    "count." + definition.eventTypes().get(type) + "." + name,
                    events.stream()
                            .filter(e -> e.type() == wanted)
                            .mapToDouble(weight)
                            .sum());
        }
        put("count.any." + name, events.stream().mapToDouble(weight).sum());
        int place = 0;
        for (Map.Entry<String, Set<Aggregate>> number : definition.numbers().entrySet()) {
            int n = place++;
            double sum = 0;
            double weights = 0;
            for (Event event : events) {
                if (!Double.isNaN(event.numbers()[n])) {
                    sum += weight.applyAsDouble(event) * event.numbers()[n];
                    weights += weight.applyAsDouble(event);
                }
            }
            if (number.getValue().contains(Aggregate.SUM)) {
                put("sum." + number.getKey() + "." + name, sum);
            }
            if (number.getValue().contains(Aggregate.MEAN)) {
                put("mean." + number.getKey() + "." + name, weights > 1e-30 ? sum / weights : 0);
            }
        }
    }

    private static final long DAY = 86_400_000L;

    private List<Long> windows(boolean gaps) {
        List<Long> thresholds = new ArrayList<>();
        definition.windows().forEach(window -> thresholds.add(window.toMillis()));
        long longest = thresholds.get(thresholds.size() - 1);
        for (long more : new long[] {DAY, 10 * DAY}) {
            if (gaps && more > longest) {
                thresholds.add(more);
            }
        }
        return thresholds;
    }

    /** By n and least weight: what each of n values weighs in the end. The same for all entities, so worked out once. */
    private static final Map<Double, List<double[]>> WEIGHTS =
            Map.of(0.25, new ArrayList<>(), 0.03125, new ArrayList<>());

    private static synchronized double[] weights(int n, double least) {
        List<double[]> known = WEIGHTS.getOrDefault(least, new ArrayList<>());
        while (known.size() <= n) {
            double[] weights = new double[known.size()];
            for (int i = 0; i < weights.length; i++) {
                double weight = Math.max(least, 1.0 / (i + 1));
                for (int j = 0; j < i; j++) {
                    weights[j] *= 1 - weight;
                }
                weights[i] = weight;
            }
            known.add(weights);
        }
        return known.get(n);
    }

    private static double mean(List<Double> values, double least) {
        double[] weights = weights(values.size(), least);
        double mean = 0;
        for (int i = 0; i < values.size(); i++) {
            mean += weights[i] * values.get(i);
        }
        return mean;
    }

    private void durations(String name, List<Double> seconds, boolean gaps) {
        int n = seconds.size();
        put(name + ".count", n);
        put(name + ".mean", seconds.stream().mapToDouble(s -> s).average().orElse(0));
        Map<String, Double> memories = Map.of("recent", 0.25, "habit", 0.03125);
        List<Double> logs = seconds.stream().map(Math::log1p).toList();
        memories.forEach((memory, least) -> {
            double mean = mean(logs, least);
            put(name + '.' + memory, mean);
            put(
                    name + '.' + memory + "-spread",
                    Math.sqrt(mean(
                            logs.stream().map(log -> Math.pow(log - mean, 2)).toList(), least)));
            for (long window : windows(gaps)) {
                put(
                        name + '.' + memory + "-under." + ActivityLayout.shortName(window),
                        mean(
                                seconds.stream()
                                        .map(s -> s * 1000 < window ? 1.0 : 0.0)
                                        .toList(),
                                least));
            }
        });
        for (int i = 1; i <= 5; i++) {
            put(name + (i == 1 ? ".last" : ".last-" + i), n >= i ? seconds.get(n - i) : 0);
        }
    }

    /** Runs of activity: events that arrived older than the newest belong to none but may count in the current one. */
    private void runs() {
        List<Double> gaps = new ArrayList<>();
        List<Double> lengths = new ArrayList<>();
        List<Double> pauses = new ArrayList<>();
        List<Event> run = new ArrayList<>();
        long begin = 0;
        long newest = Long.MIN_VALUE;
        int runs = 0;
        for (Event event : events) {
            long time = event.timeMillis();
            if (newest != Long.MIN_VALUE && time < newest) {
                if (time >= begin) {
                    run.add(event);
                }
                continue;
            }
            if (newest != Long.MIN_VALUE) {
                gaps.add((time - newest) / 1000.0);
            }
            if (newest == Long.MIN_VALUE
                    || time - newest > definition.sessionGap().toMillis()) {
                if (newest != Long.MIN_VALUE) {
                    lengths.add((newest - begin) / 1000.0);
                    pauses.add((time - newest) / 1000.0);
                }
                run.clear();
                begin = time;
                runs++;
            }
            run.add(event);
            newest = time;
        }
        put("session.age", seconds(now - begin));
        put("session.events", run.size());
        put("session.number", runs);
        durations("event-gap", gaps, true);
        durations("session", lengths, false);
        durations("session-gap", pauses, true);
    }

    private static final long NO = Long.MIN_VALUE;

    /** What happened in one context, followed event by event. */
    private static final class Here {
        final String context;
        long last = NO;
        long stay = NO;
        long visit = NO;
        long left = NO;
        int stays;
        final List<Event> inStay = new ArrayList<>();
        final List<Event> all = new ArrayList<>();
        final List<Double> visits = new ArrayList<>();

        Here(String context) {
            this.context = context;
        }

        void endStay(List<Set<Integer>> ended) {
            if (stay != NO) {
                Set<Integer> did = new HashSet<>();
                inStay.forEach(event -> did.add(event.type()));
                ended.add(did);
            }
            stay = NO;
        }
    }

    private static Here place(List<Here> places, String context) {
        for (Here here : places) {
            if (here.context.equals(context)) {
                return here;
            }
        }
        Here here = new Here(context);
        if (places.size() < 8) {
            places.add(here);
        } else {
            int oldest = 0;
            for (int i = 1; i < places.size(); i++) {
                oldest = places.get(i).last < places.get(oldest).last ? i : oldest;
            }
            places.set(oldest, here);
        }
        return here;
    }

    /** Where the newest event was; of several at the same time, with looks the one that arrived last, else the first place. */
    private Here newest(List<Here> places) {
        long latest = latest(events);
        String context = events.stream()
                .filter(event -> !definition.looks().isEmpty() && event.timeMillis() == latest)
                .reduce((before, after) -> after)
                .map(Event::contextId)
                .orElse("none");
        List<Here> newest = places.stream().filter(here -> here.last == latest).toList();
        return newest.stream()
                .filter(here -> here.context.equals(context))
                .findFirst()
                .orElse(newest.get(0));
    }

    private void contexts() {
        List<Here> places = new ArrayList<>();
        List<Double> visits = new ArrayList<>();
        List<Double> absences = new ArrayList<>();
        List<Set<Integer>> ended = new ArrayList<>();
        long gap = definition.sessionGap().toMillis();
        double gapHere = NEVER;
        for (Event event : events) {
            long time = event.timeMillis();
            Here here = place(places, event.contextId());
            gapHere = here.all.isEmpty() ? NEVER : seconds(time - here.last);
            here.all.add(event);
            String type = definition.eventTypes().get(event.type());
            boolean start = definition.sessionStart().contains(type);
            boolean end = definition.sessionEnd().contains(type);
            if (time < here.last) {
                if (here.stay != NO && time < here.stay && start && here.visit == NO) {
                    here.stay = time;
                    here.visit = time;
                    here.inStay.add(event);
                } else if (here.stay != NO && time >= here.stay) {
                    here.inStay.add(event);
                }
                continue;
            }
            if (here.stay != NO && time - here.last > gap) {
                here.endStay(ended);
            }
            here.last = time;
            if (start) {
                if (here.left != NO) {
                    absences.add((time - here.left) / 1000.0);
                    here.left = NO;
                }
                here.visit = time;
                here.endStay(ended);
            }
            if (end) {
                if (here.visit != NO) {
                    visits.add((time - here.visit) / 1000.0);
                    here.visits.add((time - here.visit) / 1000.0);
                }
                here.visit = NO;
                here.endStay(ended);
                here.left = time;
                continue;
            }
            if (here.stay == NO) {
                here.stay = time;
                here.stays++;
                here.inStay.clear();
            }
            here.inStay.add(event);
        }
        Here newest = newest(places);
        put("gap.here", row == null ? seconds(now - newest.last) : gapHere);
        durations("visit", visits, false);
        durations("absence", absences, true);
        here(row == null ? newest : place(places, row.contextId()), gap);
        put("stays.ended", ended.size());
        for (int type = 0; type < definition.eventTypes().size(); type++) {
            int wanted = type;
            List<Double> did = ended.stream()
                    .map(types -> types.contains(wanted) ? 1.0 : 0.0)
                    .toList();
            put("stays.recent." + definition.eventTypes().get(type), mean(did, 0.25));
            put("stays.habit." + definition.eventTypes().get(type), mean(did, 0.03125));
        }
        Set<Long> groups = new HashSet<>();
        events.stream().filter(e -> !e.contextId().isEmpty()).forEach(e -> groups.add(Hashes.id64(e.contextId()) & 63));
        put("contexts.distinct", groups.size());
        put(
                "contexts.open",
                places.stream().filter(h -> h.stay != NO && now - h.last <= gap).count());
    }

    private void here(Here here, long gap) {
        boolean staying = here.stay != NO && now - here.last <= gap;
        put("stay.age", staying ? seconds(now - here.stay) : 0);
        for (int type = 0; type < definition.eventTypes().size(); type++) {
            int wanted = type;
            Predicate<Event> ofType = e -> e.type() == wanted;
            put(
                    "stay.count." + definition.eventTypes().get(type),
                    staying ? here.inStay.stream().filter(ofType).count() : 0);
        }
        int place = 0;
        for (Map.Entry<String, Set<Aggregate>> number : definition.numbers().entrySet()) {
            int n = place++;
            if (number.getValue().contains(Aggregate.SUM) || number.getValue().contains(Aggregate.MEAN)) {
                double sum = here.inStay.stream()
                        .mapToDouble(e -> e.numbers()[n])
                        .filter(x -> !Double.isNaN(x))
                        .sum();
                put("stay.sum." + number.getKey(), staying ? sum : 0);
            }
        }
        long longest = definition.halfLife().toMillis();
        double activity = here.all.stream().mapToDouble(e -> weight(e, longest)).sum();
        double total = events.stream().mapToDouble(e -> weight(e, longest)).sum();
        put("here.events", activity);
        put("here.familiarity", activity / total);
        put("here.stays", here.stays);
        put("here.visit-age", here.visit == NO ? 0 : seconds(now - here.visit));
        durations("here.visit", here.visits, false);
    }

    private void life() {
        put(
                "life.age",
                seconds(now - events.stream().mapToLong(Event::timeMillis).min().orElseThrow()));
        put("life.events", events.size());
        Set<Long> days = new HashSet<>();
        long newest = Long.MIN_VALUE;
        for (Event event : events) {
            if (event.timeMillis() >= newest) {
                newest = event.timeMillis();
                days.add(Math.floorDiv(newest, 86_400_000L));
            }
        }
        put("life.days", days.size());
        int streak = 0;
        while (days.contains(Math.floorDiv(newest, 86_400_000L) - streak)) {
            streak++;
        }
        put("life.streak", streak);
        double day = Math.floorMod(now, 86_400_000L) / 86_400_000.0;
        double week = Math.floorMod(now - 4 * 86_400_000L, 7 * 86_400_000L) / (7 * 86_400_000.0);
        put("time.day-sin", Math.sin(2 * Math.PI * day));
        put("time.day-cos", Math.cos(2 * Math.PI * day));
        put("time.day-sin-2", Math.sin(4 * Math.PI * day));
        put("time.day-cos-2", Math.cos(4 * Math.PI * day));
        put("time.week-sin", Math.sin(2 * Math.PI * week));
        put("time.week-cos", Math.cos(2 * Math.PI * week));
        int place = 0;
        for (Map.Entry<String, Set<Aggregate>> number : definition.numbers().entrySet()) {
            int n = place++;
            if (number.getValue().contains(Aggregate.LAST)) {
                double last = 0;
                long at = Long.MIN_VALUE;
                for (Event event : events) {
                    if (!Double.isNaN(event.numbers()[n]) && event.timeMillis() >= at) {
                        at = event.timeMillis();
                        last = event.numbers()[n];
                    }
                }
                put("last." + number.getKey(), last);
                List<Double> values = events.stream()
                        .map(e -> e.numbers()[n])
                        .filter(x -> !Double.isNaN(x))
                        .toList();
                List<Double> logs = values.stream()
                        .map(x -> Math.signum(x) * Math.log1p(Math.abs(x)))
                        .toList();
                double best = values.stream().mapToDouble(x -> x).max().orElse(0);
                put("recent." + number.getKey(), mean(logs, 0.25));
                put("habit." + number.getKey(), mean(logs, 0.03125));
                put("best." + number.getKey(), best);
                put("record." + number.getKey(), !values.isEmpty() && values.get(values.size() - 1) >= best ? 1 : 0);
            }
        }
        int[] tokens = tokens();
        for (int i = 0; i < definition.textBuckets(); i++) {
            int bucket = i;
            put(
                    "text." + i,
                    java.util.Arrays.stream(tokens).filter(t -> t == bucket).count());
        }
    }

    private int[] tokens() {
        int[] tokens = {};
        long latest = Long.MIN_VALUE;
        for (Event event : events) {
            boolean inOrder = event.timeMillis() >= latest;
            latest = Math.max(latest, event.timeMillis());
            if (event.tokens().length > 0 && (inOrder || tokens.length == 0)) {
                tokens = event.tokens();
            }
        }
        return tokens;
    }

    /** Latest non-zero attribute ids. */
    static Map<Integer, Integer> attributes(List<Event> arrived) {
        Map<Integer, Integer> ids = new HashMap<>();
        long latest = Long.MIN_VALUE;
        for (Event event : arrived) {
            boolean inOrder = event.timeMillis() >= latest;
            latest = Math.max(latest, event.timeMillis());
            for (int i = 0; i < event.attributeIds().length; i++) {
                if (event.attributeIds()[i] != 0 && (inOrder || !ids.containsKey(i))) {
                    ids.put(i, event.attributeIds()[i]);
                }
            }
        }
        return ids;
    }
}
