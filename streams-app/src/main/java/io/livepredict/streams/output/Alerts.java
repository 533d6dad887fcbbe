package io.livepredict.streams.output;

import io.livepredict.avro.Alert;
import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.Hashes;
import io.livepredict.contract.Kind;
import io.livepredict.streams.ingest.Event;
import io.livepredict.streams.output.AlertRule.Condition;
import io.livepredict.streams.output.EntityOutputs.Awaited;
import io.livepredict.streams.output.EntityOutputs.Raised;
import io.livepredict.streams.score.ModelIdentity;
import io.livepredict.streams.score.ScoreOutput.ScoredRow;
import io.livepredict.streams.targets.TargetPlan;
import io.livepredict.streams.targets.TargetPlan.Planned;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Raises and clears alerts by {@link AlertRule}. What is raised and cleared follows from an entity's scored rows in their
 * order; label time only says when it is known that no row comes in between. One task's thread.
 */
final class Alerts {
    /** So many raises of one entity are followed to their label at a time; the others are counted. */
    private static final int MOST_AWAITED = 64;

    /** Why an alert was raised or cleared, as its record says it. */
    private enum Cause {
        SCORE("score"),
        SESSION_END("session-end"),
        CLEAR_AFTER("clear-after"),
        REMOVED("removed"),
        ERASED("erased");

        final String words;

        Cause(String words) {
            this.words = words;
        }
    }

    /** A rule with its target and features by position. */
    private record Watched(AlertRule rule, Planned planned, int[] features) {
        boolean holds(float[] dense) {
            for (int i = 0; i < features.length; i++) {
                if (!rule.onlyIf().get(i).holds(dense[features[i]])) {
                    return false;
                }
            }
            return true;
        }

        long clearAfterMillis() {
            return rule.clearAfter().toMillis();
        }
    }

    private final Kind kind;
    private final TargetPlan plan;
    private final boolean[] endsSession;
    /** Whether any alert is configured, of this kind or another: without one there is nowhere to send a record. */
    private final boolean anywhere;

    private final List<Watched> watched = new ArrayList<>();
    private final Map<String, Watched> byName = new HashMap<>();
    private final LongSupplier wallClockMillis;
    private final OutputCounters counters;
    private final BiConsumer<String, Alert> out;

    /**
     * @param rules those of other kinds are passed over
     * @param endsSession by event type
     * @param out is given each record, with its entity
     */
    Alerts(
            Kind kind,
            List<AlertRule> rules,
            TargetPlan plan,
            FeatureSchema schema,
            boolean[] endsSession,
            LongSupplier wallClockMillis,
            OutputCounters counters,
            BiConsumer<String, Alert> out) {
        this.kind = kind;
        this.plan = plan;
        this.endsSession = endsSession;
        this.anywhere = !rules.isEmpty();
        this.wallClockMillis = wallClockMillis;
        this.counters = counters;
        this.out = out;
        for (AlertRule rule : rules) {
            for (Planned planned : plan.targets) {
                if (planned.target.name().equals(rule.target())) {
                    Watched each = new Watched(rule, planned, positions(rule.onlyIf(), schema));
                    watched.add(each);
                    byName.put(rule.name(), each);
                }
            }
        }
    }

    private static int[] positions(List<Condition> conditions, FeatureSchema schema) {
        return conditions.stream()
                .mapToInt(condition -> {
                    for (int i = 0; i < schema.dense().size(); i++) {
                        if (schema.dense().get(i).name().equals(condition.feature())) {
                            return i;
                        }
                    }
                    throw new IllegalArgumentException("there is no feature " + condition.feature());
                })
                .toArray();
    }

    /** Whether there is anything to watch or to clear up. */
    boolean none() {
        return watched.isEmpty();
    }

    /**
     * Takes in the entity's next row.
     *
     * @param leaves whether outputs of the row leave: if not, it raises nothing; what was raised it clears nevertheless
     * @return whether something of the entity's state changed
     */
    boolean row(ScoredRow row, EntityOutputs state, boolean leaves) {
        Event event = row.event();
        boolean changed = decide(event, state);
        changed |= settle(event.entityId(), state, row.asOfMillis(), row.asOfMillis());
        if (endsSession[event.type()]) {
            return changed | endSession(row, state);
        }
        float[] scores = row.scores();
        if (scores != null) {
            for (Watched each : watched) {
                if (each.planned.predictedAt(event.type())) {
                    changed |= score(row, each, scores[each.planned.index], state, leaves);
                }
            }
        }
        return changed;
    }

