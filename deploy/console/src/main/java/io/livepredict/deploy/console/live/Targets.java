package io.livepredict.deploy.console.live;

import io.livepredict.contract.Kind;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What is predicted of each kind, in the order in which the streams app announced it or, before that, in which it was seen. A
 * target keeps its place, so that scores can be held in arrays. Not safe for use from several threads.
 */
final class Targets {
    /** Of one kind; scores of further targets are not held. */
    private static final int MOST = 64;

    private final Map<Kind, List<String>> names = new EnumMap<>(Kind.class);
    private final Map<String, Long> horizons = new HashMap<>();
    private final Set<String> sums = new HashSet<>();

    List<String> of(Kind kind) {
        return names.computeIfAbsent(kind, key -> new ArrayList<>());
    }

    /** Its place, or -1 where there is no room for it. */
    int place(Kind kind, String target) {
        List<String> known = of(kind);
        int place = known.indexOf(target);
        if (place < 0 && known.size() < MOST) {
            place = known.size();
            known.add(target);
        }
        return place;
    }

    void horizon(String target, long millis) {
        horizons.put(target, millis);
    }

    void sum(String target) {
        sums.add(target);
    }

    /** Whether it is a sum and no probability, as far as its labels have shown. */
    boolean isSum(String target) {
        return sums.contains(target);
    }

    /** How far it looks ahead, milliseconds; 0 while that is not known. */
    long horizon(String target) {
        return horizons.getOrDefault(target, 0L);
    }
}
