package io.livepredict.deploy.connect;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * When a connector that failed is restarted: after a second, then after waits that double up to a minute, each shortened by
 * chance to as little as half, so that many connectors do not all come back at the same moment. Once it has been well for
 * two minutes it starts again from a second. There is no last try: what it waits for may be away for a night.
 */
final class RestartPlan {
    private static final Duration FIRST_WAIT = Duration.ofSeconds(1);
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(1);
    private static final Duration WELL_AFTER = Duration.ofMinutes(2);
    private static final int MOST_DOUBLINGS = 6;

    private final InstantSource clock;
    private final RandomGenerator random;
    private @Nullable Instant due;
    private @Nullable Instant wellSince;
    private int tries;

    RestartPlan(InstantSource clock, RandomGenerator random) {
        this.clock = clock;
        this.random = random;
    }

    /** Takes what was just seen, and says whether to restart now; if so, that counts as a try. */
    boolean isDue(boolean isFailed) {
        Instant now = clock.instant();
        if (!isFailed) {
            due = null;
            if (wellSince == null) {
                wellSince = now;
            }
            return false;
        }
        wellSince = null;
        if (due == null) {
            due = now.plus(nextWait());
        }
        if (now.isBefore(due)) {
            return false;
        }
        due = null;
        tries++;
        return true;
    }

    /** Whether it has been well for long enough since it last failed; the tries are then forgotten. True once each time. */
    boolean hasRecovered() {
        if (tries == 0
                || wellSince == null
                || Duration.between(wellSince, clock.instant()).compareTo(WELL_AFTER) < 0) {
            return false;
        }
        tries = 0;
        return true;
    }

    /** Restarts in a row. */
    int tries() {
        return tries;
    }

    /** The longest wait before the next try. */
    Duration longestNextWait() {
        Duration doubled = FIRST_WAIT.multipliedBy(1L << Math.min(tries, MOST_DOUBLINGS));
        return doubled.compareTo(LONGEST_WAIT) < 0 ? doubled : LONGEST_WAIT;
    }

    private Duration nextWait() {
        long longest = longestNextWait().toMillis();
        return Duration.ofMillis(random.nextLong(longest / 2, longest + 1));
    }
}
