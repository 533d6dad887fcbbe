package io.livepredict.trainer.learner;

import io.livepredict.avro.LabelledExample;
import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.Hashes;
import io.livepredict.contract.Target;
import io.livepredict.trainer.family.ExampleBatch;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The mini-batch that is being filled: its rows, laid out for one feature schema, and what else is known of them. It closes by
 * count or by the span of its record timestamps, so the examples alone decide what is in it. Not safe for use from several
 * threads.
 */
final class OpenBatch {
    private final BatchSettings settings;
    private final FeatureSchema schema;
    private final String schemaId;
    private final List<Target> targets;
    private final ExampleBatch rows;
    private final long[] entityHashes;
    private final long[] asOfMillis;
    private final int[] partitions;
    private final long[] offsets;
    private final long[] snapshots;
    /** By the id of the schema that an example comes with. */
    private final Map<String, ExampleReader> readers = new HashMap<>();
    /** Partition to next offset once this batch has been trained. */
    private final TreeMap<Integer, Long> nextOffsets = new TreeMap<>();

    private long firstTimestamp;
    private long lastEmittedAt;

    /**
     * @param capacity rows, at least as many as a full batch has
     * @param schema of the rows
     * @param schemaId the id under which examples name that schema
     */
    OpenBatch(BatchSettings settings, int capacity, FeatureSchema schema, String schemaId, List<Target> targets) {
        this.settings = settings;
        this.schema = schema;
        this.schemaId = schemaId;
        this.targets = targets;
        rows = new ExampleBatch(capacity, schema, targets.size());
        entityHashes = new long[settings.size()];
        asOfMillis = new long[settings.size()];
        partitions = new int[settings.size()];
        offsets = new long[settings.size()];
        snapshots = new long[settings.size()];
    }

    FeatureSchema schema() {
        return schema;
    }

    String schemaId() {
        return schemaId;
    }

    ExampleBatch rows() {
        return rows;
    }

    boolean isEmpty() {
        return rows.size == 0;
    }

    boolean isFull() {
        return rows.size == settings.size();
    }

    /** Whether a record of that timestamp comes too long after the batch's first. */
    boolean isOutlivedBy(long recordTimestampMillis) {
        return settings.spanMillis() > 0
                && !isEmpty()
                && recordTimestampMillis - firstTimestamp >= settings.spanMillis();
    }

    /**
     * Adds an example as the next row.
     *
     * @param from the schema that the example names
     * @return why it can't be used, or null; what can't be used leaves the batch as it was
     */
    @Nullable
    ExampleFault add(
            int partition, long offset, long recordTimestampMillis, LabelledExample example, FeatureSchema from) {
        ExampleFault fault = read(example, from, rows, rows.size);
        if (fault != null) {
            return fault;
        }
        if (isEmpty()) {
            firstTimestamp = recordTimestampMillis;
            lastEmittedAt = Long.MIN_VALUE;
        }
        entityHashes[rows.size] = Hashes.learnerEntity(example.getEntityId());
        asOfMillis[rows.size] = example.getAsOf();
        partitions[rows.size] = partition;
        offsets[rows.size] = offset;
        snapshots[rows.size] = snapshot(example);
        lastEmittedAt = Math.max(lastEmittedAt, example.getEmittedAt());
        rows.size++;
        nextOffsets.put(partition, offset + 1);
        return null;
    }

    /**
     * Lays an example out as the rows here are.
     *
     * @param from the schema that the example names
     * @param into a batch for the same schema and targets
     * @return why it can't be used, or null
     */
    @Nullable
    ExampleFault read(LabelledExample example, FeatureSchema from, ExampleBatch into, int row) {
        return readers.computeIfAbsent(example.getFeatureSchema(), id -> new ExampleReader(from, schema, targets))
                .read(example, into, row);
    }

    /** Tells the example's snapshot from others; examples of one snapshot differ in their labels only. */
    static long snapshot(LabelledExample example) {
        long hash = Hashes.parts(example.getEntityId(), example.getEventId());
        return hash * 31 + example.getAsOf();
    }

    /** Notes that the record at that offset was skipped: its partition goes on behind it once the batch is trained. */
    void passOver(int partition, long offset) {
        nextOffsets.merge(partition, offset + 1, Math::max);
    }

    /** The offset that the partition goes on from once this batch is trained; 0 if it has nothing here. */
    long nextOffset(int partition) {
        return nextOffsets.getOrDefault(partition, 0L);
    }

    /** Partition to next offset once this batch has been trained. */
    Map<Integer, Long> nextOffsets() {
        return nextOffsets;
    }

    /** The partition that the row's example lies in. */
    int partition(int row) {
        return partitions[row];
    }

    /** Where the row's example lies in its partition. */
    long offset(int row) {
        return offsets[row];
    }

    /** Tells the row's snapshot from others. */
    long snapshot(int row) {
        return snapshots[row];
    }

    /** Tells the row's entity from others. */
    long entityHash(int row) {
        return entityHashes[row];
    }

    /** When the row's snapshot was taken. */
    long asOfMillis(int row) {
        return asOfMillis[row];
    }

    /** emitted_at of the newest row. */
    long lastEmittedAt() {
        return lastEmittedAt;
    }

    /** Empties the batch for the next examples. */
    void clear() {
        rows.clear();
        nextOffsets.clear();
    }
}
