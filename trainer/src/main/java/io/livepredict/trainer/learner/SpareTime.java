package io.livepredict.trainer.learner;

import io.livepredict.contract.Kind;
import java.time.Clock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the trainer has time for more than new examples: not from when many wait until few do. Says so when that changes, once
 * a minute at most. Owned by one thread.
 */
final class SpareTime {
    private static final Logger LOG = LoggerFactory.getLogger(SpareTime.class);
    /** Two polls' worth. */
    private static final long MANY = 4_000;

    private static final long FEW = 1_000;
    private static final long SAY_EVERY_MILLIS = 60_000;

    private final Kind kind;
    private final Clock clock;
    private boolean none;
    private boolean said;
    private long saidAt = Long.MIN_VALUE / 2;

    SpareTime(Kind kind, Clock clock) {
        this.kind = kind;
        this.clock = clock;
    }

    /** @param behind examples that wait */
    boolean isNone(long behind) {
        none = behind > (none ? FEW : MANY);
        if (none != said && clock.millis() - saidAt >= SAY_EVERY_MILLIS) {
            said = none;
            saidAt = clock.millis();
            if (none) {
                LOG.warn("{}: {} examples wait: learns from new ones only until few wait", kind.id(), behind);
            } else {
                LOG.info("{}: few examples wait: learns from older ones once more in spare time again", kind.id());
            }
        }
        return none;
    }
}
