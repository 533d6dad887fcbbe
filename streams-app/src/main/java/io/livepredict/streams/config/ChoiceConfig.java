package io.livepredict.streams.config;

import io.livepredict.contract.DurationFormat;
import io.livepredict.contract.Kind;
import io.livepredict.settings.KindsAndTargets;
import io.livepredict.settings.Settings;
import io.livepredict.settings.SettingsException;
import io.livepredict.streams.choice.ChoiceSettings;
import java.time.Duration;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which events of a kind are choices of a room or match. What could be chosen at each, and what was, goes to the topic {@code
 * KIND-choice-examples}.
 *
 * @param kind whose choices; the kind needs a target, and one entry at most
 * @param on the event types that are choices, such as {@code [JOIN]}; the event's room or match is what was chosen
 * @param candidates at most so many rooms or matches are compared: those of the entity's own past, those that others went to
 *     from where it was last, and those with most arrivals; 2 to 1000; default {@code 200}
 * @param endedAfter a room or match that nobody chose for so long has ended and is no candidate, at least {@code 1m}; default
 *     {@code 7d}
 */
public record ChoiceConfig(
        Kind kind,
        List<String> on,
        @Nullable Integer candidates,
        @Nullable Duration endedAfter) {
    private static final int CANDIDATES = 200;
    private static final int MOST_CANDIDATES = 1_000;
    private static final Duration ENDED_AFTER = Duration.ofDays(7);

    public ChoiceConfig {
        Settings.required("kind", kind);
        Settings.required("on", on);
        if (on.isEmpty()) {
            throw new IllegalArgumentException("on names no event type");
        }
        on = List.copyOf(on);
        if (candidates != null && (candidates < 2 || candidates > MOST_CANDIDATES)) {
            throw new IllegalArgumentException("candidates must be in 2.." + MOST_CANDIDATES + ", got " + candidates);
        }
        if (endedAfter != null && endedAfter.compareTo(Duration.ofMinutes(1)) < 0) {
            throw new IllegalArgumentException(
                    "ended-after must be at least 1m, got " + DurationFormat.format(endedAfter));
        }
    }

    /**
     * By kind, with everything filled in.
     *
     * @throws SettingsException if an entry does not fit the kinds; says which
     */
    static Map<Kind, ChoiceSettings> resolve(@Nullable List<ChoiceConfig> entries, KindsAndTargets kinds) {
        Map<Kind, ChoiceSettings> all = new EnumMap<>(Kind.class);
        for (int i = 0; entries != null && i < entries.size(); i++) {
            ChoiceConfig each = entries.get(i);
            if (!kinds.active().contains(each.kind)) {
                throw refused(i, "no target is for kind " + each.kind.id() + ", so its events are not read");
            }
            List<String> types = kinds.definition(each.kind).eventTypes();
            for (String type : each.on) {
                if (!types.contains(type)) {
                    throw refused(
                            i,
                            each.kind.id() + " has no event type " + type + Settings.didYouMean(type, types)
                                    + " (there are " + String.join(", ", types) + ")");
                }
            }
            ChoiceSettings settings = new ChoiceSettings(
                    new LinkedHashSet<>(each.on),
                    each.candidates == null ? CANDIDATES : each.candidates,
                    each.endedAfter == null ? ENDED_AFTER : each.endedAfter);
            if (all.put(each.kind, settings) != null) {
                throw refused(i, "kind " + each.kind.id() + " has two entries: name all event types in one");
            }
        }
        return Collections.unmodifiableMap(all);
    }

    private static SettingsException refused(int index, String reason) {
        return new SettingsException(List.of("choices", index), "choices: " + reason, null);
    }
}
