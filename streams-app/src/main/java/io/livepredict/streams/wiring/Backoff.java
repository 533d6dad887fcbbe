package io.livepredict.streams.wiring;

import java.time.Duration;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * How long to wait before the next attempt: twice as long each time, up to a bound, times a random factor of a half to one.
 * After a while without a failure it begins anew. Safe for use from several threads.
 */
final class Backoff {
    private static final Duration FIRST = Duration.ofMillis(200);
    private static final Duration LONGEST = Duration.ofSeconds(15);
    private static final Duration FORGOTTEN_AFTER = Duration.ofMinutes(2);

    private final LongSupplier nanoClock;
    private final RandomGenerator random;
    private long pauseMillis;
    private long lastNanos;

    /**
     * @param nanoClock what {@link System#nanoTime} gives
     * @param random spreads many instances that fail at once
     */
    Backoff(LongSupplier nanoClock, RandomGenerator random) {
        this.nanoClock = nanoClock;
        this.random = random;
    }

    /** It failed: how long to wait now, in milliseconds. */
    synchronized long next() {
        long now = nanoClock.getAsLong();
        boolean again = pauseMillis > 0 && now - lastNanos < FORGOTTEN_AFTER.toNanos();
        pauseMillis = again ? Math.min(2 * pauseMillis, LONGEST.toMillis()) : FIRST.toMillis();
        lastNanos = now;
        return pauseMillis / 2 + random.nextLong(pauseMillis / 2 + 1);
    }
}
