package io.livepredict.streams.output;

import io.livepredict.contract.Hashes;
import java.time.Duration;
import java.util.List;

/**
 * When an alert is raised and cleared, for each entity in each context by itself.
 *
 * <p>It is raised when a score of the target reaches {@code raiseAt} and all conditions hold, unless it was raised within the
 * cool-down before. It is cleared by the first of: a score below {@code clearBelow}; an event that ends the session; no
 * score for {@code clearAfter}, in event time.
 *
 * @param name unique among all alerts
 * @param target whose score is watched
 * @param raiseAt at this score or above
 * @param clearBelow below this score; not above {@code raiseAt}
 * @param clearAfter after so long without a score
 * @param cooldown the least time between two raises; zero for none
 * @param onlyIf what must hold of the features when it is raised
 * @param holdout the share of entities on which nobody is to act, 0 to 1
 */
public record AlertRule(
        String name,
        String target,
        double raiseAt,
        double clearBelow,
        Duration clearAfter,
        Duration cooldown,
        List<Condition> onlyIf,
        double holdout) {
    /**
     * What must hold of a feature.
     *
     * @param feature its name
     * @param atLeast the least value; negative infinity for any
     * @param atMost the greatest value; infinity for any
     */
    public record Condition(String feature, double atLeast, double atMost) {
        boolean holds(float value) {
            return value >= atLeast && value <= atMost;
        }
    }

    public AlertRule {
        onlyIf = List.copyOf(onlyIf);
    }

    /** Whether an entity is held out: always the same ones, and others for each alert. */
    public boolean holdsOut(String entityId) {
        return Hashes.share(name, entityId) < holdout;
    }
}
