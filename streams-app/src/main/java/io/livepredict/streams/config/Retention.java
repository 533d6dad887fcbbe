package io.livepredict.streams.config;

import io.livepredict.contract.DurationFormat;
import io.livepredict.contract.Kind;
import io.livepredict.contract.Target;
import io.livepredict.settings.KindsAndTargets;
import io.livepredict.settings.SettingsException;
import io.livepredict.streams.time.TimeSettings;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** For how long a silent entity is remembered: until every label of it is decided and every look at it is taken. */
final class Retention {
    private Retention() {}

    /**
     * The retention.
     *
     * @param given as configured; null for none, then it is as shipped, or twice what is needed where that is longer
     * @throws SettingsException if it is too short
     */
    static Duration of(@Nullable Duration given, KindsAndTargets kinds, Duration grace) {
        Duration horizon = longest(kinds.targets().stream().map(Target::within));
        require(given, horizon, grace, "the longest horizon and the grace", "");
        Duration needed = horizon;
        for (Kind kind : kinds.active()) {
            Duration step = longest(kinds.definition(kind).looks().stream());
            require(
                    given,
                    step,
                    grace,
                    "the longest look and the grace",
                    ": kinds." + kind.id() + ".looks looks at entities that would be forgotten by then");
            needed = longest(Stream.of(needed, step));
        }
        Duration shipped = TimeSettings.defaults().retention();
        Duration enough = needed.plus(grace).compareTo(shipped) < 0
                ? shipped
                : needed.plus(grace).multipliedBy(2);
        return given == null ? enough : given;
    }

    private static void require(
            @Nullable Duration given, Duration longest, Duration grace, String what, String because) {
        if (given != null && given.compareTo(longest.plus(grace)) <= 0) {
            throw new SettingsException(
                    List.of("state", "retention"),
                    "state.retention: " + DurationFormat.format(given) + " must be longer than " + what + ", "
                            + DurationFormat.format(longest) + " + " + DurationFormat.format(grace) + because,
                    null);
        }
    }

    private static Duration longest(Stream<Duration> durations) {
        return durations.max(Duration::compareTo).orElse(Duration.ZERO);
    }
}
