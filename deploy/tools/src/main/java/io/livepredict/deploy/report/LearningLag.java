package io.livepredict.deploy.report;

import io.livepredict.contract.Kind;
import io.livepredict.contract.ModelManifest;
import io.livepredict.deploy.report.ReportRequest.Latency;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * How long it takes until what is learned is served: for each example the time from its emission to the first prediction by
 * a model that had learned from it, whichever version that was. What a version had learned from is told by the offsets in
 * its manifest. First all predictions are told, then all manifests, then the examples. Not safe for use from several
 * threads.
 */
final class LearningLag {
    private final Map<Kind, Map<Long, Long>> firstScored = new EnumMap<>(Kind.class);
    /**
     * By kind and partition: next offset to when a version was first served that had learned from all below it. A higher
     * offset is never served earlier: an entry that says so makes the lower ones superfluous.
     */
    private final Map<Kind, Map<Integer, TreeMap<Long, Long>>> servedBelow = new EnumMap<>(Kind.class);

    private final Histogram lags = new Histogram(Latency.DIGITS);

    /** A prediction of that version was made. */
    void predicted(Kind kind, long version, long scoredAtMillis) {
        firstScored.computeIfAbsent(kind, k -> new HashMap<>()).merge(version, scoredAtMillis, Math::min);
    }

    /** A version was published. */
    void published(Kind kind, ModelManifest manifest) {
        Long first = firstScored.getOrDefault(kind, Map.of()).get(manifest.version());
        if (first == null) {
            return; // a newer one overtook it
        }
        Map<Integer, TreeMap<Long, Long>> partitions = servedBelow.computeIfAbsent(kind, k -> new HashMap<>());
        manifest.trainingOffsets()
                .forEach((partition, next) ->
                        put(partitions.computeIfAbsent(partition, p -> new TreeMap<>()), next, first));
    }

    private static void put(TreeMap<Long, Long> served, long next, long first) {
        Map.Entry<Long, Long> more = served.ceilingEntry(next);
        if (more != null && more.getValue() <= first) {
            return;
        }
        served.put(next, first);
        for (var less = served.lowerEntry(next);
                less != null && less.getValue() >= first;
                less = served.lowerEntry(next)) {
            served.remove(less.getKey());
        }
    }

    /** An example was emitted; counts unless no model that learned from it has served yet. */
    void emitted(Kind kind, int partition, long offset, long emittedAtMillis) {
        TreeMap<Long, Long> served = servedBelow.getOrDefault(kind, Map.of()).getOrDefault(partition, new TreeMap<>());
        Map.Entry<Long, Long> first = served.higherEntry(offset);
        if (first != null) {
            lags.recordValue(Math.max(0, first.getValue() - emittedAtMillis));
        }
    }

    /** Over all examples; null if there were none. */
    @Nullable
    Latency latency() {
        return Latency.of(lags);
    }
}
