package io.livepredict.trainer.publish;

import io.livepredict.trainer.family.ExampleBatch;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Arrays;

/**
 * The last few distinct input rows that were learned from: what an exported model is checked on, here and by every scorer.
 * Not safe for use from several threads.
 */
public final class GoldenRows {
    private final int capacity;
    private final ArrayDeque<Row> rows = new ArrayDeque<>();

    public GoldenRows(int capacity) {
        if (capacity < 1) {
            throw new IllegalArgumentException("at least one golden row is needed, got " + capacity);
        }
        this.capacity = capacity;
    }

    @SuppressWarnings("ArrayRecordComponent") // compared by sameAs only
    private record Row(float[] dense, int[] types, float[] gaps, int[] ids) {
        boolean sameAs(Row o) {
            return Arrays.equals(dense, o.dense)
                    && Arrays.equals(types, o.types)
                    && Arrays.equals(gaps, o.gaps)
                    && Arrays.equals(ids, o.ids);
        }
    }

    public int size() {
        return rows.size();
    }

    /** Takes the newest distinct rows of a batch. */
    public void learn(ExampleBatch batch) {
        for (int r = Math.max(0, batch.size - 2 * capacity); r < batch.size; r++) {
            Row row = new Row(
                    slice(batch.dense, r, batch.denseWidth),
                    slice(batch.sequenceTypes, r, batch.sequenceLength),
                    slice(batch.sequenceGaps, r, batch.sequenceLength),
                    slice(batch.ids, r, batch.idWidth));
            if (rows.stream().noneMatch(row::sameAs)) {
                rows.addLast(row);
                if (rows.size() > capacity) {
                    rows.removeFirst();
                }
            }
        }
    }

    /** Puts the rows into a batch of the same widths. */
    public void copyTo(ExampleBatch batch) {
        batch.clear();
        int r = 0;
        for (Row row : rows) {
            System.arraycopy(row.dense, 0, batch.dense, r * batch.denseWidth, batch.denseWidth);
            System.arraycopy(row.types, 0, batch.sequenceTypes, r * batch.sequenceLength, batch.sequenceLength);
            System.arraycopy(row.gaps, 0, batch.sequenceGaps, r * batch.sequenceLength, batch.sequenceLength);
            System.arraycopy(row.ids, 0, batch.ids, r * batch.idWidth, batch.idWidth);
            r++;
        }
        batch.size = r;
    }

    /** Forgets them: the inputs are others now. */
    public void clear() {
        rows.clear();
    }

    private static float[] slice(float[] all, int row, int width) {
        return Arrays.copyOfRange(all, row * width, (row + 1) * width);
    }

    private static int[] slice(int[] all, int row, int width) {
        return Arrays.copyOfRange(all, row * width, (row + 1) * width);
    }

    public void write(DataOutput out) throws IOException {
        out.writeInt(rows.size());
        for (Row row : rows) {
            for (float value : row.dense) {
                out.writeFloat(value);
            }
            for (int value : row.types) {
                out.writeInt(value);
            }
            for (float value : row.gaps) {
                out.writeFloat(value);
            }
            for (int value : row.ids) {
                out.writeInt(value);
            }
        }
    }

    /** Reads what {@link #write} wrote for rows of these widths. */
    public void read(DataInput in, int dense, int sequence, int ids) throws IOException {
        rows.clear();
        int count = in.readInt();
        for (int r = 0; r < count; r++) {
            Row row = new Row(new float[dense], new int[sequence], new float[sequence], new int[ids]);
            for (int i = 0; i < dense; i++) {
                row.dense[i] = in.readFloat();
            }
            for (int i = 0; i < sequence; i++) {
                row.types[i] = in.readInt();
            }
            for (int i = 0; i < sequence; i++) {
                row.gaps[i] = in.readFloat();
            }
            for (int i = 0; i < ids; i++) {
                row.ids[i] = in.readInt();
            }
            rows.addLast(row);
        }
    }
}
