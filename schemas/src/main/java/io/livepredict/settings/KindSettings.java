package io.livepredict.settings;

import io.livepredict.contract.Kind;
import io.livepredict.contract.KindDefinition;
import io.livepredict.contract.KindDefinitionBuilder;
import io.soabase.recordbuilder.core.RecordBuilder;
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
 * What the events of a kind are and which features are made of them. Every key may be left out; then the shipped definition of
 * the kind stands. A key that is given replaces the shipped list or map whole.
 *
 * @param eventTypes the declared event types, in order, 1 to 64; append new ones at the end; an event of another type is counted
 *     and skipped; default: as shipped
 * @param sessionStart the event types that open a session; default: those of the shipped ones that are declared
 * @param sessionEnd the event types that close a session; nothing is predicted at them unless a target says so; default: those of
 *     the shipped ones that are declared
 * @param windows lengths of the sliding windows over which events are counted, ascending; default: as shipped
 * @param sessionGap inactivity after which a session counts as closed, for features only; default: as shipped
 * @param halfLife the half-life of the decayed lifetime aggregates; default: as shipped
 * @param numbers how each number of an event is aggregated, by its name; default: as shipped
 * @param attributes into how many buckets each attribute of an event is hashed, by its name; default: as shipped
 * @param contextBuckets buckets for the hashed id of the room or match, at least 2; default: as shipped
 * @param textBuckets buckets for hashed words of the chat text; 0 for no such features; default: as shipped
 * @param sequenceLength how many recent events a feature vector carries, 0 to 256; default: as shipped
 * @param looks after which times since its latest event an entity that is silent is scored again, such as {@code [30s, 5m, 1d]},
 *     ascending: at such a look time has moved on and nothing has happened. Looks end after the last, and with an event
 *     that closes a session. Targets name {@code LOOK} in {@code predict-on}, and in {@code snapshot-on} to learn from looks;
 *     feature vectors then carry one input more. The longest with {@code time.grace} must be shorter than
 *     {@code state.retention}; default: none
 */
@RecordBuilder
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
        @Nullable Integer sequenceLength,
        @Nullable List<Duration> looks) {

    /** Settings that leave the shipped definition as it is. */
    public static KindSettings defaults() {
        return KindSettings.builder().build();
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
            return KindDefinitionBuilder.builder()
                    .kind(kind)
                    .eventTypes(types)
                    .sessionStart(
                            sessionStart != null
                                    ? new LinkedHashSet<>(sessionStart)
                                    : kept(shipped.sessionStart(), types))
                    .sessionEnd(
                            sessionEnd != null ? new LinkedHashSet<>(sessionEnd) : kept(shipped.sessionEnd(), types))
                    .windows(windows != null ? windows : shipped.windows())
                    .sessionGap(sessionGap != null ? sessionGap : shipped.sessionGap())
                    .halfLife(halfLife != null ? halfLife : shipped.halfLife())
                    .numbers(numbers != null ? aggregates(numbers) : shipped.numbers())
                    .attributes(attributes != null ? attributes : shipped.attributes())
                    .contextBuckets(contextBuckets != null ? contextBuckets : shipped.contextBuckets())
                    .textBuckets(textBuckets != null ? textBuckets : shipped.textBuckets())
                    .sequenceLength(sequenceLength != null ? sequenceLength : shipped.sequenceLength())
                    .looks(looks != null ? looks : shipped.looks())
                    .build();
        } catch (IllegalArgumentException e) {
            throw new SettingsException(List.of("kinds", kind.id()), "kinds." + kind.id() + ": " + e.getMessage(), e);
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

    /** Makes one in code; what is not given is left out. */
    public static KindSettingsBuilder builder() {
        return KindSettingsBuilder.builder();
    }
}
