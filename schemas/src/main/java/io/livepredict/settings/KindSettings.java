package io.livepredict.settings;

import io.livepredict.contract.Kind;
import io.livepredict.contract.KindDefinition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a kind's events are and which features are made of them, as configuration writes it. Every key may be left out;
 * then the shipped definition of the kind stands ({@link KindDefinition#defaults}). A key that is given replaces the
 * shipped list or map whole.
 *
 * @param eventTypes declared event types, in order; append new ones at the end
 * @param sessionStart those that open a session; default: the shipped ones that are declared
 * @param sessionEnd those that close one; default: the shipped ones that are declared
 * @param windows the sliding windows, ascending
 * @param sessionGap inactivity after which a session counts as closed, for features only
 * @param halfLife of the decayed lifetime aggregates
 * @param numbers the numbers aggregated, by name: any of {@code sum}, {@code mean}, {@code last}
 * @param attributes the attributes hashed, by name: into how many buckets
 * @param contextBuckets buckets for the hashed id of the room or match
 * @param textBuckets buckets for hashed chat tokens; 0 for none
 * @param sequenceLength how many recent events a vector carries
 */
public record KindSettings(
        @Nullable List<String> eventTypes,
        @Nullable List<String> sessionStart,
        @Nullable List<String> sessionEnd,
        @Nullable List<Duration> windows,
        @Nullable Duration sessionGap,
        @Nullable Duration halfLife,
        @Nullable Map<String, List<KindDefinition.Aggregate>> numbers,
        @Nullable Map<String, Integer> attributes,
        @Nullable Integer contextBuckets,
        @Nullable Integer textBuckets,
        @Nullable Integer sequenceLength) {

    /** Settings that leave the shipped definition as it is. */
    public static KindSettings defaults() {
        return new KindSettings(null, null, null, null, null, null, null, null, null, null, null);
    }

    /**
     * The kind's definition.
     *
     * @throws SettingsException if the result makes no sense
     */
    public KindDefinition definition(Kind kind) {
        KindDefinition shipped = KindDefinition.defaults(kind);
        List<String> types = eventTypes != null ? eventTypes : shipped.eventTypes();
        try {
            return new KindDefinition(
                    kind,
                    types,
                    sessionStart != null ? new LinkedHashSet<>(sessionStart) : kept(shipped.sessionStart(), types),
                    sessionEnd != null ? new LinkedHashSet<>(sessionEnd) : kept(shipped.sessionEnd(), types),
                    windows != null ? windows : shipped.windows(),
                    sessionGap != null ? sessionGap : shipped.sessionGap(),
                    halfLife != null ? halfLife : shipped.halfLife(),
                    numbers != null ? aggregates(numbers) : shipped.numbers(),
                    attributes != null ? attributes : shipped.attributes(),
                    contextBuckets != null ? contextBuckets : shipped.contextBuckets(),
                    textBuckets != null ? textBuckets : shipped.textBuckets(),
                    sequenceLength != null ? sequenceLength : shipped.sequenceLength());
        } catch (IllegalArgumentException e) {
            throw new SettingsException("features: " + kind.id() + ": " + e.getMessage(), e);
        }
    }

    private static Set<String> kept(Collection<String> shipped, List<String> types) {
        List<String> kept = new ArrayList<>(shipped);
        kept.retainAll(types);
        return new LinkedHashSet<>(kept);
    }

    private static Map<String, Set<KindDefinition.Aggregate>> aggregates(
            Map<String, List<KindDefinition.Aggregate>> numbers) {
        Map<String, Set<KindDefinition.Aggregate>> sets = new LinkedHashMap<>();
        numbers.forEach((name, list) -> sets.put(name, new LinkedHashSet<>(list)));
        return sets;
    }
}
