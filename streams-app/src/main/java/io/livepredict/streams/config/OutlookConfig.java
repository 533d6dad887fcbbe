package io.livepredict.streams.config;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What is expected of each room or match every ten seconds, in the topic {@code outlook}. Takes two more topics, one of them
 * internal.
 *
 * @param presentFor how long after its last event in a room or match an entity counts as present in it, whole tens of seconds;
 *     default {@code 2m}
 */
public record OutlookConfig(@Nullable Duration presentFor) {
    public OutlookConfig {
        if (presentFor != null && (presentFor.toMillis() < 10_000 || presentFor.toMillis() % 10_000 != 0)) {
            throw new IllegalArgumentException("present-for must be whole tens of seconds, at least 10s");
        }
    }
}
