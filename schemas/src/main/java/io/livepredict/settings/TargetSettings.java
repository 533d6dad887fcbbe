package io.livepredict.settings;

import com.fasterxml.jackson.annotation.JsonCreator;
import io.livepredict.contract.Kind;
import io.livepredict.contract.KindDefinition;
import io.livepredict.contract.Target;
import io.livepredict.contract.TargetBuilder;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A target as configuration writes it. Exactly one of {@code any-of}, {@code none-of} and {@code sum-of} is given.
 *
 * <pre>
 * targets:
 *   - {name: leave-30m, kind: viewer, any-of: [LEAVE], within: 30m, snapshot-on: [JOIN]}
 *   - {name: quit-5m, kind: player, none-of: [MATCH_END], within: 5m, snapshot-on: [MATCH_END]}
 *   - {name: gifts-5m, kind: viewer, sum-of: {number: gift_value, over: [GIFT]}, within: 5m}
 * </pre>
 *
 * @param name the target's name, unique among all targets of both kinds
 * @param kind whose behaviour is predicted
 * @param anyOf the target is positive when one of these event types happens within the horizon; default: none
 * @param noneOf the target is positive when none of these event types happens within the horizon; default: none
 * @param sumOf the target is the sum of a number over events within the horizon, a regression; default: none
 * @param within the horizon: how far the target looks ahead
 * @param anywhere whether the deciding events count in every room or match and not only in that of the snapshot; default
 *     {@code false}
 * @param predictOn the event types at which the target is predicted; default: every declared type of the kind but those that
 *     end a session; {@code LOOK} stands for the looks of the kind
 * @param snapshotOn those of them at which a snapshot is logged for learning; default: those of {@code predict-on}
 * @param atMostEvery the least time between two snapshots of an entity in one context, {@code 0s} for no limit; default {@code 30s}
 * @param prior what is served before there is a model: a probability, or a value with {@code sum-of}; default: 0.1, and 0
 *     with {@code sum-of}
 * @param emit which predictions of the target are sent on; the others are withheld and counted; labels, learning, alerts and
 *     the outlook see all of them; default: every prediction
 */
