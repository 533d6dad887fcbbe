package io.livepredict.deploy.report;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.livepredict.avro.Alert;
import io.livepredict.contract.CanonicalEvent;
import io.livepredict.contract.Hashes;
import io.livepredict.contract.Kind;
import io.livepredict.contract.Target;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What became of alerts: raised, cleared, twice in the topic; and how often the target came true of those that were alerted
 * and of those that were held out, counted again from the events. Of each entity its first raise counts for that, so that
 * one that is alerted often is not taken for many.
 */
public final class AlertCount {
    /** An alert's figures. */
    private static final class Figures {
        long raised;
        long cleared;
        long doubled;
        long clearedUnraised;
        final Map<String, Raise> first = new HashMap<>();
    }

    private static final class Raise {
        final Target target;
        final String context;
        final long at;
        final boolean heldOut;
        boolean happened;
        double sum;

        Raise(Target target, String context, long at, boolean heldOut) {
            this.target = target;
            this.context = context;
            this.at = at;
            this.heldOut = heldOut;
        }

        long deadline() {
            return at + target.within().toMillis();
        }

        boolean cameTrue() {
            return switch (target.outcome()) {
                case ANY_OF -> happened;
                case NONE_OF -> !happened;
                case SUM_OF -> sum > 0;
            };
        }
    }

    private final Map<String, Target> targets = new HashMap<>();
    private final Map<String, Figures> alerts = new TreeMap<>();
    private final Set<Long> seen = new HashSet<>();
    /** By kind and entity. */
    private final Map<String, List<Raise>> raises = new HashMap<>();

    private final Map<Kind, Long> latest = new HashMap<>();

    /** @param all every target that an alert may watch */
    public AlertCount(List<Target> all) {
        all.forEach(target -> targets.put(target.name(), target));
    }

    /** Whether there was no alert. */
    public boolean isEmpty() {
        return alerts.isEmpty();
    }

    /** Takes in the next alert. */
    public void take(Alert alert) {
        Figures figures = alerts.computeIfAbsent(alert.getAlert(), name -> new Figures());
        boolean raise = alert.getState().equals("raised");
        if (!seen.add(key(alert, alert.getState()))) {
            figures.doubled++;
        } else if (raise) {
            figures.raised++;
            remember(figures, alert);
        } else {
            figures.cleared++;
            figures.clearedUnraised += seen.contains(key(alert, "raised")) ? 0 : 1;
        }
    }

    private static long key(Alert alert, String state) {
        return Hashes.parts(
                alert.getKind(),
                alert.getAlert(),
                alert.getEntityId(),
                alert.getContextId(),
                Long.toString(alert.getRaisedAt().toEpochMilli()),
                state);
    }

    private void remember(Figures figures, Alert alert) {
        Target target = targets.get(alert.getTarget());
        if (target != null && !figures.first.containsKey(alert.getEntityId())) {
            Raise raise =
                    new Raise(target, alert.getContextId(), alert.getRaisedAt().toEpochMilli(), alert.getWithheld());
            figures.first.put(alert.getEntityId(), raise);
            raises.computeIfAbsent(place(target.kind(), alert.getEntityId()), any -> new ArrayList<>())
                    .add(raise);
        }
    }

    private static String place(Kind kind, String entityId) {
        return kind.id() + ' ' + entityId;
    }

    /** Takes in a valid event, after every alert that was raised before it. */
    public void take(Kind kind, CanonicalEvent event) {
        latest.merge(kind, event.timeMillis(), Math::max);
        for (Raise raise : raises.getOrDefault(place(kind, event.entityId()), List.of())) {
            if (event.timeMillis() > raise.at
                    && event.timeMillis() <= raise.deadline()
                    && raise.target.eventTypes().contains(event.type())
                    && (raise.target.scope() == Target.Scope.ANYWHERE || raise.context.equals(event.contextId()))) {
                raise.happened = true;
                Double number = event.numbers().get(String.valueOf(raise.target.number()));
                raise.sum += number == null ? 0 : number;
            }
        }
    }

    /** Writes the figures of each alert. */
    public void put(ObjectNode json) {
        alerts.forEach((name, figures) -> {
            ObjectNode of = json.putObject(name);
            of.put("raised", figures.raised);
            of.put("cleared", figures.cleared);
            of.put("doubled", figures.doubled);
            of.put("cleared_without_raise", figures.clearedUnraised);
            Rates alerted = new Rates();
            Rates heldOut = new Rates();
            for (Raise raise : figures.first.values()) {
                if (raise.deadline() < latest.getOrDefault(raise.target.kind(), Long.MIN_VALUE)) {
                    (raise.heldOut ? heldOut : alerted).add(raise.cameTrue());
                }
            }
            alerted.put(of.putObject("alerted"));
            heldOut.put(of.putObject("held_out"));
            Rates.putDifference(alerted, heldOut, of.putObject("lift"));
        });
    }
}
