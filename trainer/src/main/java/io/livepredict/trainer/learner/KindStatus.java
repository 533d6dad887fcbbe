package io.livepredict.trainer.learner;

import io.livepredict.contract.Kind;
import io.livepredict.trainer.evaluation.Metrics;
import io.livepredict.trainer.evaluation.PrequentialTable.Line;
import io.livepredict.trainer.publish.PublishGate;
import java.util.List;
import java.util.Map;

/**
 * How one kind's learning stands; immutable, so any thread may read it.
 *
 * @param learning what was learned from
 * @param versions what was published
 * @param competition how the learners compare
 * @param drift what was found of drift
 */
public record KindStatus(Kind kind, Learning learning, Versions versions, Competition competition, Drifts drift) {
    /**
     * What was learned from.
     *
     * @param examples learned from
     * @param batches trained
     * @param migrations changes of features or targets
     * @param replayed what was learned from once more
     * @param faults skipped examples by reason
     */
    public record Learning(
            long examples, long batches, long migrations, Replayed replayed, Map<ExampleFault, Long> faults) {
        public Learning {
            faults = Map.copyOf(faults);
        }
    }

    /**
     * What was learned from once more, since the program began.
     *
     * @param examples that were drawn
     * @param batchesPassedOver batches that nothing followed, since new examples were waiting
     */
    public record Replayed(long examples, long batchesPassedOver) {}

    /**
     * What was published.
     *
     * @param last the version last published, 0 for none
     * @param refusals learners not published by reason
     */
    public record Versions(long last, Map<PublishGate.Reason, Long> refusals) {
        public Versions {
            refusals = Map.copyOf(refusals);
        }
    }

    /**
     * How the learners compare.
     *
     * @param champion the learner that is published; empty before the first example
     * @param lines every scorer on every target
     * @param resets learners reset after diverging
     * @param championChanges how often another learner took over
     */
    public record Competition(String champion, List<Line> lines, long resets, long championChanges) {
        public Competition {
            lines = List.copyOf(lines);
        }
    }

    /**
     * What was found of drift.
     *
     * @param found how many
     * @param lastSize by how much the loss had risen at the last, relative
     * @param learningRateScale what rates are multiplied by at present
     */
    public record Drifts(long found, double lastSize, double learningRateScale) {}

    /** Examples learned from. */
    public long examples() {
        return learning.examples();
    }

    /** The version last published, 0 for none. */
    public long version() {
        return versions.last();
    }

    /** The learner that is published; empty before the first example. */
    public String champion() {
        return competition.champion();
    }

    /** The recent metrics of one scorer on one target; {@link Metrics#NONE} where there are none. */
    public Metrics windowed(String target, String scorer) {
        return competition.lines().stream()
                .filter(line -> line.target().equals(target) && line.scorer().equals(scorer))
                .map(Line::windowed)
                .findFirst()
                .orElse(Metrics.NONE);
    }
}
