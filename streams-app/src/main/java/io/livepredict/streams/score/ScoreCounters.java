package io.livepredict.streams.score;

/** What scoring reports of itself; counted by whoever runs it. Called on stream threads. */
public interface ScoreCounters {
    /**
     * A batch was scored.
     *
     * @param rows how many rows the model was given, possibly 0
     * @param nanos how long that took
     */
    void batch(int rows, long nanos, FlushCause cause);

    /** The time from a record's transport timestamp to its scoring. */
    void latency(long millis);

    /**
     * The first rows were scored by a model that has learned from newer examples than those before it.
     *
     * @param millis since the newest of them was emitted
     */
    void learningLag(long millis);

    /** A row could not be scored and went to the dead letters. */
    void failed();

    /** Rows whose reasons were computed. */
    void explained(int rows);

    /** Counts nothing. */
    static ScoreCounters none() {
        return new ScoreCounters() {
            @Override
            public void batch(int rows, long nanos, FlushCause cause) {}

            @Override
            public void latency(long millis) {}

            @Override
            public void learningLag(long millis) {}

            @Override
            public void failed() {}

            @Override
            public void explained(int rows) {}
        };
    }
}
