package io.livepredict.trainer.learner;

import io.livepredict.contract.Kind;
import io.livepredict.contract.Target;
import java.util.List;

/**
 * How one kind is learned.
 *
 * @param targets those of the kind, at least one; heads are in this order
 * @param batch how mini-batches are formed
 * @param contest how learners compete on them
 * @param versions how versions are made of the champion
 * @param replay what is learned from once more
 * @param seed of every random number
 */
public record KindLearnerSettings(
        Kind kind,
        List<Target> targets,
        BatchSettings batch,
        ContestSettings contest,
        VersionSettings versions,
        ReplaySettings replay,
        long seed) {
    public KindLearnerSettings {
        targets = List.copyOf(targets);
        if (targets.isEmpty()) {
            throw new IllegalArgumentException("kind " + kind.id() + " has no targets to learn");
        }
    }

    /** Shipped settings for these targets. */
    public static KindLearnerSettings defaults(Kind kind, List<Target> targets) {
        return new KindLearnerSettings(
                kind,
                targets,
                BatchSettings.defaults(),
                ContestSettings.defaults(),
                VersionSettings.defaults(),
                ReplaySettings.defaults(),
                1);
    }

    /** Rows that a learner takes at once at most: a full batch, or all golden rows. */
    int capacity() {
        return Math.max(batch.size(), versions.gate().goldenRows());
    }
}
