package io.livepredict.trainer.learner;

import io.livepredict.trainer.learner.KindTrainer.Phase;
import java.time.Duration;
import java.util.function.LongSupplier;

/** Where a trainer's loop stands. Written by the trainer's thread, read by any. */
final class Standing {
    /** A step, a version or a checkpoint takes less. */
    private static final Duration LONGEST_TURN = Duration.ofSeconds(20);

    private final LongSupplier nanoClock;
    private volatile Phase phase = Phase.STARTING;
    private volatile String words = "starting";
    private volatile long turnAtNanos;
    private volatile String doing = "starting";

    /** @param nanoClock what {@link System#nanoTime} gives */
    Standing(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
        turnAtNanos = nanoClock.getAsLong();
    }

    Phase phase() {
        return phase;
    }

    /** What the phase means, in one line for a person. */
    String words() {
        return words;
    }

    void enter(Phase next, String description) {
        turn("runs");
        phase = next;
        words = description;
    }

    /** The loop has come round again, and this is what it does next. */
    void turn(String next) {
        turnAtNanos = nanoClock.getAsLong();
        doing = next;
    }

    /** @param alive whether the trainer's thread runs */
    Readiness readiness(boolean alive) {
        if (phase != Phase.RUNNING) {
            return new Readiness(false, words);
        }
        if (!alive) {
            return new Readiness(false, "its thread is gone; restart the trainer");
        }
        Duration still = Duration.ofNanos(nanoClock.getAsLong() - turnAtNanos);
        if (still.compareTo(LONGEST_TURN) > 0) {
            return new Readiness(false, "has hung for " + still.toSeconds() + " s while it " + doing);
        }
        return new Readiness(true, words);
    }
}
