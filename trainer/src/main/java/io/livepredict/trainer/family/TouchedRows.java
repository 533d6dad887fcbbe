package io.livepredict.trainer.family;

import java.nio.IntBuffer;
import java.util.Arrays;
import java.util.List;

/**
 * The distinct table rows a batch touches, in the order it first names them. A row that several examples share must appear
 * once, for its gradients add up before an adaptive optimiser sees them. Not safe for use from several threads.
 */
final class TouchedRows {
    private final int[] first;
    private final int[] size;
    /** Where in {@link #rows} a table row is; -1 where the batch does not touch it. */
    private final int[] positionOf;

    /** The distinct rows; the first {@link #count}. */
    final int[] rows;

    int count;

    TouchedRows(List<RowTable.Block> blocks, int most) {
        first = new int[blocks.size()];
        size = new int[blocks.size()];
        int next = 0;
        for (int i = 0; i < first.length; i++) {
            first[i] = next;
            size[i] = blocks.get(i).rows();
            next += size[i];
        }
        positionOf = new int[next];
        Arrays.fill(positionOf, -1);
        rows = new int[most];
    }

    /** Finds the rows of the batch and writes, for every id, the position of its row among them. */
    void find(int[] ids, int examples, IntBuffer positions) {
        for (int i = 0; i < count; i++) {
            positionOf[rows[i]] = -1;
        }
        count = 0;
        int width = first.length;
        for (int i = 0; i < examples * width; i++) {
            int block = i % width;
            int row = first[block] + Math.floorMod(ids[i], size[block]);
            int position = positionOf[row];
            if (position < 0) {
                position = count++;
                positionOf[row] = position;
                rows[position] = row;
            }
            positions.put(i, position);
        }
    }
}
