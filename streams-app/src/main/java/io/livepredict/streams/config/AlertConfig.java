package io.livepredict.streams.config;

import io.livepredict.settings.Settings;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An alert: a record when a score gets high, and one when it is over, in the topic {@code alerts}. Each entity has its own in
 * each room or match.
 *
 * @param name the alert's name, unique among all alerts; it also decides who is held out
 * @param target the target whose score is watched
 * @param raiseAt the score from which on the alert is raised; with a binary target a probability
 * @param clearBelow the score below which it is cleared, not above {@code raise-at}; further apart they make fewer alerts that
 *     come and go; default: the same as {@code raise-at}
 * @param clearAfter it is also cleared when no score came for so long, in event time; default {@code 5m}
 * @param cooldown the least time between two raises for one entity in one room or match; default {@code 10m}
 * @param onlyIf what must hold of features besides, all of it, at the moment of the raise; default: nothing
 * @param holdout the share of entities, 0 to 0.5, whose alerts are marked {@code withheld} and must not be acted on, so that what
 *     acting does can be measured, and what is learned stays true; always the same entities, others for each alert; default
 *     {@code 0.05}
 */
public record AlertConfig(
        String name,
        String target,
        Double raiseAt,
        @Nullable Double clearBelow,
        @Nullable Duration clearAfter,
        @Nullable Duration cooldown,
        @Nullable List<Condition> onlyIf,
        @Nullable Double holdout) {
    /**
     * What must hold of a feature. At least one of the two bounds is given.
     *
     * @param feature the feature's name, as the topic {@code feature-schemas} has it
     * @param atLeast its least value; default: any
     * @param atMost its greatest value; default: any
     */
    public record Condition(
            String feature,
            @Nullable Double atLeast,
            @Nullable Double atMost) {
        public Condition {
            Settings.required("feature", feature);
            if (atLeast == null && atMost == null) {
                throw new IllegalArgumentException("only-if: feature " + feature + " needs at-least, at-most or both");
            }
            if (atLeast != null && atMost != null && !(atLeast <= atMost)) {
                throw new IllegalArgumentException(
                        "only-if: feature " + feature + " can't be at least " + atLeast + " and at most " + atMost);
            }
        }
    }

    public AlertConfig {
        Settings.required("name", name);
        Settings.required("target", target);
        Settings.required("raise-at", raiseAt);
        if (name.isBlank()) {
            throw new IllegalArgumentException("name is empty");
        }
        require(Double.isFinite(raiseAt), name, "raise-at must be a number, got " + raiseAt);
        require(
                clearBelow == null || clearBelow <= raiseAt,
                name,
                "clear-below " + clearBelow + " is above raise-at " + raiseAt
                        + ": it would be cleared by the score that raises it");
        require(clearAfter == null || clearAfter.toMillis() > 0, name, "clear-after must be longer than nothing");
        require(cooldown == null || !cooldown.isNegative(), name, "cooldown must not be negative");
        require(holdout == null || holdout >= 0 && holdout <= 0.5, name, "holdout must be in 0..0.5, got " + holdout);
    }

    private static void require(boolean holds, String name, String message) {
        if (!holds) {
            throw new IllegalArgumentException("alert " + name + ": " + message);
        }
    }
}
