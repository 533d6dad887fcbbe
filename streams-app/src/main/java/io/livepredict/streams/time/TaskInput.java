package io.livepredict.streams.time;

import java.util.List;
import java.util.Map;

/**
 * Where the events of a kind's tasks come from.
 *
 * @param direct topics that tasks read themselves, each the partition of its own number
 * @param rekeyed topics behind a re-keying, any partition of which may hold events of any task, and how many they have
 */
public record TaskInput(List<String> direct, Map<String, Integer> rekeyed) {
    public TaskInput {
        direct = List.copyOf(direct);
        rekeyed = Map.copyOf(rekeyed);
        if (direct.isEmpty() && rekeyed.isEmpty()) {
            throw new IllegalArgumentException("a task has at least one source");
        }
    }
}
