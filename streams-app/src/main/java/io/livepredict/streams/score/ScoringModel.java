package io.livepredict.streams.score;

/**
 * A model version ready to score, shared by all tasks of a kind. Tasks reach it through {@link ActiveModel}, which
 * closes it when no batch uses it any longer.
 */
public interface ScoringModel extends AutoCloseable {
    /** Which model this is. */
    ModelIdentity identity();

    /** Which model makes each target's score: this one, or the prior where it has no head that has learned. */
    ScoreOrigins origins();

    /** When the newest example that it has learned from was emitted, epoch milliseconds; 0 if it has learned from none. */
    default long lastExampleEmittedAtMillis() {
        return 0;
    }

    /** Whether its scorers can give reasons. */
    boolean explains();

    /**
     * A scorer for one task's thread.
     *
     * @param maxRows the largest batch it will be given
     * @param buffers that thread's buffers, which the task's next scorer will use again
     */
    Scorer newScorer(int maxRows, DirectBuffers buffers);

    /** Frees what is native. Called once, when nothing scores with it. */
    @Override
    void close();
}
