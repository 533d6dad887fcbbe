package io.livepredict.deploy.backtest;

import io.livepredict.contract.CanonicalEvent;
import io.livepredict.contract.Target;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What must come of a history by the rules alone, worked out from the whole of it at once: which events count, what is
 * predicted in which order, and every label.
 */
final class NaiveAccount {
    /** "event target" in order. */
    final List<String> predictions = new ArrayList<>();
    /** By "event target". */
    final Map<String, Double> labels = new HashMap<>();

    /** Dead letters of events that came too late. */
    long late;

    private final long graceMillis;
    private final List<Counted> counted = new ArrayList<>();

    /** An event that counts, under the configuration that took it in. */
    private record Counted(CanonicalEvent event, long asOf, long watermark, List<Target> targets) {}

    /**
     * @param log in the order of arrival
     * @param targets of each of them, those configured when it was taken in for good
     */
    NaiveAccount(List<CanonicalEvent> log, List<List<Target>> targets, long graceMillis) {
        this.graceMillis = graceMillis;
        count(log, targets);
        Map<String, Long> lastSnapshots = new HashMap<>();
        for (int k = 0; k < counted.size(); k++) {
            Counted at = counted.get(k);
            for (Target target : at.targets) {
                if (target.predictOn().contains(at.event.type())) {
                    predictions.add(at.event.eventId() + ' ' + target.name());
                }
            }
            for (Target target : snapshots(at, lastSnapshots)) {
                label(k, target);
            }
        }
    }

    private void count(List<CanonicalEvent> log, List<List<Target>> targets) {
        Set<String> ids = new HashSet<>();
        Map<String, Long> latest = new HashMap<>();
        long newest = Long.MIN_VALUE;
        for (int i = 0; i < log.size(); i++) {
            CanonicalEvent event = log.get(i);
            if (ids.contains(event.eventId())) {
                continue;
            }
            if (newest != Long.MIN_VALUE && event.timeMillis() < newest - graceMillis) {
                late++;
                continue;
            }
            ids.add(event.eventId());
            newest = Math.max(newest, event.timeMillis());
            long asOf = Math.max(latest.getOrDefault(event.entityId(), Long.MIN_VALUE), event.timeMillis());
            latest.put(event.entityId(), asOf);
            counted.add(new Counted(event, asOf, newest - graceMillis, targets.get(i)));
        }
    }

    /** The targets that a snapshot is taken for; those asked for at the same events and equally often go together. */
    private static List<Target> snapshots(Counted at, Map<String, Long> last) {
        List<Target> due = new ArrayList<>();
        Map<String, Long> taken = new HashMap<>();
        for (Target target : at.targets) {
            String group = at.event.entityId()
                    + ' '
                    + at.event.contextId()
                    + ' '
                    + target.snapshotOn()
                    + ' '
                    + target.atMostEvery();
            long before = last.getOrDefault(group, Long.MIN_VALUE / 2);
            if (target.snapshotOn().contains(at.event.type())
                    && at.asOf - before >= target.atMostEvery().toMillis()) {
                due.add(target);
                taken.put(group, at.asOf);
            }
        }
        last.putAll(taken);
        return due;
    }

    /** Known once the watermark has passed the horizon, if the target has been there all the time. */
    private void label(int snapshot, Target target) {
        Counted from = counted.get(snapshot);
        long deadline = from.asOf + target.within().toMillis();
        double sum = 0;
        boolean happened = false;
        for (int i = snapshot + 1; i < counted.size(); i++) {
            Counted next = counted.get(i);
            if (next.targets.stream()
                    .noneMatch(t ->
                            t.name().equals(target.name()) && t.definition().equals(target.definition()))) {
                return; // what decides it may have been missed meanwhile
            }
            CanonicalEvent event = next.event;
            if (event.entityId().equals(from.event.entityId())
                    && (target.scope() == Target.Scope.ANYWHERE
                            || event.contextId().equals(from.event.contextId()))
                    && target.eventTypes().contains(event.type())
                    && event.timeMillis() > from.asOf
                    && event.timeMillis() <= deadline) {
                happened = true;
                String number = target.number();
                sum += number == null ? 0 : event.numbers().getOrDefault(number, 0.0);
            }
            if (next.watermark > deadline) {
                labels.put(
                        from.event.eventId() + ' ' + target.name(),
                        switch (target.outcome()) {
                            case ANY_OF -> happened ? 1.0 : 0.0;
                            case NONE_OF -> happened ? 0.0 : 1.0;
                            case SUM_OF -> sum;
                        });
                return;
            }
        }
    }
}
