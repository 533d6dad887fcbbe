package io.livepredict.streams.config;

import io.livepredict.settings.KindsAndTargets;
import io.livepredict.settings.SettingsException;
import io.livepredict.streams.config.StreamsAppConfig.Time;
import io.livepredict.streams.ingest.TimeBounds;
import io.livepredict.streams.time.TimeSettings;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the keys under {@code time} mean, with everything filled in. */
final class ResolvedTime {
    private ResolvedTime() {}

    /** @throws SettingsException if the retention is too short; says at which key */
    static TimeSettings settings(@Nullable Time given, @Nullable Duration retention, KindsAndTargets kinds) {
        TimeSettings shipped = TimeSettings.defaults();
        Duration grace = given == null ? shipped.grace() : or(given.grace(), shipped.grace());
        Optional<Duration> idle = given != null && given.replay()
                ? Optional.empty()
                : given != null && given.idleAfter() != null ? Optional.of(given.idleAfter()) : shipped.idleAfter();
        return new TimeSettings(
                grace,
                idle,
                Retention.of(retention, kinds, grace),
                Optional.ofNullable(given == null ? null : given.liveFrom()));
    }

    static TimeBounds bounds(@Nullable Time given) {
        TimeBounds shipped = TimeBounds.defaults();
        if (given == null) {
            return shipped;
        }
        return given.replay()
                ? TimeBounds.NONE
                : new TimeBounds(
                        given.maxAhead() == null ? shipped.maxAhead() : given.maxAhead(),
                        given.maxBehind() == null ? shipped.maxBehind() : given.maxBehind(),
                        given.liveFrom() == null
                                ? Long.MIN_VALUE
                                : given.liveFrom().toEpochMilli());
    }

    private static <T> T or(@Nullable T given, T shipped) {
        return given == null ? shipped : given;
    }
}
