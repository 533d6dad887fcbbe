package io.livepredict.trainer.learner;

import io.livepredict.contract.Kind;
import io.livepredict.trainer.evaluation.Metrics;
import io.livepredict.trainer.evaluation.PrequentialTable.Line;
import io.livepredict.trainer.publish.PublishGate;
import java.util.List;
import java.util.Map;

/**
 * How one kind's learning stands; an immutable picture that any thread may read.
 *
 * @param examples learned from
 * @param batches trained
 * @param version last published, 0 for none
 * @param champion the learner that is published; empty before the first example
 * @param lines every scorer on every target
 * @param faults skipped examples by reason
 * @param refusals learners not published by reason
 * @param resets learners reset after diverging
 * @param championChanges how often another learner took over
 * @param drifts found
 * @param lastDriftSize by how much the loss had risen at the last, relative
 * @param learningRateScale what rates are multiplied by at present
 * @param migrations changes of features or targets
 */
public record KindStatus(
        Kind kind,
        long examples,
        long batches,
        long version,
        String champion,
        List<Line> lines,
        Map<ExampleFault, Long> faults,
        Map<PublishGate.Reason, Long> refusals,
        long resets,
        long championChanges,
        long drifts,
        double lastDriftSize,
        double learningRateScale,
        long migrations) {
    public KindStatus {
        lines = List.copyOf(lines);
        faults = Map.copyOf(faults);
        refusals = Map.copyOf(refusals);
    }

    /** The recent metrics of one scorer on one target; {@link Metrics#NONE} where there are none. */
    public Metrics windowed(String target, String scorer) {
        return lines.stream()
                .filter(line -> line.target().equals(target) && line.scorer().equals(scorer))
                .map(Line::windowed)
                .findFirst()
                .orElse(Metrics.NONE);
    }
}
