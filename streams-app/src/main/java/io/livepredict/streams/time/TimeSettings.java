package io.livepredict.streams.time;

import io.livepredict.contract.DurationFormat;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * How event time moves.
 *
 * @param grace how much later than a newer one an event may arrive and still count
 * @param idleAfter a task to which no event came for so long, by the wall clock, and which is known to have read all there
 *     is ({@link InputProgress}), decides labels by the clock; empty for never, as in a replay
 * @param retention an entity silent for longer than this is forgotten; longer than the longest horizon and the grace
 * @param liveFrom earlier events are history: the clock says nothing of them, and decides nothing before it; empty for none
 */
public record TimeSettings(
        Duration grace, Optional<Duration> idleAfter, Duration retention, Optional<Instant> liveFrom) {
    public TimeSettings {
        require(!grace.isNegative(), "grace must not be negative, got " + DurationFormat.format(grace));
        require(
                idleAfter.isEmpty() || idleAfter.get().toMillis() > 0,
                "idle-after must be positive, got "
                        + idleAfter.map(DurationFormat::format).orElse(""));
        require(
                retention.compareTo(grace) > 0,
                "retention " + DurationFormat.format(retention) + " must be longer than the grace "
                        + DurationFormat.format(grace));
    }

    /** Without history. */
    public TimeSettings(Duration grace, Optional<Duration> idleAfter, Duration retention) {
        this(grace, idleAfter, retention, Optional.empty());
    }

    /** Grace 5 s, idle after 10 s, retention a year: an entity that comes back within it is known again. */
    public static TimeSettings defaults() {
        return new TimeSettings(Duration.ofSeconds(5), Optional.of(Duration.ofSeconds(10)), Duration.ofDays(365));
    }

    /** Whether transport time and the wall clock are related to event time; in a replay they are not. */
    public boolean isLive() {
        return idleAfter.isPresent();
    }

    /** Earlier events are history, epoch milliseconds; {@link Long#MIN_VALUE} where none are. */
    public long liveFromMillis() {
        return liveFrom.map(Instant::toEpochMilli).orElse(Long.MIN_VALUE);
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new IllegalArgumentException(message);
        }
    }
}
