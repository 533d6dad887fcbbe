package io.livepredict.trainer.family;

import io.livepredict.contract.FeatureSchema;
import java.util.Arrays;

/**
 * A mini-batch, struct of arrays, row-major; reused between steps. Rows beyond {@link #size} hold nothing. Not safe for
 * use from several threads.
 */
public final class ExampleBatch {
    public final int capacity;
    public final int denseWidth;
    public final int sequenceLength;
    public final int idWidth;
    public final int targets;

    /** How many rows are filled. */
    public int size;

    /** [capacity, denseWidth], raw values. */
    public final float[] dense;
    /** [capacity, sequenceLength], 0 is padding. */
    public final int[] sequenceTypes;
    /** [capacity, sequenceLength]. */
    public final float[] sequenceGaps;
    /** [capacity, idWidth]. */
    public final int[] ids;
    /** [capacity, targets]. */
    public final float[] labels;
    /** [capacity, targets]: 1 where there is a label, 0 where not. */
    public final float[] mask;
    /** [capacity, targets]: the score that was served at the snapshot; meaningful where the mask is 1. */
    public final float[] served;
    /** [capacity, targets]: whether a model gave that score, and not the prior. */
    public final boolean[] servedByModel;

    /** Of rows with that schema's features. */
    public ExampleBatch(int capacity, FeatureSchema schema, int targets) {
        this(
                capacity,
                schema.dense().size(),
                schema.sequenceLength(),
                schema.ids().size(),
                targets);
    }

    public ExampleBatch(int capacity, int denseWidth, int sequenceLength, int idWidth, int targets) {
        this.capacity = capacity;
        this.denseWidth = denseWidth;
        this.sequenceLength = sequenceLength;
        this.idWidth = idWidth;
        this.targets = targets;
        dense = new float[capacity * denseWidth];
        sequenceTypes = new int[capacity * sequenceLength];
        sequenceGaps = new float[capacity * sequenceLength];
        ids = new int[capacity * idWidth];
        labels = new float[capacity * targets];
        mask = new float[capacity * targets];
        served = new float[capacity * targets];
        servedByModel = new boolean[capacity * targets];
    }

    /**
     * Takes over a row's inputs, labels and mask.
     *
     * @param from a batch of the same widths
     * @param row which of its rows
     * @param to which of these rows becomes it
     */
    public void copyRow(ExampleBatch from, int row, int to) {
        System.arraycopy(from.dense, row * denseWidth, dense, to * denseWidth, denseWidth);
        System.arraycopy(from.sequenceTypes, row * sequenceLength, sequenceTypes, to * sequenceLength, sequenceLength);
        System.arraycopy(from.sequenceGaps, row * sequenceLength, sequenceGaps, to * sequenceLength, sequenceLength);
        System.arraycopy(from.ids, row * idWidth, ids, to * idWidth, idWidth);
        System.arraycopy(from.labels, row * targets, labels, to * targets, targets);
        System.arraycopy(from.mask, row * targets, mask, to * targets, targets);
    }

    /** Empties the batch. */
    public void clear() {
        size = 0;
        Arrays.fill(mask, 0f);
        Arrays.fill(labels, 0f);
    }
}
