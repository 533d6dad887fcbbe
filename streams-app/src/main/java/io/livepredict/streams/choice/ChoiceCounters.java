package io.livepredict.streams.choice;

/** What choices report of themselves; counted by whoever runs them. Called on stream threads. */
public interface ChoiceCounters {
    /**
     * Somebody chose a room.
     *
     * @param candidate whether it was among the candidates
     */
    void chosen(boolean candidate);

    /** A stored value or part was dropped because another build had written it. */
    void unreadable();

    /** Counts nothing. */
    static ChoiceCounters none() {
        return new ChoiceCounters() {
            @Override
            public void chosen(boolean candidate) {}

            @Override
            public void unreadable() {}
        };
    }
}
