package io.livepredict.contract;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What a kind's events are and which features are made of them.
 *
 * @param kind the kind
 * @param eventTypes declared event types in order; an event of another type is counted and skipped
 * @param sessionStart those that open a session
 * @param sessionEnd those that close one; nothing is predicted at them unless a target says so
 * @param windows the sliding windows, ascending
 * @param sessionGap inactivity after which a session counts as closed, for features only
 * @param halfLife of the decayed lifetime aggregates
 * @param numbers the numbers aggregated, by name, and how
 * @param attributes the attributes hashed, by name, and into how many buckets
 * @param contextBuckets buckets for the hashed id of the room or match
 * @param textBuckets buckets for hashed chat tokens; 0 for none
 * @param sequenceLength K, how many recent events a vector carries
 * @param looks after which times since its latest event an entity is looked at, ascending; empty for no looks
 */
@RecordBuilder
public record KindDefinition(
        Kind kind,
        List<String> eventTypes,
        Set<String> sessionStart,
        Set<String> sessionEnd,
        List<Duration> windows,
        Duration sessionGap,
        Duration halfLife,
        Map<String, Set<Aggregate>> numbers,
        Map<String, Integer> attributes,
        int contextBuckets,
        int textBuckets,
        int sequenceLength,
        List<Duration> looks) {

    /** Stands for an event type where no event causes a row but silence: a look. */
    public static final String LOOK = "LOOK";

    /** How a number is aggregated over a window. */
    public enum Aggregate {
        SUM,
        MEAN,
        LAST
    }

    public KindDefinition {
        eventTypes = List.copyOf(new LinkedHashSet<>(eventTypes));
        sessionStart = Collections.unmodifiableSet(new LinkedHashSet<>(sessionStart));
        sessionEnd = Collections.unmodifiableSet(new LinkedHashSet<>(sessionEnd));
        windows = List.copyOf(windows);
        looks = List.copyOf(Objects.requireNonNullElse(looks, List.of())); // a builder that is given none
        numbers = Collections.unmodifiableMap(new LinkedHashMap<>(numbers));
        attributes = Collections.unmodifiableMap(new LinkedHashMap<>(attributes));
        for (String type : sessionStart) {
            require(eventTypes.contains(type), "session-start names " + type + ", which is not a declared event type");
        }
        for (String type : sessionEnd) {
            require(eventTypes.contains(type), "session-end names " + type + ", which is not a declared event type");
        }
        require(!eventTypes.isEmpty() && eventTypes.size() <= 64, "between 1 and 64 event types are declared");
        require(!windows.isEmpty(), "at least one window is needed");
        requireAscending("windows", windows);
        requireAscending("looks", looks);
        require(
                looks.isEmpty() || !eventTypes.contains(LOOK),
                "an event type is called " + LOOK + ", which with looks stands for a look: give it another name");
        require(sessionGap.toMillis() > 0, "session-gap must be positive, got " + DurationFormat.format(sessionGap));
        require(halfLife.toMillis() > 0, "half-life must be positive, got " + DurationFormat.format(halfLife));
        require(sequenceLength >= 0 && sequenceLength <= 256, "sequence-length must be in 0..256");
        require(contextBuckets >= 2, "context-buckets must be at least 2, got " + contextBuckets);
        require(textBuckets >= 0, "text-buckets must not be negative, got " + textBuckets);
    }

    /** The shipped definition of a kind. */
    public static KindDefinition defaults(Kind kind) {
        List<Duration> windows =
                List.of(Duration.ofSeconds(10), Duration.ofMinutes(1), Duration.ofMinutes(5), Duration.ofMinutes(30));
        return switch (kind) {
            case VIEWER ->
                KindDefinitionBuilder.builder()
                        .kind(kind)
                        .eventTypes(List.of(
                                "JOIN", "HEARTBEAT", "CHAT", "LIKE", "GIFT", "FOLLOW", "SHARE", "PURCHASE", "LEAVE"))
                        .sessionStart(Set.of("JOIN"))
                        .sessionEnd(Set.of("LEAVE"))
                        .windows(windows)
                        .sessionGap(Duration.ofMinutes(30))
                        .halfLife(Duration.ofDays(7))
                        .numbers(Map.of("gift_value", Set.of(Aggregate.SUM)))
                        .attributes(Map.of("device", 64))
                        .contextBuckets(1024)
                        .textBuckets(0)
                        .sequenceLength(32)
                        .looks(List.of())
                        .build();
            case PLAYER ->
                KindDefinitionBuilder.builder()
                        .kind(kind)
                        .eventTypes(List.of(
                                "LOGIN",
                                "MATCH_START",
                                "MATCH_END",
                                "KILL",
                                "DEATH",
                                "ASSIST",
                                "LEVEL_UP",
                                "PURCHASE",
                                "CHAT",
                                "LOGOUT"))
                        .sessionStart(Set.of("LOGIN"))
                        .sessionEnd(Set.of("LOGOUT"))
                        .windows(windows)
                        .sessionGap(Duration.ofMinutes(30))
                        .halfLife(Duration.ofDays(7))
                        .numbers(Map.of("score", Set.of(Aggregate.MEAN, Aggregate.LAST)))
                        .attributes(Map.of("device", 64))
                        .contextBuckets(1024)
                        .textBuckets(0)
                        .sequenceLength(32)
                        .looks(List.of())
                        .build();
        };
    }

    private static void requireAscending(String name, List<Duration> durations) {
        for (int i = 0; i < durations.size(); i++) {
            long before = i == 0 ? 0 : durations.get(i - 1).toMillis();
            require(
                    durations.get(i).toMillis() > before,
                    name + " must be positive and ascending, got " + DurationFormat.format(durations));
        }
    }

    /** What rows can be of: the event types, and with looks {@link #LOOK} behind them. */
    public List<String> rowTypes() {
        return looks.isEmpty()
                ? eventTypes
                : Stream.concat(eventTypes.stream(), Stream.of(LOOK)).toList();
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new IllegalArgumentException(message);
        }
    }
}
