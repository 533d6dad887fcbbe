package io.livepredict.streams.choice;

import io.livepredict.contract.KindDefinition;
import java.time.Duration;
import java.util.Set;

/**
 * Which events of a kind are choices of a room or match.
 *
 * @param on the event types that are choices
 * @param candidates at most so many rooms are compared
 * @param endedAfter a room nobody came to for so long has ended
 */
public record ChoiceSettings(Set<String> on, int candidates, Duration endedAfter) {
    public ChoiceSettings {
        on = Set.copyOf(on);
    }

    /** By declared event type whether it is a choice. */
    boolean[] choosing(KindDefinition definition) {
        return flags(definition, on);
    }

    /** By declared event type whether who sends it leaves the room. */
    static boolean[] leaving(KindDefinition definition) {
        return flags(definition, definition.sessionEnd());
    }

    private static boolean[] flags(KindDefinition definition, Set<String> types) {
        boolean[] flags = new boolean[definition.eventTypes().size()];
        for (int i = 0; i < flags.length; i++) {
            flags[i] = types.contains(definition.eventTypes().get(i));
        }
        return flags;
    }
}
