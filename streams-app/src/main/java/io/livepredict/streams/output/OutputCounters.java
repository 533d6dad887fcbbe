package io.livepredict.streams.output;

import io.livepredict.contract.Target;
import io.livepredict.streams.time.OutputGate;

/** What is reported of outputs; counted by whoever runs them. Called on stream threads. */
public interface OutputCounters {
    /** A prediction was sent on. */
    void predicted(Target target);

    /** A prediction was made and not sent on. */
    void withheld(Target target, OutputGate.Withheld why);

    /** An alert was raised. */
    default void raised(String alert, boolean heldOut) {}

    /** An alert was cleared. */
    default void cleared(String alert, String cause) {}

    /** It became known whether the target of an alert that was raised came true. */
    default void outcome(String alert, boolean heldOut, boolean happened) {}

    /** An alert was not raised, because its entity has too many. */
    default void notRaised(String alert) {}

    /** An alert was raised but is not followed to its target's label, because its entity has too many. */
    default void notFollowed(String alert) {}
}
