package io.livepredict.contract;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Something to predict of an entity of one kind: what will (not) happen within a horizon after now.
 *
 * @param name unique among all targets, e.g. {@code leave-30s}
 * @param kind whose behaviour
 * @param outcome how the events decide the label
 * @param eventTypes the event types that decide it
 * @param number for {@link Outcome#SUM_OF}: the number summed over those events; otherwise null
 * @param within the horizon: the label covers (as-of, as-of + within]
 * @param scope where those events count
 * @param predictOn event types at which the target is predicted
 * @param snapshotOn those of them at which a snapshot may be logged for learning
 * @param atMostEvery least time between two snapshots of one entity in one context for this target; zero for no limit
 * @param prior what is served before there is a model: a probability, or for sum-of a value
 */
@RecordBuilder
public record Target(
        String name,
        Kind kind,
        Outcome outcome,
        Set<String> eventTypes,
        @Nullable String number,
        Duration within,
        Scope scope,
        Set<String> predictOn,
        Set<String> snapshotOn,
        Duration atMostEvery,
        double prior) {

    /** How events decide the label. */
    public enum Outcome {
        /** 1 when one of the event types happens within the horizon. */
        ANY_OF,
        /** 1 when none of them does. */
        NONE_OF,
        /** The sum of a number over those events: regression. */
        SUM_OF
    }

    /** Where the deciding events count. */
    public enum Scope {
        /** In the room or match of the snapshot only. */
        SAME_CONTEXT,
        /** Wherever the entity is. */
        ANYWHERE
    }

    /** How often at most a snapshot is logged, unless the target says otherwise. */
    public static final Duration DEFAULT_AT_MOST_EVERY = Duration.ofSeconds(30);

    public Target {
        eventTypes = sorted(eventTypes);
        predictOn = sorted(predictOn);
        snapshotOn = sorted(snapshotOn);
        require(!name.isBlank(), "a target needs a name");
        require(!eventTypes.isEmpty(), "target " + name + " names no event type");
        require(
                within.toMillis() > 0,
                "target " + name + ": within must be positive, got " + DurationFormat.format(within));
        require(!atMostEvery.isNegative(), "target " + name + ": at-most-every must not be negative");
        require(
                (outcome == Outcome.SUM_OF) == (number != null),
                "target " + name + ": a number goes with sum-of and with nothing else");
        require(!predictOn.isEmpty(), "target " + name + ": predict-on names no event type");
        require(
                predictOn.containsAll(snapshotOn),
                "target " + name + ": every event type in snapshot-on must be in predict-on too");
        require(
                outcome == Outcome.SUM_OF ? Double.isFinite(prior) : prior > 0 && prior < 1,
                "target " + name + ": prior must be " + (outcome == Outcome.SUM_OF ? "finite" : "between 0 and 1")
                        + ", got " + prior);
    }

    /** Hash of what the label means. When and how often it is predicted or logged is not part of it. */
    public String definition() {
        return Hashes.definition(
                kind.id() + ' ' + outcome + ' ' + eventTypes + ' ' + number + ' ' + within.toMillis() + ' ' + scope);
    }

    /** Whether the label is 0 or 1. */
    public boolean isBinary() {
        return outcome != Outcome.SUM_OF;
    }

    /** The targets of one kind, in their order. */
    public static List<Target> of(List<Target> all, Kind kind) {
        return all.stream().filter(t -> t.kind() == kind).toList();
    }

    private static Set<String> sorted(Set<String> names) {
        return Collections.unmodifiableSet(new TreeSet<>(names));
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new IllegalArgumentException(message);
        }
    }
}
