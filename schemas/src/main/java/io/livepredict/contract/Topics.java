package io.livepredict.contract;

import io.livepredict.avro.Alert;
import io.livepredict.avro.AuditRecord;
import io.livepredict.avro.ChoiceExample;
import io.livepredict.avro.DriftRecord;
import io.livepredict.avro.ErasureReceipt;
import io.livepredict.avro.FeatureSchemaRecord;
import io.livepredict.avro.LabelledExample;
import io.livepredict.avro.LearnerStateRecord;
import io.livepredict.avro.LoadRecord;
import io.livepredict.avro.ModelRecord;
import io.livepredict.avro.OracleRecord;
import io.livepredict.avro.Outlook;
import io.livepredict.avro.Prediction;
import java.time.Duration;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.common.serialization.Serdes;

/** Every topic of one installation. Made once from a namespace, partition count and serdes, and passed around. */
public final class Topics {
    private static final int MEGABYTE = 1 << 20;
    private static final long WEEK = Duration.ofDays(7).toMillis();
    private static final long YEAR = Duration.ofDays(365).toMillis();

    private final Namespace namespace;
    private final int partitions;
    private final SerdeSource serdes;

    /**
     * @param partitions of the event, prediction and example topics; models, learner-state, feature-schemas and drifts have
     *     one
     */
    public Topics(Namespace namespace, int partitions, SerdeSource serdes) {
        if (partitions < 1) {
            throw new IllegalArgumentException("partitions must be at least 1, got " + partitions);
        }
        this.namespace = namespace;
        this.partitions = partitions;
        this.serdes = serdes;
    }

    public Namespace namespace() {
        return namespace;
    }

    /** Canonical events of a kind: {@code viewer-events} or {@code player-events}. */
    public Topic<String, CanonicalEvent> events(Kind kind) {
        return Topic.kept(
                namespace.name(kind.id() + "-events"),
                Serdes.String(),
                serdes.events(kind),
                partitions,
                WEEK,
                MEGABYTE);
    }

    public Topic<String, Prediction> predictions() {
        return records("predictions", Prediction.class);
    }

    /**
     * One record an event with a column for each target, keyed by entity; only where they are configured.
     *
     * @param row the schema of the records
     */
    public Topic<String, GenericRecord> predictionRows(Schema row) {
        return Topic.kept(
                namespace.name("prediction-rows"), Serdes.String(), serdes.value(row), partitions, WEEK, MEGABYTE);
    }

    /** Raises and clears, keyed by entity; only where alerts are configured. */
    public Topic<String, Alert> alerts() {
        return records("alerts", Alert.class);
    }

    /** What is expected of rooms and matches, keyed by them; only where it is configured. */
    public Topic<String, Outlook> outlook() {
        return records("outlook", Outlook.class);
    }

    public Topic<String, LabelledExample> labelledExamples(Kind kind) {
        return records(kind.id() + "-labelled-examples", LabelledExample.class);
    }

    /** What entities could choose among and what they chose, keyed by entity; only where choices are configured. */
    public Topic<String, ChoiceExample> choiceExamples(Kind kind) {
        return records(kind.id() + "-choice-examples", ChoiceExample.class);
    }

    /** What single choices mean for a room or match, keyed by it; only where choices are configured. */
    public Topic<String, byte[]> roomParts(Kind kind) {
        return Topic.kept(
                namespace.name(kind.id() + "-room-parts"),
                Serdes.String(),
                Serdes.ByteArray(),
                partitions,
                Duration.ofHours(1).toMillis(),
                MEGABYTE);
    }

    /** How often a room or match was chosen and what was next, keyed by it; only where choices are configured. */
    public Topic<String, byte[]> rooms(Kind kind) {
        return Topic.compacted(
                namespace.name(kind.id() + "-rooms"), Serdes.String(), Serdes.ByteArray(), partitions, MEGABYTE);
    }

    /** Source records that could not be used, as they came, with headers of {@link DeadLetters}. */
    public Topic<byte[], byte[]> deadLetters() {
        return Topic.kept(
                namespace.name("dead-letters"), Serdes.ByteArray(), Serdes.ByteArray(), partitions, WEEK, MEGABYTE);
    }

