package io.livepredict.streams.output;

import io.livepredict.avro.Prediction;
import io.livepredict.contract.Kind;
import io.livepredict.streams.ingest.Event;
import io.livepredict.streams.score.ModelIdentity;
import io.livepredict.streams.score.ScoreOutput.ScoredRow;
import io.livepredict.streams.targets.TargetPlan.Planned;
import java.time.Instant;
import java.util.List;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;

/** Predictions as records: one for each target, or a row for all of them. */
final class Predictions {
    private final Kind kind;
    private final List<String> eventTypes;

    /** @param eventTypes by their position */
    Predictions(Kind kind, List<String> eventTypes) {
        this.kind = kind;
        this.eventTypes = eventTypes;
    }

    /** The prediction of one target. */
    Prediction flat(ScoredRow row, Planned planned, float score) {
        Event event = row.event();
        Prediction prediction = new Prediction();
        prediction.setKind(kind.id());
        prediction.setEntityId(event.entityId());
        prediction.setContextId(event.contextId());
        prediction.setEventId(event.eventId());
        prediction.setEventType(eventTypes.get(event.type()));
        prediction.setEventTime(Instant.ofEpochMilli(event.timeMillis()));
        prediction.setTarget(planned.target.name());
        prediction.setScore(score);
        ModelIdentity model = row.origins().of(planned.index);
        prediction.setModelName(model.name());
        prediction.setModelVersion(model.version());
        prediction.setModelHash(model.sha256());
        prediction.setScoredAt(Instant.ofEpochMilli(row.scoredAtMillis()));
        Reasons.put(row.reasons(), planned.index, prediction);
        return prediction;
    }

    /** A row without scores yet. */
    GenericRecord row(ScoredRow row, RowSchema schema) {
        Event event = row.event();
        GenericRecord wide = new GenericData.Record(schema.schema());
        wide.put("kind", kind.id());
        wide.put("entity_id", event.entityId());
        wide.put("context_id", event.contextId());
        wide.put("event_id", event.eventId());
        wide.put("event_type", eventTypes.get(event.type()));
        wide.put("event_time", event.timeMillis());
        wide.put("scored_at", row.scoredAtMillis());
        wide.put("model_name", row.origins().model().name());
        wide.put("model_version", row.origins().model().version());
        return wide;
    }

    /** Notes in a row that a target's score is its prior. */
    static void byPrior(GenericRecord wide, String target) {
        @Nullable Object others = wide.get("served_by_prior");
        wide.put("served_by_prior", others == null ? target : others + "," + target);
    }
}
