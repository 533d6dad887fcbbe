package io.livepredict.trainer.learner;

import io.livepredict.contract.Kind;
import io.livepredict.contract.Target;
import io.livepredict.trainer.evaluation.EvaluationSettings;
import io.livepredict.trainer.publish.GateSettings;
import io.livepredict.trainer.publish.PublishSettings;
import java.util.List;

/**
 * How one kind is learned.
 *
 * @param targets those of the kind, at least one; heads are in this order
 * @param seed of every random number
 * @param gitCommit of this build, for manifests
 * @param configurationHash of the trainer's configuration, for manifests
 */
public record KindLearnerSettings(
        Kind kind,
        List<Target> targets,
        BatchSettings batch,
        PublishSettings publish,
        GateSettings gate,
        ChampionSettings champion,
        DriftSettings drift,
        EvaluationSettings evaluation,
        long seed,
        String gitCommit,
        String configurationHash) {
    public KindLearnerSettings {
        targets = List.copyOf(targets);
        if (targets.isEmpty()) {
            throw new IllegalArgumentException("kind " + kind.id() + " has no targets to learn");
        }
    }

    /** Rows that a learner takes at once at most: a full batch, or all golden rows. */
    int capacity() {
        return Math.max(batch.size(), gate.goldenRows());
    }

    /** Shipped settings for these targets. */
    public static KindLearnerSettings defaults(Kind kind, List<Target> targets) {
        return new KindLearnerSettings(
                kind,
                targets,
                BatchSettings.defaults(),
                PublishSettings.defaults(),
                GateSettings.defaults(),
                ChampionSettings.defaults(),
                DriftSettings.defaults(),
                EvaluationSettings.defaults(),
                1,
                "unknown",
                "");
    }
}
