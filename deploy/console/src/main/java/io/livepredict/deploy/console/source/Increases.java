package io.livepredict.deploy.console.source;

import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * By how much counters have risen since they were read last, those of each program for themselves: one that was away or began
 * anew brings no burst, and two with the same counter do not undo each other. Not safe for use from several threads.
 */
public final class Increases {
    private static final String COUNTER = "_total";

    private final Map<URI, Map<Series, Double>> last = new HashMap<>();

    private record Series(String name, Map<String, String> labels) {}

    /**
     * The counters of an answer, each with its increase for a value: those that are new count from 0. There are none where the
     * program did not answer, or not the time before.
     *
     * @param program who answered
     * @param answer its metrics; empty where it did not answer
     */
    public List<Sample> of(URI program, Optional<List<Sample>> answer) {
        Map<Series, Double> before = last.remove(program);
        if (answer.isEmpty()) {
            return List.of();
        }
        Map<Series, Double> now = new HashMap<>();
        answer.get().stream()
                .filter(sample -> sample.name().endsWith(COUNTER))
                .forEach(sample -> now.put(new Series(sample.name(), sample.labels()), sample.value()));
        last.put(program, now);
        if (before == null) {
            return List.of();
        }
        return now.entrySet().stream()
                .map(each -> new Sample(
                        each.getKey().name(),
                        each.getKey().labels(),
                        each.getValue() - before.getOrDefault(each.getKey(), 0.0)))
                .filter(increase -> increase.value() >= 0) // less than before: it began anew
                .toList();
    }
}