    private boolean score(ScoredRow row, Watched each, float score, EntityOutputs state, boolean leaves) {
        AlertRule rule = each.rule;
        Raised known = state.raised(rule.name(), row.event().contextId());
        if (known != null && known.open) {
            ModelIdentity model = row.origins().of(each.planned.index);
            known.lastMillis = row.asOfMillis();
            known.lastScore = score;
            known.model = model.name();
            known.modelVersion = model.version();
            if (score < rule.clearBelow()) {
                clear(
                        row.event().entityId(),
                        known,
                        row.asOfMillis(),
                        row.event().eventId(),
                        Cause.SCORE);
            }
            return true;
        }
        boolean cooling = known != null
                && row.asOfMillis() - known.atMillis < rule.cooldown().toMillis();
        if (!leaves || score < rule.raiseAt() || cooling || !each.holds(row.vector().dense)) {
            return false;
        }
        if (known != null) {
            state.raised.remove(known);
        } else if (isFull(state, row.asOfMillis())) {
            counters.notRaised(rule.name());
            return false;
        }
        raise(row, each, score, state);
        return true;
    }

    /** Whether no further alert can be remembered as of a row; what holds back none of the rows to come is forgotten first. */
    private boolean isFull(EntityOutputs state, long asOfMillis) {
        if (state.raised.size() >= EntityOutputs.MOST_RAISED) {
            prune(state, asOfMillis);
        }
        return state.raised.size() >= EntityOutputs.MOST_RAISED;
    }

    private void raise(ScoredRow row, Watched each, float score, EntityOutputs state) {
        Event event = row.event();
        AlertRule rule = each.rule;
        ModelIdentity model = row.origins().of(each.planned.index);
        boolean heldOut = rule.holdsOut(event.entityId());
        Raised raised =
                new Raised(rule.name(), rule.target(), event.contextId(), heldOut, row.asOfMillis(), model.name());
        raised.lastMillis = row.asOfMillis();
        raised.lastScore = score;
        raised.modelVersion = model.version();
        state.raised.add(raised);
        if (state.awaited.size() < MOST_AWAITED) {
            state.awaited.add(new Awaited(
                    rule.name(),
                    each.planned.reference,
                    Hashes.id64(event.contextId()),
                    heldOut,
                    row.asOfMillis(),
                    row.asOfMillis() + each.planned.withinMillis));
        } else {
            counters.notFollowed(rule.name());
        }
        Alert alert = record(event.entityId(), raised, row.asOfMillis(), Cause.SCORE);
        alert.setState("raised");
        alert.setEventId(event.eventId());
        if (each.features.length > 0) {
            alert.setFeatures(features(each, row.vector().dense));
        }
        Reasons.put(row.reasons(), each.planned.index, alert);
        out.accept(event.entityId(), alert);
        counters.raised(rule.name(), heldOut);
    }

    private boolean endSession(ScoredRow row, EntityOutputs state) {
        Event event = row.event();
        boolean changed = false;
        for (Raised each : state.raised) {
            // An end that names no room or match ends them all.
            if (each.open && (event.contextId().isEmpty() || each.context.equals(event.contextId()))) {
                clear(event.entityId(), each, row.asOfMillis(), event.eventId(), Cause.SESSION_END);
                changed = true;
            }
        }
        return changed;
    }

    /**
     * Clears what has been without a score for too long as of a time, or is no longer configured.
     *
     * @param atMillis when what is no longer configured is cleared
     */
    private boolean settle(String entityId, EntityOutputs state, long asOfMillis, long atMillis) {
        if (!anywhere) {
            boolean some = !state.raised.isEmpty();
            state.raised.clear();
            return some;
        }
        boolean changed = false;
        for (Raised each : state.raised) {
            if (each.open) {
                Watched rule = byName.get(each.alert);
                if (rule == null || !rule.rule.target().equals(each.target)) {
                    clear(entityId, each, atMillis, null, Cause.REMOVED);
                    changed = true;
                } else if (asOfMillis - each.lastMillis > rule.clearAfterMillis()) {
                    clear(entityId, each, each.lastMillis + rule.clearAfterMillis(), null, Cause.CLEAR_AFTER);
                    changed = true;
                }
            }
        }
        return changed;
    }

