package io.livepredict.streams.looks;

import io.livepredict.contract.DurationFormat;
import java.time.Duration;
import java.util.List;

/**
 * After which times since its latest event a silent entity is looked at: the steps. Immutable.
 *
 * <p>A look at latest + step is due just before an event of the entity that is later than that is added, or when label time has
 * passed it, whichever comes first. So that looks happen depends on the entity's own order of events alone, and not on what the
 * others have done meanwhile.
 */
public final class LookPlan {
    /** There is no further step. */
    public static final long NONE = -1;

    private final long[] stepMillis;

    /** @param steps ascending; empty for no looks at all */
    public LookPlan(List<Duration> steps) {
        stepMillis = steps.stream().mapToLong(Duration::toMillis).toArray();
    }

    /** The first step, in milliseconds; {@link #NONE} for none. */
    long first() {
        return after(0);
    }

    /** Whether nothing is ever looked at. */
    public boolean isOff() {
        return stepMillis.length == 0;
    }

    /** The first step that is longer than that, in milliseconds; {@link #NONE} for none. */
    public long after(long millis) {
        for (long step : stepMillis) {
            if (step > millis) {
                return step;
            }
        }
        return NONE;
    }

    /**
     * The id of a look, which stands in its predictions and examples where an event has its own: the same for the same entity,
     * latest event and step, and no other. An entity has one latest time, so the event's id adds nothing.
     */
    public static String id(String entityId, long latestMillis, long stepMillis) {
        return entityId + '@' + latestMillis + '+' + DurationFormat.format(Duration.ofMillis(stepMillis));
    }
}
