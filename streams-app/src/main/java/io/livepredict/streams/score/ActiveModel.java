package io.livepredict.streams.score;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The model that one kind is scored with now. Any thread may swap it; tasks lease it for one batch at a time, and a
 * model that was swapped out is closed when its last lease ends, never before: closing an ONNX Runtime session while
 * another thread runs it crashes the JVM.
 */
public final class ActiveModel implements AutoCloseable {
    private volatile Lease current;
    /** When the newest example was emitted that a model served here had learned from. */
    private final AtomicLong newestServedMillis;

    public ActiveModel(ScoringModel first) {
        this(first, 0);
    }

    /**
     * @param startedMillis now: what was learned from older examples was served before this start, or elsewhere
     */
    public ActiveModel(ScoringModel first, long startedMillis) {
        this.current = new Lease(first);
        this.newestServedMillis = new AtomicLong(startedMillis);
    }

    /** A use of the model that was active when {@link #lease} was called. Must be closed exactly once. */
    public static final class Lease implements AutoCloseable {
        private final ScoringModel model;
        /** One for being active, one for each batch under way; at 0 the model is closed and can't come back. */
        private final AtomicInteger users = new AtomicInteger(1);

        private Lease(ScoringModel model) {
            this.model = model;
        }

        /** The leased model. */
        public ScoringModel model() {
            return model;
        }

        private boolean enter() {
            int n = users.get();
            while (n > 0) {
                if (users.compareAndSet(n, n + 1)) {
                    return true;
                }
                n = users.get();
            }
            return false;
        }

        @Override
        public void close() {
            if (users.decrementAndGet() == 0) {
                model.close();
            }
        }
    }

    /** Leases the active model. */
    public Lease lease() {
        while (true) {
            Lease lease = current;
            if (lease.enter()) {
                return lease;
            }
            // It was swapped out and closed between the two lines above: take the new one.
        }
    }

    /** Makes this model the active one. The one before is closed as soon as nothing uses it. */
    public synchronized void swap(ScoringModel next) {
        Lease before = current;
        current = new Lease(next);
        before.close();
    }

    /**
     * Whether a batch is the first here by a model that has learned from a newer example than every model before it: true once
     * for each such model, never after going back to an older one.
     */
    public boolean isNewlyLearned(ScoringModel model) {
        long emitted = model.lastExampleEmittedAtMillis();
        long newest = newestServedMillis.get();
        return emitted > newest && newestServedMillis.compareAndSet(newest, emitted);
    }

    /** Which model is active, for display. */
    public ModelIdentity identity() {
        return current.model.identity();
    }

    /** Ends the holder's own use. Call it when nothing scores any more. */
    @Override
    public void close() {
        current.close();
    }
}