    /** Clears whatever is open of an entity that is to be forgotten, so that nobody goes on acting on it. */
    void erased(String entityId, EntityOutputs state, long labelTimeMillis) {
        if (anywhere) {
            for (Raised each : state.raised) {
                if (each.open) {
                    clear(entityId, each, Math.max(each.lastMillis, labelTimeMillis), null, Cause.ERASED);
                }
            }
        }
    }

    private void clear(String entityId, Raised each, long atMillis, @Nullable String eventId, Cause cause) {
        each.open = false;
        Alert alert = record(entityId, each, atMillis, cause);
        alert.setState("cleared");
        alert.setEventId(eventId);
        out.accept(entityId, alert);
        counters.cleared(each.alert, cause.words);
    }

    private Alert record(String entityId, Raised each, long atMillis, Cause cause) {
        Alert alert = new Alert();
        alert.setKind(kind.id());
        alert.setAlert(each.alert);
        alert.setEntityId(entityId);
        alert.setContextId(each.context);
        alert.setRaisedAt(Instant.ofEpochMilli(each.atMillis));
        alert.setEventTime(Instant.ofEpochMilli(atMillis));
        alert.setCause(cause.words);
        alert.setTarget(each.target);
        alert.setScore(each.lastScore);
        alert.setWithheld(each.heldOut);
        alert.setModelName(each.model);
        alert.setModelVersion(each.modelVersion);
        alert.setDecidedAt(Instant.ofEpochMilli(wallClockMillis.getAsLong()));
        return alert;
    }

    private static String features(Watched each, float[] dense) {
        StringBuilder json = new StringBuilder("{");
        for (int i = 0; i < each.features.length; i++) {
            String name = each.rule.onlyIf().get(i).feature();
            json.append(i == 0 ? "\"" : ",\"")
                    .append(name.replace("\\", "\\\\").replace("\"", "\\\""))
                    .append("\":")
                    .append(dense[each.features[i]]);
        }
        return json.append('}').toString();
    }

    /** Notes what an event says of the targets of alerts that were raised. */
    private boolean decide(Event event, EntityOutputs state) {
        boolean changed = false;
        for (Awaited each : state.awaited) {
            if (event.timeMillis() <= each.atMillis || event.timeMillis() > each.deadlineMillis) {
                continue;
            }
            Planned planned = plan.byReference(each.target);
            if (planned == null
                    || !planned.decidedBy(event.type())
                    || !planned.anywhere && each.context != Hashes.id64(event.contextId())) {
                continue;
            }
            if (!planned.sum) {
                changed |= !each.happened;
                each.happened = true;
            } else if (!Double.isNaN(event.numbers()[planned.number])) {
                each.sum += event.numbers()[planned.number];
                changed = true;
            }
        }
        return changed;
    }

    /**
     * Does what no row can change any more.
     *
     * @param timerMillis when it was to be done
     */
    void due(String entityId, EntityOutputs state, long timerMillis, long labelTimeMillis) {
        settle(entityId, state, labelTimeMillis, timerMillis);
        for (Iterator<Awaited> all = state.awaited.iterator(); all.hasNext(); ) {
            Awaited each = all.next();
            Planned planned = plan.byReference(each.target);
            if (planned == null || each.deadlineMillis < labelTimeMillis) {
                all.remove();
                if (planned != null && byName.containsKey(each.alert)) {
                    boolean happened = planned.sum ? each.sum > 0 : planned.label(each.happened) > 0;
                    counters.outcome(each.alert, each.heldOut, happened);
                }
            }
        }
    }

    /** Forgets alerts that hold back no further one: every row to come is at label time or after it. */
    void prune(EntityOutputs state, long labelTimeMillis) {
        state.raised.removeIf(each -> !each.open && coolUntil(each) <= labelTimeMillis);
    }

    /** When there will be something to do or to forget. */
    long nextDue(EntityOutputs state) {
        long next = EntityOutputs.NEVER;
        for (Raised each : state.raised) {
            Watched rule = byName.get(each.alert);
            long own = !each.open ? coolUntil(each) : each.lastMillis + (rule == null ? 0 : rule.clearAfterMillis());
            next = Math.min(next, own);
        }
        for (Awaited each : state.awaited) {
            next = Math.min(next, each.deadlineMillis);
        }
        return next;
    }

    private long coolUntil(Raised each) {
        Watched rule = byName.get(each.alert);
        return each.atMillis + (rule == null ? 0 : rule.rule.cooldown().toMillis());
    }
}