@RecordBuilder
public record TargetSettings(
        String name,
        Kind kind,
        @Nullable List<String> anyOf,
        @Nullable List<String> noneOf,
        @Nullable SumOf sumOf,
        Duration within,
        boolean anywhere,
        @Nullable List<String> predictOn,
        @Nullable List<String> snapshotOn,
        @Nullable Duration atMostEvery,
        @Nullable Double prior,
        @Nullable Emit emit) {

    /**
     * What is summed.
     *
     * @param number name of the number of an event
     * @param over the event types that carry the number
     */
    public record SumOf(String number, List<String> over) {
        public SumOf {
            Settings.required("number", number);
            Settings.required("over", over);
            over = List.copyOf(over);
        }
    }

    /**
     * Which predictions of a target are sent on. A prediction that was sent holds for {@code at-least-every}: until then a
     * further one of the same entity in the same context is sent only if it differs by {@code changed-by}. A score below
     * {@code at-or-above} is sent only where the one that still holds is at or above it, so that readers see the fall. In
     * place of the group the word {@code always} stands for every prediction.
     *
     * @param changedBy by how much a score must differ from the last one sent; default: every score is sent
     * @param atLeastEvery how long a prediction that was sent holds; the next one after that is sent however little it differs;
     *     default {@code 5m}
     * @param atOrAbove the score from which on predictions are sent; default: any score
     */
    public record Emit(
            @Nullable Double changedBy,
            @Nullable Duration atLeastEvery,
            @Nullable Double atOrAbove) {
        /** How long a prediction that was sent holds, unless the target says otherwise. */
        public static final Duration DEFAULT_AT_LEAST_EVERY = Duration.ofMinutes(5);

        @JsonCreator
        public Emit {
            if (changedBy != null && !(changedBy > 0 && changedBy < Double.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException("emit: changed-by must be positive, got " + changedBy);
            }
            if (atLeastEvery != null && atLeastEvery.toMillis() < 1) {
                throw new IllegalArgumentException("emit: at-least-every must be positive");
            }
            if (atOrAbove != null && !Double.isFinite(atOrAbove)) {
                throw new IllegalArgumentException("emit: at-or-above must be a number, got " + atOrAbove);
            }
            if (atLeastEvery != null && changedBy == null && atOrAbove == null) {
                throw new IllegalArgumentException("emit: at-least-every withholds nothing by itself: it goes with"
                        + " changed-by or at-or-above");
            }
        }

        /** The one word that may stand for the group. */
        @JsonCreator
        public static Emit of(String word) {
            if (!word.equals("always")) {
                throw new IllegalArgumentException(
                        "emit is always, or a group of changed-by, at-least-every and at-or-above; got " + word);
            }
            return new Emit(null, null, null);
        }

        /** Whether every prediction is sent. */
        public boolean always() {
            return changedBy == null && atOrAbove == null;
        }
    }

    /** Served by a binary target that gives no prior, until there is a model. */
    public static final double DEFAULT_PRIOR = 0.1;

    public TargetSettings {
        Settings.required("name", name);
        Settings.required("kind", kind);
        Settings.required("within", within);
        if (name.isBlank()) {
            throw new IllegalArgumentException("name is empty");
        }
        if (Stream.of(anyOf, noneOf, sumOf).filter(Objects::nonNull).count() != 1) {
            throw new IllegalArgumentException(
                    "target " + name + " must have exactly one of any-of, none-of and sum-of");
        }
        if (within.isZero()) {
            throw new IllegalArgumentException("target " + name + ": within must be longer than nothing");
        }
    }

    /**
     * The target, with its defaults filled from its kind.
     *
     * @throws SettingsException if it names an event type that the kind does not declare, or makes no sense otherwise
     */
    public Target target(KindDefinition definition) {
        return target(definition, List.of());
    }

    /** As {@link #target(KindDefinition)}, at that place in the configuration. */
    Target target(KindDefinition definition, List<?> path) {
        Set<String> predict = predictOn != null
                ? declared("predict-on", predictOn, definition, definition.rowTypes(), path)
                : predicted(definition);
        Set<String> snapshot = snapshotOn != null
                ? declared("snapshot-on", snapshotOn, definition, definition.rowTypes(), path)
                : predict;
        Duration every = atMostEvery != null ? atMostEvery : Target.DEFAULT_AT_MOST_EVERY;
        double before = prior != null ? prior : sumOf != null ? 0 : DEFAULT_PRIOR;
        try {
            return TargetBuilder.builder()
                    .name(name)
                    .kind(kind)
                    .outcome(outcome())
                    .eventTypes(deciding(definition, path))
                    .number(sumOf == null ? null : sumOf.number())
                    .within(within)
                    .scope(anywhere ? Target.Scope.ANYWHERE : Target.Scope.SAME_CONTEXT)
                    .predictOn(predict)
                    .snapshotOn(snapshot)
                    .atMostEvery(every)
                    .prior(before)
                    .build();
        } catch (IllegalArgumentException e) {
            throw new SettingsException(path, "targets: " + e.getMessage(), e);
        }
    }

    private Target.Outcome outcome() {
        if (anyOf != null) {
            return Target.Outcome.ANY_OF;
        }
        return noneOf != null ? Target.Outcome.NONE_OF : Target.Outcome.SUM_OF;
    }

    private Set<String> deciding(KindDefinition definition, List<?> path) {
        if (anyOf != null) {
            return declared("any-of", anyOf, definition, path);
        }
        return noneOf != null
                ? declared("none-of", noneOf, definition, path)
                : declared("sum-of.over", Objects.requireNonNull(sumOf).over(), definition, path);
    }

    private static Set<String> predicted(KindDefinition definition) {
        Set<String> types = new LinkedHashSet<>(definition.eventTypes());
        types.removeAll(definition.sessionEnd());
        return types;
    }

    private Set<String> declared(String key, Collection<String> types, KindDefinition definition, List<?> path) {
        return declared(key, types, definition, definition.eventTypes(), path);
    }

    private Set<String> declared(
            String key, Collection<String> types, KindDefinition definition, List<String> known, List<?> path) {
        for (String type : types) {
            if (!known.contains(type)) {
                throw new SettingsException(
                        path,
                        "targets: target " + name + ": " + key + ": " + type
                                + (type.equals(KindDefinition.LOOK) ? lookHint() : "")
                                + ": kind " + kind.id() + " declares no such event type"
                                + Settings.didYouMean(type, definition.eventTypes())
                                + "; it declares " + String.join(", ", definition.eventTypes()),
                        null);
            }
        }
        return new LinkedHashSet<>(types);
    }

    private String lookHint() {
        return " goes with kinds." + kind.id() + ".looks, and only in predict-on and snapshot-on";
    }

    /** Makes one in code; what is not given is left out. */
    public static TargetSettingsBuilder builder(String name, Kind kind, Duration within) {
        return TargetSettingsBuilder.builder().name(name).kind(kind).within(within);
    }
}
