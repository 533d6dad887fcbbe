package io.livepredict.streams.time;

import io.livepredict.contract.DurationFormat;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Says whether something that is sent out because of an event may leave: a prediction of last year's event is of no use to
 * anybody who acts on predictions. What is learned from does not pass this gate. Immutable.
 *
 * @param liveFromMillis outputs of earlier event times are withheld; {@link Long#MIN_VALUE} for none
 * @param notOlderThanMillis outputs of event times that are longer ago are withheld; {@link Long#MAX_VALUE} for none
 */
public record OutputGate(long liveFromMillis, long notOlderThanMillis) {
    /** Withholds nothing. */
    public static final OutputGate OPEN = new OutputGate(Long.MIN_VALUE, Long.MAX_VALUE);

    /** Why an output does not leave. */
    public enum Withheld {
        /** It is of an event from before {@code time.live-from}. */
        HISTORY,
        /** It is of an event longer ago than {@code predictions.not-older-than}. */
        TOO_OLD,
        /** Its target's {@code emit} keeps it back, because it says little that is new; not decided here. */
        EMIT
    }

    /**
     * What is configured.
     *
     * @param emitHistory whether outputs of events before {@code live-from} leave
     */
    public static OutputGate of(TimeSettings time, boolean emitHistory, Optional<Duration> notOlderThan) {
        notOlderThan.filter(age -> age.toMillis() <= 0).ifPresent(age -> {
            throw new IllegalArgumentException("not-older-than must be positive, got " + DurationFormat.format(age));
        });
        return new OutputGate(
                emitHistory ? Long.MIN_VALUE : time.liveFromMillis(),
                notOlderThan.map(Duration::toMillis).orElse(Long.MAX_VALUE));
    }

    /**
     * Why an output may not leave; null if it may.
     *
     * @param eventMillis its event time, epoch milliseconds
     * @param nowMillis wall clock, epoch milliseconds
     */
    public @Nullable Withheld withheld(long eventMillis, long nowMillis) {
        if (eventMillis < liveFromMillis) {
            return Withheld.HISTORY;
        }
        return nowMillis - eventMillis > notOlderThanMillis ? Withheld.TOO_OLD : null;
    }
}
