package io.livepredict.trainer.learner;

import io.livepredict.avro.DriftRecord;
import io.livepredict.contract.Kind;
import io.livepredict.trainer.publish.TrainingProgress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A change of the world that was found, and what was done about it.
 *
 * @param learner the champion, whose loss rose
 * @param size by how much, relative
 * @param progress how far learning had come when it was found
 * @param version last published before
 * @param answer what was done
 */
public record Drift(String learner, double size, TrainingProgress progress, long version, Answer answer) {
    /**
     * What was done about it.
     *
     * @param scale what learning rates are multiplied by right after it
     * @param raisedFor over how many examples that falls back to 1
     * @param restarted learners that started again from the champion
     */
    public record Answer(double scale, long raisedFor, List<String> restarted) {
        public Answer {
            restarted = List.copyOf(restarted);
        }
    }

    /** As a record of the drifts topic. */
    DriftRecord record(Kind kind) {
        Map<String, Long> named = new HashMap<>();
        progress.offsets().forEach((partition, offset) -> named.put(Integer.toString(partition), offset));
        return new DriftRecord(
                kind.id(),
                learner,
                size,
                progress.examples(),
                progress.lastEmittedAt(),
                named,
                version,
                answer.scale(),
                answer.raisedFor(),
                answer.restarted());
    }
}
