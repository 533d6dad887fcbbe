package io.livepredict.streams.activity;

import org.apache.kafka.common.TopicPartition;

/** What activity reports of itself; counted by whoever runs it. Called on stream threads. */
public interface ActivityCounters {
    /** An event was added to its entity's activity. */
    void added();

    /** A look at a silent entity was taken. */
    default void looked() {}

    /**
     * By how much the label time of a task is held back now because looks that are due have not been taken yet; 0 for not at
     * all. Reported several times per second.
     */
    default void looksBehind(int task, long millis) {}

    /** An event had been seen before and was dropped. */
    void repeated();

    /** An event was older than the watermark and went to the dead letters. */
    void late();

    /**
     * An event was added whose time lies before a point to which the wall clock had already advanced label time, so
     * labels were decided without it.
     */
    default void heldBack() {}

    /**
     * How long that source partition has held up the time of a task by now, by the wall clock; 0 once it no longer
     * does. Reported several times per minute while it exceeds one minute.
     */
    default void heldUp(TopicPartition source, long millis) {}

    /** An open stay was forgotten because its entity is in too many contexts at once. */
    void stayDropped();

    /** An entity that had been silent for longer than the retention was forgotten. */
    void expired();

    /** A stored value had another layout, or could not be read, and was dropped. */
    void unreadable();

    /** A stored value had another definition's layout, and what has the same name in both was taken over. */
    default void converted() {}

    /**
     * The recent buckets of a room or match were looked up for a row.
     *
     * @param whole false if some of them were dropped already, because this task is too far behind others
     */
    default void contextLooked(boolean whole) {}

    /** An event was dropped because its entity was to be forgotten after it. */
    default void erasedEvent() {}

    /** Counts nothing. */
    static ActivityCounters none() {
        return new ActivityCounters() {
            @Override
            public void added() {}

            @Override
            public void repeated() {}

            @Override
            public void late() {}

            @Override
            public void stayDropped() {}

            @Override
            public void expired() {}

            @Override
            public void unreadable() {}
        };
    }
}
