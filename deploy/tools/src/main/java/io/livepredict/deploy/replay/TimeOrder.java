package io.livepredict.deploy.replay;

import io.livepredict.contract.CanonicalEvent;
import java.time.Duration;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Puts events in order of time that are out of order by a bounded length; events of one time keep their order. Holds the events
 * of that length only.
 */
final class TimeOrder {
    /** More would not fit a small heap. */
    static final int MOST_HELD = 500_000;

    private final long withinMillis;
    private final Supplier<@Nullable CanonicalEvent> events;
    private final PriorityQueue<Held> held = new PriorityQueue<>(
            Comparator.comparingLong((Held h) -> h.event().timeMillis()).thenComparingLong(Held::number));
    private long read;
    private long latestMillis = Long.MIN_VALUE;
    private boolean atEnd;

    private record Held(CanonicalEvent event, long number) {}

    /** @param events the next one, null at the end */
    TimeOrder(Duration within, Supplier<@Nullable CanonicalEvent> events) {
        this.withinMillis = within.toMillis();
        this.events = events;
    }

    /**
     * The next event in order; null at the end.
     *
     * @throws LogException if too many events lie within the length
     */
    @Nullable
    CanonicalEvent next() {
        while (!atEnd && (held.isEmpty() || held.peek().event().timeMillis() > latestMillis - withinMillis)) {
            CanonicalEvent event = events.get();
            if (event == null) {
                atEnd = true;
            } else {
                if (held.size() == MOST_HELD) {
                    throw new LogException(
                            "more than " + MOST_HELD + " events lie within what sort in the mapping says:"
                                    + " give a shorter length, or sort the file beforehand");
                }
                held.add(new Held(event, read++));
                latestMillis = Math.max(latestMillis, event.timeMillis());
            }
        }
        Held first = held.poll();
        return first == null ? null : first.event();
    }
}
