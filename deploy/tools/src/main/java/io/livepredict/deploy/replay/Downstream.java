package io.livepredict.deploy.replay;

/** How far the pipeline has come with what was sent to it. Asked from the replay's own thread. */
public interface Downstream {
    /** How many of the events sent, since the replay began, the streams app has committed. */
    long eventsConsumed();

    /** How many examples are in the topics. */
    long examplesEmitted();

    /** How many of them the trainer has consumed. */
    long examplesConsumed();

    /** Whether the newest published version of every kind is the one that serves. */
    boolean newestModelsActive();
}
