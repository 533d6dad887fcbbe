package io.livepredict.trainer.learner;

import io.livepredict.contract.FeatureSchema;
import io.livepredict.trainer.family.ExampleBatch;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * The newest examples that were learned from. Examples of one snapshot, whose labels become known at different times, share one
 * row of inputs. The oldest example goes when there is no room for another row.
 *
 * <p>What is drawn depends on the order in which examples came and on nothing else, so a buffer can be made again from the topic:
 * {@link #write} keeps where its examples lie, {@link #read} expects them, and {@link #refill} takes each in its place, in
 * whatever order the partitions are read. Not safe for use from several threads.
 */
final class ReplayBuffer {
    private static final int SEGMENT_ROWS = 1_024;
    /** So many labels of one snapshot are kept on average at most. */
    private static final int LABELS_PER_SNAPSHOT = 4;

    private static final int MISSING = -1;

    private final int mostRows;
    private final int targets;
    private final FeatureSchema schema;
    private final List<ExampleBatch> segments = new ArrayList<>();
    /** By row: which snapshot it is, and how many examples use it. */
    private final long[] snapshotOf;

    private final int[] uses;
    private final Map<Long, Integer> rowOf = new HashMap<>();
    private final ArrayDeque<Integer> free = new ArrayDeque<>();
    private int rowsMade;

    /** Rings of the examples, the oldest at {@link #first}: where it lies, its row, and which labels it brought (a bit each). */
    private final int[] partitions;

    private final long[] offsets;
    private final int[] rows;
    private final long[] labels;
    private int first;
    private int size;

    /** While the examples are read again: partition to offset to place in the ring. */
    private final Map<Integer, TreeMap<Long, Integer>> expected = new TreeMap<>();

    /** @param snapshots how many rows there are at most */
    ReplayBuffer(int snapshots, FeatureSchema schema, int targets) {
        mostRows = snapshots;
        this.schema = schema;
        this.targets = targets;
        snapshotOf = new long[snapshots];
        uses = new int[snapshots];
        int most = Math.multiplyExact(snapshots, Math.min(targets, LABELS_PER_SNAPSHOT));
        partitions = new int[most];
        offsets = new long[most];
        rows = new int[most];
        labels = new long[most];
    }

    /** Examples held. */
    int size() {
        return size;
    }

    /**
     * Takes the newest example.
     *
     * @param partition where it lies in the topic
     * @param offset where it lies in the partition
     * @param snapshot which snapshot it is of
     * @param row where it stands in the batch
     */
    void add(int partition, long offset, long snapshot, ExampleBatch batch, int row) {
        if (size == rows.length) {
            dropOldest();
        }
        while (!rowOf.containsKey(snapshot) && free.isEmpty() && rowsMade == mostRows) {
            dropOldest();
        }
        int place = place(size);
        size++;
        partitions[place] = partition;
        offsets[place] = offset;
        put(place, snapshot, batch, row);
    }

    private int place(int nth) {
        return (int) (((long) first + nth) % rows.length);
    }

    private void put(int place, long snapshot, ExampleBatch batch, int row) {
        Integer known = rowOf.get(snapshot);
        int at;
        if (known == null) {
            at = free.isEmpty() ? rowsMade++ : free.pop();
            if (at / SEGMENT_ROWS == segments.size()) {
                segments.add(new ExampleBatch(Math.min(SEGMENT_ROWS, mostRows), schema, targets));
            }
            segment(at).copyRow(batch, row, at % SEGMENT_ROWS);
            rowOf.put(snapshot, at);
            snapshotOf[at] = snapshot;
        } else {
            at = known;
        }
        uses[at]++;
        rows[place] = at;
        labels[place] = takeLabels(segment(at), at % SEGMENT_ROWS, batch, row);
    }

    private long takeLabels(ExampleBatch into, int at, ExampleBatch batch, int row) {
        long taken = 0;
        for (int t = 0; t < targets; t++) {
            if (batch.mask[row * targets + t] > 0) {
                into.mask[at * targets + t] = 1;
                into.labels[at * targets + t] = batch.labels[row * targets + t];
                taken |= bit(t);
            }
        }
        return taken;
    }

    /** Targets beyond the sixty-third share a bit: they go together. */
    private static long bit(int target) {
        return 1L << Math.min(target, Long.SIZE - 1);
    }

    private ExampleBatch segment(int row) {
        return segments.get(row / SEGMENT_ROWS);
    }

    private void dropOldest() {
        int at = rows[first];
        ExampleBatch segment = segment(at);
        for (int t = 0; t < targets; t++) {
            if ((labels[first] & bit(t)) != 0) {
                segment.mask[at % SEGMENT_ROWS * targets + t] = 0;
            }
        }
        if (--uses[at] == 0) {
            rowOf.remove(snapshotOf[at]);
            free.push(at);
        }
        first = place(1);
        size--;
    }

    /** Draws so many examples, each with all labels of its snapshot that are held; the batch then has them as its rows. */
    void draw(SplittableRandom random, ExampleBatch into, int count) {
        for (int r = 0; r < count; r++) {
            int at = rows[place(random.nextInt(size))];
            into.copyRow(segment(at), at % SEGMENT_ROWS, r);
        }
        into.size = count;
    }

    /** Partition to the offset of the first example that {@link #refill} expects. */
    Map<Integer, Long> expectedFrom() {
        Map<Integer, Long> from = new TreeMap<>();
        expected.forEach((partition, places) -> from.put(partition, places.firstKey()));
        return from;
    }

    /** Whether {@link #refill} expects that example. */
    boolean expects(int partition, long offset) {
        return expected.getOrDefault(partition, new TreeMap<>()).containsKey(offset);
    }

    /** How many examples {@link #refill} still expects. */
    int missing() {
        return expected.values().stream().mapToInt(TreeMap::size).sum();
    }

    /** Takes an example that is expected, in its place in the order; where there are fewer rows than there were, not all. */
    void refill(int partition, long offset, long snapshot, ExampleBatch batch, int row) {
        TreeMap<Long, Integer> places = expected.get(partition);
        boolean hasRoom = rowOf.containsKey(snapshot) || rowsMade < mostRows;
        Integer place = places == null || !hasRoom ? null : places.remove(offset);
        if (place != null) {
            put(place, snapshot, batch, row);
            expected.values().removeIf(TreeMap::isEmpty);
        }
    }

    /** Expects no more examples; those that did not come are no longer part of it. */
    void settle() {
        expected.clear();
        int kept = 0;
        for (int i = 0; i < size; i++) {
            int from = place(i);
            if (rows[from] != MISSING) {
                int to = place(kept++);
                partitions[to] = partitions[from];
                offsets[to] = offsets[from];
                rows[to] = rows[from];
                labels[to] = labels[from];
            }
        }
        size = kept;
    }

    /** Writes where its examples lie, in their order: runs of one partition, whose offsets differ by little. */
    void write(DataOutput out) throws IOException {
        out.writeInt(size);
        Map<Integer, Long> last = new HashMap<>();
        for (int i = 0; i < size; i++) {
            int place = place(i);
            int partition = partitions[place];
            writeVariable(out, partition);
            writeVariable(out, offsets[place] - last.getOrDefault(partition, -1L) - 1);
            last.put(partition, offsets[place]);
            int run = 1;
            while (i + run < size
                    && partitions[place(i + run)] == partition
                    && offsets[place(i + run)] == offsets[place] + run) {
                run++;
            }
            writeVariable(out, run);
            last.put(partition, offsets[place] + run - 1);
            i += run - 1;
        }
    }

    /** Expects the examples of which {@link #write} wrote where they lie; of more than there is room for, the newest. */
    void read(DataInput in) throws IOException {
        int written = in.readInt();
        int over = Math.max(0, written - rows.length);
        Map<Integer, Long> next = new HashMap<>();
        Arrays.fill(rows, MISSING);
        for (int i = 0; i < written; ) {
            int partition = Math.toIntExact(readVariable(in));
            long offset = next.getOrDefault(partition, 0L) + readVariable(in);
            long run = readVariable(in);
            for (long end = offset + run; offset < end; offset++, i++) {
                if (i >= over) {
                    partitions[size] = partition;
                    offsets[size] = offset;
                    expected.computeIfAbsent(partition, absent -> new TreeMap<>())
                            .put(offset, size++);
                }
            }
            next.put(partition, offset);
        }
    }

    /** Seven bits a byte, the lowest first; the highest bit says that more follow. */
    private static void writeVariable(DataOutput out, long value) throws IOException {
        long left = value;
        while ((left & ~0x7fL) != 0) {
            out.writeByte((int) ((left & 0x7f) | 0x80));
            left >>>= 7;
        }
        out.writeByte((int) left);
    }

    private static long readVariable(DataInput in) throws IOException {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            int part = in.readUnsignedByte();
            value |= (long) (part & 0x7f) << shift;
            if (part < 0x80) {
                return value;
            }
        }
        throw new IOException("a number of more than 64 bits");
    }
}
