package io.livepredict.streams.targets;

import io.livepredict.contract.KindDefinition;
import io.livepredict.contract.Target;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A kind's targets, resolved to event types' and numbers' positions. Stored values name a target by its reference, which
 * depends on its name and definition only, so that they outlive a change of the configuration.
 */
public final class TargetPlan {
    /** A target with everything that is looked up per event. */
    public static final class Planned {
        public final Target target;
        /** Position among the kind's targets, and of its score. */
        public final int index;

        public final int reference;
        public final long definition;
        /** The same as labels carry it. */
        public final String definitionHash;

        public final long withinMillis;
        public final boolean anywhere;
        public final boolean sum;
        /** Position of the number summed, -1 for none. */
        public final int number;

        private final boolean[] decides;
        private final boolean[] predicts;
        private final Group group;

        Planned(Target target, int index, KindDefinition kind, Group group) {
            this.target = target;
            this.index = index;
            this.group = group;
            definitionHash = target.definition();
            definition = Long.parseUnsignedLong(definitionHash, 16);
            reference = reference(target.name(), definition);
            withinMillis = target.within().toMillis();
            anywhere = target.scope() == Target.Scope.ANYWHERE;
            sum = target.outcome() == Target.Outcome.SUM_OF;
            number = sum ? List.copyOf(kind.numbers().keySet()).indexOf(target.number()) : -1;
            decides = flags(kind.rowTypes(), target.eventTypes());
            predicts = flags(kind.rowTypes(), target.predictOn());
            if (sum && number < 0) {
                throw new IllegalArgumentException("target " + target.name() + " sums " + target.number()
                        + ", which is not among the numbers of " + kind.kind().id() + ": "
                        + kind.numbers().keySet());
            }
        }

        /** Whether events of that type decide its label. */
        public boolean decidedBy(int eventType) {
            return decides[eventType];
        }

        /** Whether it is predicted at events of that type. */
        public boolean predictedAt(int eventType) {
            return predicts[eventType];
        }

        /** The label when deciding events did happen, or did not. */
        public double label(boolean happened) {
            return happened == (target.outcome() == Target.Outcome.ANY_OF) ? 1 : 0;
        }
    }

    /** Targets that are snapshotted at the same events and equally often, and so always together. */
    public static final class Group {
        public final int reference;
        public final long everyMillis;
        public final boolean[] snapshotOn;
        public final List<Planned> targets = new ArrayList<>();

        Group(int reference, Duration every, boolean[] snapshotOn) {
            this.reference = reference;
            this.everyMillis = every.toMillis();
            this.snapshotOn = snapshotOn;
        }
    }

    public final List<Planned> targets = new ArrayList<>();
    public final List<Group> groups;
    /** Distinct horizons, ascending. */
    public final long[] horizonsMillis;

    private final boolean[] concerns;

    /**
     * @throws IllegalArgumentException if a target names an event type or number that the kind does not have
     */
    public TargetPlan(KindDefinition kind, List<Target> configured) {
        Map<String, Group> byWords = new LinkedHashMap<>();
        for (Target target : Target.of(configured, kind.kind())) {
            requireKnown(target, target.eventTypes(), kind, kind.eventTypes());
            requireKnown(target, target.predictOn(), kind, kind.rowTypes());
            requireKnown(target, target.snapshotOn(), kind, kind.rowTypes());
            String words = target.snapshotOn() + " " + target.atMostEvery().toMillis();
            Group group = byWords.computeIfAbsent(
                    words,
                    w -> new Group(w.hashCode(), target.atMostEvery(), flags(kind.rowTypes(), target.snapshotOn())));
            Planned planned = new Planned(target, targets.size(), kind, group);
            if (byReference(planned.reference) != null) {
                throw new IllegalArgumentException("targets " + target.name() + " and another have the same reference: "
                        + "give one of them another name");
            }
            targets.add(planned);
            group.targets.add(planned);
        }
        groups = List.copyOf(byWords.values());
        horizonsMillis = targets.stream()
                .mapToLong(t -> t.withinMillis)
                .distinct()
                .sorted()
                .toArray();
        concerns = new boolean[kind.rowTypes().size()];
        for (int type = 0; type < concerns.length; type++) {
            for (Planned target : targets) {
                concerns[type] |= target.decides[type] || target.group.snapshotOn[type];
            }
        }
    }

    private static void requireKnown(Target target, Set<String> named, KindDefinition kind, List<String> known) {
        for (String type : named) {
            if (!known.contains(type)) {
                throw new IllegalArgumentException("target " + target.name() + " names event type " + type
                        + ", which is not among those of " + kind.kind().id() + ": " + known);
            }
        }
    }

    /** Whether events of that type can decide a label or cause a snapshot. */
    public boolean concerns(int eventType) {
        return concerns[eventType];
    }

    /** The target with that reference, null when it is no longer configured. */
    public @Nullable Planned byReference(int reference) {
        for (int i = 0; i < targets.size(); i++) {
            if (targets.get(i).reference == reference) {
                return targets.get(i);
            }
        }
        return null;
    }

    /** What stored values call a target of that name and definition. */
    public static int reference(String name, long definition) {
        return name.hashCode() * 31 + Long.hashCode(definition);
    }

    private static boolean[] flags(List<String> types, Set<String> chosen) {
        boolean[] flags = new boolean[types.size()];
        for (int i = 0; i < flags.length; i++) {
            flags[i] = chosen.contains(types.get(i));
        }
        return flags;
    }
}
