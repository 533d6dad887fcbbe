package io.livepredict.streams.wiring;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Says how many dead letters there were, by reason: the first at once, and then what came within each minute. */
final class DeadLetterLog {
    private static final Duration PERIOD = Duration.ofMinutes(1);

    private final Supplier<Map<String, Long>> byReason;
    private final String topic;
    private final InstantSource clock;
    private final Consumer<String> log;
    private Map<String, Long> said = Map.of();
    private @Nullable Instant saidAt;

    /**
     * @param byReason how many there have been
     * @param topic where they are
     * @param log where lines go
     */
    DeadLetterLog(Supplier<Map<String, Long>> byReason, String topic, InstantSource clock, Consumer<String> log) {
        this.byReason = byReason;
        this.topic = topic;
        this.clock = clock;
        this.log = log;
    }

    /** Says what is new. To be called every few seconds, on one thread. */
    void look() {
        Instant now = clock.instant();
        Instant last = saidAt;
        if (last != null && Duration.between(last, now).compareTo(PERIOD) < 0) {
            return;
        }
        Map<String, Long> counts = byReason.get();
        Map<String, Long> fresh = new TreeMap<>();
        counts.forEach((reason, count) -> {
            long more = count - said.getOrDefault(reason, 0L);
            if (more > 0) {
                fresh.put(reason, more);
            }
        });
        said = counts;
        if (fresh.isEmpty()) {
            return;
        }
        log.accept("dead letters"
                + (last == null
                        ? ""
                        : " in the last " + Duration.between(last, now).toSeconds() + " s") + ": "
                + fresh.entrySet().stream()
                        .map(each -> each.getKey() + " " + each.getValue())
                        .collect(Collectors.joining(", "))
                + "; they are in " + topic);
        saidAt = now;
    }
}
