package io.livepredict.streams.ingest;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How far an event's time may be from its record's transport time. An event outside never moves a watermark.
 *
 * @param maxAhead null for no bound, as in a replay
 * @param maxBehind null for no bound, as in a replay
 * @param liveFromMillis earlier events may be behind by any time, epoch milliseconds; {@link Long#MIN_VALUE} for none
 */
public record TimeBounds(
        @Nullable Duration maxAhead, @Nullable Duration maxBehind, long liveFromMillis) {
    /** For a recorded log: event times may be any. */
    public static final TimeBounds NONE = new TimeBounds(null, null, Long.MIN_VALUE);

    /** One minute ahead, seven days behind. */
    public static TimeBounds defaults() {
        return new TimeBounds(Duration.ofMinutes(1), Duration.ofDays(7), Long.MIN_VALUE);
    }
}
