package io.livepredict.streams.score;

/** Why a batch was scored when it was. */
public enum FlushCause {
    /** It was full. */
    FULL,
    /** Its first row had waited long enough (at-least-once only). */
    TIME,
    /** The task was about to commit. */
    COMMIT
}
