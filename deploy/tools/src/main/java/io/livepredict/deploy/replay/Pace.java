package io.livepredict.deploy.replay;

/**
 * Holds a replay back so that it learns as it would have, live: it never gets further ahead than a given number of events
 * of what the streams app has scored, the trainer has learned from and the scorer has activated. Works in rounds: a mark
 * is set at what has been sent, and acknowledged when all three have come past it. Pure but for what it asks; not safe
 * for use from several threads.
 */
final class Pace {
    private final Downstream downstream;
    private final long maxAhead;
    private long mark;
    private long acknowledged;
    private long examplesAtMark = -1;
    private boolean learned;

    /** @param maxAhead events, at least 1 */
    Pace(Downstream downstream, long maxAhead) {
        if (maxAhead < 1) {
            throw new IllegalArgumentException("max-ahead must be at least 1, got " + maxAhead);
        }
        this.downstream = downstream;
        this.maxAhead = maxAhead;
    }

    /** Whether one more event may be sent after {@code sent} ones. */
    boolean maySend(long sent) {
        if (sent - acknowledged < maxAhead) {
            return true;
        }
        // Not the newest event but one half a stretch back, which has likely been committed by now.
        advance(Math.max(acknowledged + 1, sent - maxAhead / 2));
        return sent - acknowledged < maxAhead;
    }

    /** Whether everything sent has come all the way. */
    boolean isDone(long sent) {
        advance(sent);
        return acknowledged >= sent;
    }

    /** Goes on with the mark that is set, or sets the next one. */
    private void advance(long next) {
        if (mark <= acknowledged) {
            mark = next;
            examplesAtMark = -1;
            learned = false;
        }
        if (downstream.eventsConsumed() < mark) {
            return;
        }
        if (examplesAtMark < 0) {
            examplesAtMark = downstream.examplesEmitted();
        }
        if (!learned && downstream.examplesConsumed() < examplesAtMark) {
            return;
        }
        learned = true;
        if (downstream.newestModelsActive()) {
            acknowledged = mark;
        }
    }
}