    public Topic<String, ModelRecord> models() {
        return compacted("models", ModelRecord.class);
    }

    public Topic<String, LearnerStateRecord> learnerState() {
        return compacted("learner-state", LearnerStateRecord.class);
    }

    public Topic<String, FeatureSchemaRecord> featureSchemas() {
        return compacted("feature-schemas", FeatureSchemaRecord.class);
    }

    /** Who changed over HTTP what is served, keyed by kind; only where the API is on. */
    public Topic<String, AuditRecord> audit() {
        return Topic.kept(namespace.name("audit"), Serdes.String(), serdes.value(AuditRecord.class), 1, YEAR, MEGABYTE);
    }

    /** Changes of the world that the trainer found, keyed by kind: few, so that they are kept for long. */
    public Topic<String, DriftRecord> drifts() {
        return Topic.kept(
                namespace.name("drifts"), Serdes.String(), serdes.value(DriftRecord.class), 1, YEAR, MEGABYTE);
    }

    /** How far history has been loaded into source topics, keyed by topic; only where {@code time.live-from} is set. */
    public Topic<String, LoadRecord> loads() {
        return compacted("loads", LoadRecord.class);
    }

    /** Parts of ten-second buckets of a room or match, keyed by it; only where context features are on. */
    public Topic<String, byte[]> contextParts(Kind kind) {
        return Topic.kept(
                namespace.name(kind.id() + "-context-parts"),
                Serdes.String(),
                Serdes.ByteArray(),
                partitions,
                Duration.ofHours(1).toMillis(),
                MEGABYTE);
    }

    /** Parts of ten seconds' outlook of a room or match, keyed by it; only where the outlook is on. */
    public Topic<String, byte[]> outlookParts(Kind kind) {
        return Topic.kept(
                namespace.name(kind.id() + "-outlook-parts"),
                Serdes.String(),
                Serdes.ByteArray(),
                partitions,
                Duration.ofHours(1).toMillis(),
                MEGABYTE);
    }

    /** Recent buckets of a room or match, keyed by it; only where context features are on. */
    public Topic<String, byte[]> contextRecent(Kind kind) {
        return Topic.compacted(
                namespace.name(kind.id() + "-context-recent"),
                Serdes.String(),
                Serdes.ByteArray(),
                partitions,
                MEGABYTE);
    }

    /** Whom to forget: each an {@link Erasure} in JSON; only where erasures are taken. It holds ids, so it is short. */
    public Topic<String, byte[]> erasures() {
        return Topic.kept(
                namespace.name("erasures"),
                Serdes.String(),
                Serdes.ByteArray(),
                1,
                Duration.ofDays(1).toMillis(),
                MEGABYTE);
    }

    /** What was removed of them, keyed by request; only where erasures are taken. Holds no id of a person. */
    public Topic<String, ErasureReceipt> erasureReceipts() {
        return Topic.kept(
                namespace.name("erasure-receipts"),
                Serdes.String(),
                serdes.value(ErasureReceipt.class),
                1,
                YEAR,
                MEGABYTE);
    }

    /** Simulator only. */
    public Topic<String, OracleRecord> oracle() {
        return records("oracle", OracleRecord.class);
    }

    /** What the streams app and the trainer need, in the order to create them; not the simulator's side topic. */
    public List<Topic<?, ?>> all() {
        return List.of(
                events(Kind.VIEWER),
                events(Kind.PLAYER),
                predictions(),
                labelledExamples(Kind.VIEWER),
                labelledExamples(Kind.PLAYER),
                deadLetters(),
                models(),
                learnerState(),
                featureSchemas(),
                drifts());
    }

    private <T extends org.apache.avro.specific.SpecificRecord> Topic<String, T> records(String name, Class<T> type) {
        return Topic.kept(namespace.name(name), Serdes.String(), serdes.value(type), partitions, WEEK, MEGABYTE);
    }

    private <T extends org.apache.avro.specific.SpecificRecord> Topic<String, T> compacted(String name, Class<T> type) {
        return Topic.compacted(namespace.name(name), Serdes.String(), serdes.value(type), 1, 2 * MEGABYTE);
    }
}
