package io.livepredict.settings;

import io.livepredict.contract.DurationFormat;
import io.livepredict.contract.Kind;
import io.livepredict.contract.KindDefinition;
import io.livepredict.contract.Target;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What the events of each kind are and what is predicted of them: the part of the configuration that both programs share,
 * with its defaults filled in.
 *
 * @param definitions of every kind, those without a target included
 * @param targets of all kinds, in their order
 */
public record KindsAndTargets(Map<Kind, KindDefinition> definitions, List<Target> targets) {
    public KindsAndTargets {
        definitions = Collections.unmodifiableMap(new EnumMap<>(definitions));
        targets = List.copyOf(targets);
    }

    /**
     * From the keys {@code kinds} and {@code targets}.
     *
     * @param kinds what differs from the shipped definitions; null for nothing
     * @throws SettingsException if a definition or a target makes no sense; says at which key
     */
    public static KindsAndTargets of(@Nullable Map<Kind, KindSettings> kinds, List<TargetSettings> targets) {
        Map<Kind, KindDefinition> definitions = definitions(kinds);
        KindsAndTargets all = new KindsAndTargets(definitions, Targets.read(targets, definitions));
        all.active().forEach(all::requireUseOfLooks);
        return all;
    }

    private void requireUseOfLooks(Kind kind) {
        if (!definition(kind).looks().isEmpty()
                && targets(kind).stream().noneMatch(target -> target.predictOn().contains(KindDefinition.LOOK))) {
            throw new SettingsException(
                    List.of("kinds", kind.id(), "looks"),
                    "kinds." + kind.id() + ".looks: no target is predicted at a look: name " + KindDefinition.LOOK
                            + " in the predict-on of one, or leave looks out",
                    null);
        }
    }

    /**
     * The definition of every kind.
     *
     * @param kinds what differs from the shipped definitions; null for nothing
     * @throws SettingsException if one makes no sense; says at which key
     */
    public static Map<Kind, KindDefinition> definitions(@Nullable Map<Kind, KindSettings> kinds) {
        Map<Kind, KindDefinition> definitions = new EnumMap<>(Kind.class);
        for (Kind kind : Kind.values()) {
            KindSettings written = kinds == null ? null : kinds.get(kind);
            definitions.put(kind, (written == null ? KindSettings.defaults() : written).definition(kind));
        }
        return definitions;
    }

    /**
     * Which lists and maps of the kinds with a target stand in place of the shipped ones, in one line for the log: a key that
     * is given replaces the shipped value whole, and not everyone expects that. Empty when all are as shipped.
     */
    public String replaced() {
        StringJoiner all = new StringJoiner("; ");
        for (Kind kind : active()) {
            KindDefinition own = definition(kind);
            KindDefinition shipped = KindDefinition.defaults(kind);
            String key = "kinds." + kind.id() + '.';
            replaced(all, key + "event-types", own.eventTypes(), shipped.eventTypes());
            replaced(all, key + "session-start", own.sessionStart(), shipped.sessionStart());
            replaced(all, key + "session-end", own.sessionEnd(), shipped.sessionEnd());
            replaced(
                    all,
                    key + "windows",
                    DurationFormat.format(own.windows()),
                    DurationFormat.format(shipped.windows()));
            replaced(all, key + "numbers", yaml(own.numbers()), yaml(shipped.numbers()));
            replaced(all, key + "attributes", yaml(own.attributes()), yaml(shipped.attributes()));
        }
        return all.toString();
    }

    private static void replaced(StringJoiner all, String key, Object own, Object shipped) {
        if (!own.equals(shipped)) {
            all.add(key + ' ' + own + " in place of " + shipped);
        }
    }

    private static String yaml(Map<String, ?> map) {
        return map.entrySet().stream()
                .map(entry ->
                        entry.getKey() + ": " + entry.getValue().toString().toLowerCase(Locale.ROOT))
                .collect(Collectors.joining(", ", "{", "}"));
    }

    /** What a kind's events are. */
    public KindDefinition definition(Kind kind) {
        KindDefinition definition = definitions.get(kind);
        if (definition == null) {
            throw new IllegalArgumentException("no definition of " + kind);
        }
        return definition;
    }

    /** What is predicted of one kind, in order; empty when nothing is. */
    public List<Target> targets(Kind kind) {
        return Target.of(targets, kind);
    }

    /** The kinds that have a target; events of the others are not read. */
    public List<Kind> active() {
        return List.of(Kind.values()).stream()
                .filter(kind -> !targets(kind).isEmpty())
                .toList();
    }
}
