package io.livepredict.streams.output;

import io.livepredict.avro.Prediction;
import io.livepredict.contract.DurationFormat;
import io.livepredict.contract.Target;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.SchemaBuilder.FieldAssembler;
import org.apache.avro.generic.GenericRecord;

/**
 * The schema of wide rows: what is known of the event and the model, then one column for each configured target. Target
 * columns are nullable and null by default, so schemas with other targets read each other's rows.
 */
public final class RowSchema {
    /** Columns that are no target's. */
    private static final Set<String> OWN = Set.of(
            "kind",
            "entity_id",
            "context_id",
            "event_id",
            "event_type",
            "event_time",
            "scored_at",
            "model_name",
            "model_version",
            "served_by_prior");

    private static final String NAME = "PredictionRow";
    private static final String NAMESPACE = "io.livepredict.avro";

    private final Schema schema;
    private final Map<String, Integer> positions = new HashMap<>();

    /**
     * @param targets of all kinds
     * @throws IllegalArgumentException if two columns would have the same name
     */
    public RowSchema(List<Target> targets) {
        Schema time = LogicalTypes.timestampMillis().addToSchema(Schema.create(Schema.Type.LONG));
        FieldAssembler<Schema> fields = SchemaBuilder.record(NAME)
                .namespace(NAMESPACE)
                .doc(
                        "What one model expects of one entity, as of one event: a column for each target. Keyed by entity_id. Read"
                                + " with isolation.level=read_committed.")
                .fields();
        fields = text(fields, "kind", "viewer or player.");
        fields = text(fields, "entity_id", "The viewer or player.");
        fields = text(fields, "context_id", "The room or match.");
        fields = text(fields, "event_id", "The event that caused these predictions.");
        fields = text(fields, "event_type", "The type of that event.");
        fields = fields.name("event_time")
                .doc("When that event happened.")
                .type(time)
                .noDefault();
        fields = fields.name("scored_at")
                .doc("Wall-clock time of the scoring.")
                .type(time)
                .noDefault();
        fields = text(fields, "model_name", "The model's name: the kind.");
        fields = fields.name("model_version")
                .doc("The version of the model; 0 is the configured prior.")
                .type()
                .longType()
                .noDefault();
        fields = fields.name("served_by_prior")
                .doc(
                        "Targets whose score is their configured prior although a model is active, separated by commas; null for"
                                + " none.")
                .type()
                .nullable()
                .stringType()
                .noDefault();
        Map<String, String> columns = new HashMap<>();
        for (Target target : targets) {
            String column = column(target.name());
            String other = OWN.contains(column) ? "each row's own" : columns.put(column, target.name());
            if (other != null) {
                throw new IllegalArgumentException("target " + target.name() + " would be column " + column
                        + " of a row, which is " + other + " already: give the target another name");
            }
            fields = fields.name(column)
                    .doc(target.name() + ": " + words(target) + "; null where it was not predicted, or withheld.")
                    .type()
                    .unionOf()
                    .nullType()
                    .and()
                    .doubleType()
                    .endUnion()
                    .nullDefault();
        }
        schema = fields.endRecord();
        columns.forEach((column, target) ->
                positions.put(target, schema.getField(column).pos()));
    }

    private static FieldAssembler<Schema> text(FieldAssembler<Schema> fields, String name, String doc) {
        return fields.name(name).doc(doc).type().stringType().noDefault();
    }

    private static String words(Target target) {
        String within = " within " + DurationFormat.format(target.within());
        return switch (target.outcome()) {
            case ANY_OF -> "the probability of " + String.join(" or ", target.eventTypes()) + within;
            case NONE_OF -> "the probability of no " + String.join(" and no ", target.eventTypes()) + within;
            case SUM_OF ->
                "the expected sum of " + target.number() + " over " + String.join(", ", target.eventTypes()) + within;
        };
    }

    /** The column of a target: Avro and databases take letters, digits and underscores only. {@code leave-30s} is {@code leave_30s}. */
    static String column(String target) {
        String plain = target.replaceAll("[^A-Za-z0-9_]", "_");
        return Character.isDigit(plain.charAt(0)) ? '_' + plain : plain;
    }

    /** The Avro schema. */
    public Schema schema() {
        return schema;
    }

    /** The position of a target's column. */
    int position(Target target) {
        Integer position = positions.get(target.name());
        if (position == null) {
            throw new IllegalArgumentException("rows have no column for " + target.name());
        }
        return position;
    }

    /** What a row says of each target that it has a score for, without the model's hash and reasons. */
    public List<Prediction> predictions(GenericRecord row) {
        List<Prediction> predictions = new ArrayList<>();
        Object prior = row.get("served_by_prior");
        List<String> byPrior =
                prior == null ? List.of() : List.of(prior.toString().split(","));
        positions.forEach((target, position) -> {
            if (row.get(position) instanceof Double score) {
                Prediction prediction = new Prediction();
                prediction.setKind(row.get("kind").toString());
                prediction.setEntityId(row.get("entity_id").toString());
                prediction.setContextId(row.get("context_id").toString());
                prediction.setEventId(row.get("event_id").toString());
                prediction.setEventType(row.get("event_type").toString());
                prediction.setEventTime(Instant.ofEpochMilli((Long) row.get("event_time")));
                prediction.setTarget(target);
                prediction.setScore(score);
                prediction.setModelName(row.get("model_name").toString());
                prediction.setModelVersion(byPrior.contains(target) ? 0 : (Long) row.get("model_version"));
                prediction.setModelHash("");
                prediction.setScoredAt(Instant.ofEpochMilli((Long) row.get("scored_at")));
                predictions.add(prediction);
            }
        });
        return predictions;
    }
}
