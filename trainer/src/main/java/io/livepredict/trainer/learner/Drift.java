package io.livepredict.trainer.learner;

import io.livepredict.avro.DriftRecord;
import io.livepredict.contract.Kind;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A change of the world that was found, and what was done about it.
 *
 * @param learner the champion, whose loss rose
 * @param size by how much, relative
 * @param examples learned from when it was found
 * @param lastEmittedAt emitted_at of the newest of them
 * @param offsets partition to the offset after the last of them
 * @param version last published before
 * @param scale what learning rates are multiplied by right after it
 * @param raisedFor over how many examples that falls back to 1
 * @param restarted learners that started again from the champion
 */
public record Drift(
        String learner,
        double size,
        long examples,
        long lastEmittedAt,
        Map<Integer, Long> offsets,
        long version,
        double scale,
        long raisedFor,
        List<String> restarted) {
    public Drift {
        offsets = Map.copyOf(offsets);
        restarted = List.copyOf(restarted);
    }

    /** As a record of the drifts topic. */
    DriftRecord record(Kind kind) {
        Map<String, Long> named = new HashMap<>();
        offsets.forEach((partition, offset) -> named.put(Integer.toString(partition), offset));
        return new DriftRecord(
                kind.id(), learner, size, examples, lastEmittedAt, named, version, scale, raisedFor, restarted);
    }
}
