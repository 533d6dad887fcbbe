package io.livepredict.streams.context;

import io.livepredict.contract.DenseFeature;
import io.livepredict.contract.KindDefinition;
import io.livepredict.streams.activity.ContextFeatures;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads a context's features from the table of recent buckets. They change once in ten seconds, so they are kept until
 * the table's value or the bucket that may be known has changed. Used by one task's thread.
 */
public final class ContextReader implements ContextFeatures {
    private static final int KEPT = 4_096;

    private final Function<String, byte @Nullable []> table;
    private final ContextWindows windows;
    private final ContextFlow.Counters counters;
    private final int size;
    private final float[] quiet;

    private final Map<String, Kept> kept = new LinkedHashMap<>(64, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Kept> eldest) {
            return size() > KEPT;
        }
    };

    @SuppressWarnings("ArrayRecordComponent") // compared by identity
    private record Kept(byte[] value, long newestKnown, float[] features) {}

    /**
     * @param table value of a context in the global table, null for none
     */
    public ContextReader(KindDefinition definition, Function<String, byte @Nullable []> table) {
        this(definition, table, ContextWindows.SLACK, () -> {});
    }

    ContextReader(
            KindDefinition definition,
            Function<String, byte @Nullable []> table,
            Duration slack,
            ContextFlow.Counters counters) {
        this.table = table;
        this.counters = counters;
        windows = new ContextWindows(definition, slack);
        size = features(definition).size();
        quiet = new float[size];
        windows.fill(0, quiet, 0);
    }

    /** The features that a reader fills, in order. */
    public static List<DenseFeature> features(KindDefinition definition) {
        return ContextWindows.describe(definition);
    }

    @Override
    public void fill(String contextId, long asOfMillis, float[] dense, int offset) {
        byte[] value = contextId.isEmpty() ? null : table.apply(contextId);
        System.arraycopy(value == null ? quiet : features(contextId, asOfMillis, value), 0, dense, offset, size);
    }

    private float[] features(String contextId, long asOfMillis, byte[] value) {
        long newestKnown = ContextWindows.newestKnown(asOfMillis);
        Kept found = kept.get(contextId);
        if (found != null && found.value == value && found.newestKnown == newestKnown) {
            return found.features;
        }
        float[] features = new float[size];
        if (windows.read(value)) {
            counters.looked(windows.isWhole(newestKnown), asOfMillis);
        }
        windows.fill(newestKnown, features, 0);
        kept.put(contextId, new Kept(value, newestKnown, features));
        return features;
    }
}
