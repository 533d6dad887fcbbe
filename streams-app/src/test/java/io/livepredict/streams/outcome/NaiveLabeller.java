package io.livepredict.streams.outcome;

import io.livepredict.contract.KindDefinition;
import io.livepredict.contract.Target;
import io.livepredict.streams.ingest.Event;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** What the examples of a log should be, worked out from the list of all its events. */
final class NaiveLabeller {
    /** A valid event with what was true when it arrived. */
    record Accepted(Event event, long asOf) {}

    /** A snapshot of an event for a target. */
    record Snapshot(Accepted at, Target target, double label) {}

    final List<Accepted> accepted = new ArrayList<>();
    final List<Snapshot> snapshots = new ArrayList<>();
    private final Map<String, List<Event>> byEntity = new HashMap<>();
    int repeats;
    int late;
    long watermark = Long.MIN_VALUE;
    /** "event id / horizon / target" to label, of all that are due. */
    final Map<String, Double> labels = new TreeMap<>();
    /** How many are not due yet. */
    int censored;

    NaiveLabeller(KindDefinition definition, List<Target> targets, long grace, List<Event> arrivals) {
        accept(grace, arrivals);
        Map<String, Long> lasts = new HashMap<>();
        for (Accepted at : accepted) {
            String type = definition.eventTypes().get(at.event.type());
            for (Target target : targets) {
                String place = at.event.entityId() + '|' + at.event.contextId() + '|' + target.name();
                Long last = lasts.get(place);
                if (!target.snapshotOn().contains(type)
                        || last != null && at.asOf - last < target.atMostEvery().toMillis()) {
                    continue;
                }
                lasts.put(place, at.asOf);
                long deadline = at.asOf + target.within().toMillis();
                snapshots.add(new Snapshot(at, target, label(definition, target, at, deadline)));
                if (deadline < watermark) {
                    labels.put(
                            at.event.eventId() + " / " + target.within().toMillis() + " / " + target.name(),
                            label(definition, target, at, deadline));
                } else {
                    censored++;
                }
            }
        }
    }

    private void accept(long grace, List<Event> arrivals) {
        Set<String> ids = new HashSet<>();
        Map<String, Long> latest = new HashMap<>();
        for (Event event : arrivals) {
            if (ids.contains(event.eventId())) {
                repeats++;
            } else if (event.timeMillis() < watermark) {
                late++;
            } else {
                ids.add(event.eventId());
                watermark = Math.max(watermark, event.timeMillis() - grace);
                latest.merge(event.entityId(), event.timeMillis(), Math::max);
                byEntity.computeIfAbsent(event.entityId(), entity -> new ArrayList<>())
                        .add(event);
                accepted.add(new Accepted(event, latest.getOrDefault(event.entityId(), Long.MIN_VALUE)));
            }
        }
    }

    private double label(KindDefinition definition, Target target, Accepted snapshot, long deadline) {
        List<Event> deciding = byEntity.getOrDefault(snapshot.event.entityId(), List.of()).stream()
                .filter(e -> e.timeMillis() > snapshot.asOf && e.timeMillis() <= deadline)
                .filter(e ->
                        target.eventTypes().contains(definition.eventTypes().get(e.type())))
                .filter(e ->
                        target.scope() == Target.Scope.ANYWHERE || e.contextId().equals(snapshot.event.contextId()))
                .toList();
        return switch (target.outcome()) {
            case ANY_OF -> deciding.isEmpty() ? 0 : 1;
            case NONE_OF -> deciding.isEmpty() ? 1 : 0;
            case SUM_OF -> {
                int number = List.copyOf(definition.numbers().keySet()).indexOf(target.number());
                yield deciding.stream()
                        .mapToDouble(e -> e.numbers()[number])
                        .filter(x -> !Double.isNaN(x))
                        .sum();
            }
        };
    }
}
