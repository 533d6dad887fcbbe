package io.livepredict.streams.outcome;

import io.livepredict.contract.KindDefinition;
import io.livepredict.contract.Target;
import io.livepredict.streams.ingest.Event;
import io.livepredict.streams.looks.LookPlan;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** What the rows and examples of a log should be, worked out from the list of all its events. */
final class NaiveLabeller {
    /** A valid event or a look with what was true when it arrived or was due, and how many events of its entity there were by then. */
    record Accepted(Event event, long asOf, int known) {}

    private final KindDefinition definition;
    private final long grace;
    /** By entity: the latest event, and how many looks there have been since. */
    private final Map<String, Event> latest = new TreeMap<>();

    private final Map<String, Integer> looked = new HashMap<>();

    /** A snapshot of an event for a target. */
    record Snapshot(Accepted at, Target target, double label) {}

    final List<Accepted> accepted = new ArrayList<>();
    final List<Snapshot> snapshots = new ArrayList<>();
    private final Map<String, List<Event>> byEntity = new HashMap<>();
    private final Set<String> ids = new HashSet<>();
    int repeats;
    int late;
    long watermark = Long.MIN_VALUE;
    /** "event id / horizon / target" to label, of all that are due. */
    final Map<String, Double> labels = new TreeMap<>();
    /** How many are not due yet. */
    int censored;

    NaiveLabeller(KindDefinition definition, List<Target> targets, long grace, List<Event> arrivals) {
        this.definition = definition;
        this.grace = grace;
        arrivals.forEach(this::accept);
        Map<String, Long> lasts = new HashMap<>();
        for (Accepted at : accepted) {
            String type = definition.rowTypes().get(at.event.type());
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

    private void accept(Event event) {
        if (!ids.add(event.entityId() + ' ' + event.eventId())) {
            repeats++;
        } else if (event.timeMillis() < watermark) {
            ids.remove(event.entityId() + ' ' + event.eventId());
            late++;
        } else {
            watermark = Math.max(watermark, event.timeMillis() - grace);
            lookBefore(watermark, latest.keySet());
            lookBefore(event.timeMillis(), Set.of(event.entityId()));
            Event before = latest.get(event.entityId());
            if (before == null || event.timeMillis() >= before.timeMillis()) {
                latest.put(event.entityId(), event);
                if (before == null || event.timeMillis() > before.timeMillis()) {
                    looked.put(event.entityId(), 0);
                }
            }
            byEntity.computeIfAbsent(event.entityId(), entity -> new ArrayList<>())
                    .add(event);
            accepted.add(new Accepted(event, at(event.entityId()).timeMillis(), known(event.entityId())));
        }
    }

    private Event at(String entity) {
        return Objects.requireNonNull(latest.get(entity));
    }

    private int known(String entity) {
        return byEntity.getOrDefault(entity, List.of()).size();
    }

    /** The events of a row's entity by then. */
    List<Event> knownAt(Accepted row) {
        return byEntity.getOrDefault(row.event.entityId(), List.of()).subList(0, row.known);
    }

    /** Takes the looks at these entities that are due before that time, the earliest first. */
    private void lookBefore(long time, Set<String> entities) {
        while (!definition.looks().isEmpty()) {
            Event next = entities.stream()
                    .flatMap(entity -> nextLook(entity).stream())
                    .filter(look -> look.timeMillis() < time)
                    .min(Comparator.comparingLong(Event::timeMillis).thenComparing(Event::entityId))
                    .orElse(null);
            if (next == null) {
                return;
            }
            looked.merge(next.entityId(), 1, Integer::sum);
            accepted.add(new Accepted(next, next.timeMillis(), known(next.entityId())));
        }
    }

    private Optional<Event> nextLook(String entity) {
        Event newest = latest.get(entity);
        int behind = looked.getOrDefault(entity, 0);
        if (newest == null
                || behind == definition.looks().size()
                || definition.sessionEnd().contains(definition.eventTypes().get(newest.type()))) {
            return Optional.empty();
        }
        long step = definition.looks().get(behind).toMillis();
        return Optional.of(Event.of(entity)
                .context(newest.contextId())
                .id(LookPlan.id(entity, newest.timeMillis(), step))
                .at(newest.timeMillis() + step)
                .type(definition.eventTypes().size())
                .build());
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
