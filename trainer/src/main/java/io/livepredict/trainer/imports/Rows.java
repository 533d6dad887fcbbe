package io.livepredict.trainer.imports;

import io.livepredict.contract.DenseFeature;
import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.IdFeature;
import io.livepredict.trainer.family.ExampleBatch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** Rows in a model's own order of features. */
final class Rows {
    private static final int FEATURES_SAID = 12;

    private Rows() {}

    static ExampleBatch empty(FeatureSchema of, int heads, int capacity) {
        return new ExampleBatch(
                capacity, of.dense().size(), of.sequenceLength(), of.ids().size(), heads);
    }

    /** The rows' columns that the model takes; of their sequences the last steps. */
    static ExampleBatch projected(ExampleBatch rows, FeatureSchema from, FeatureSchema to, int heads) {
        int[] dense = to.dense().stream().mapToInt(from.dense()::indexOf).toArray();
        int[] ids = to.ids().stream().mapToInt(from.ids()::indexOf).toArray();
        int skipped = rows.sequenceLength - to.sequenceLength();
        ExampleBatch projected = empty(to, heads, Math.max(1, rows.size));
        for (int r = 0; r < rows.size; r++) {
            for (int c = 0; c < dense.length; c++) {
                projected.dense[r * dense.length + c] = rows.dense[r * rows.denseWidth + dense[c]];
            }
            for (int c = 0; c < ids.length; c++) {
                projected.ids[r * ids.length + c] = rows.ids[r * rows.idWidth + ids[c]];
            }
            for (int s = 0; s < to.sequenceLength(); s++) {
                int at = r * rows.sequenceLength + skipped + s;
                projected.sequenceTypes[r * to.sequenceLength() + s] = rows.sequenceTypes[at];
                projected.sequenceGaps[r * to.sequenceLength() + s] = rows.sequenceGaps[at];
            }
        }
        projected.size = rows.size;
        return projected;
    }

    /** The newest rows that differ from one another, oldest first, at most so many. */
    static ExampleBatch newestDistinct(ExampleBatch rows, FeatureSchema of, int heads, int most) {
        List<Integer> kept = new ArrayList<>();
        for (int r = rows.size - 1; r >= 0 && kept.size() < most; r--) {
            int row = r;
            if (kept.stream().noneMatch(other -> same(rows, row, other))) {
                kept.add(0, row);
            }
        }
        ExampleBatch one = empty(of, heads, 1);
        ExampleBatch newest = empty(of, heads, Math.max(1, kept.size()));
        for (int row : kept) {
            copy(rows, row, 1, one);
            append(one, newest);
        }
        return newest;
    }

    private static boolean same(ExampleBatch rows, int a, int b) {
        return same(rows.dense, rows.denseWidth, a, b)
                && same(rows.sequenceGaps, rows.sequenceLength, a, b)
                && same(rows.sequenceTypes, rows.sequenceLength, a, b)
                && same(rows.ids, rows.idWidth, a, b);
    }

    private static boolean same(float[] values, int width, int a, int b) {
        return Arrays.equals(values, a * width, (a + 1) * width, values, b * width, (b + 1) * width);
    }

    private static boolean same(int[] values, int width, int a, int b) {
        return Arrays.equals(values, a * width, (a + 1) * width, values, b * width, (b + 1) * width);
    }

    /** Puts a batch's only row behind the rows of another of the same widths. */
    static void append(ExampleBatch row, ExampleBatch to) {
        int at = to.size++;
        System.arraycopy(row.dense, 0, to.dense, at * to.denseWidth, to.denseWidth);
        System.arraycopy(row.ids, 0, to.ids, at * to.idWidth, to.idWidth);
        System.arraycopy(row.sequenceTypes, 0, to.sequenceTypes, at * to.sequenceLength, to.sequenceLength);
        System.arraycopy(row.sequenceGaps, 0, to.sequenceGaps, at * to.sequenceLength, to.sequenceLength);
    }

    /** Copies rows of a batch to the beginning of another of the same widths. */
    static void copy(ExampleBatch from, int first, int count, ExampleBatch to) {
        System.arraycopy(from.dense, first * from.denseWidth, to.dense, 0, count * from.denseWidth);
        System.arraycopy(from.ids, first * from.idWidth, to.ids, 0, count * from.idWidth);
        System.arraycopy(
                from.sequenceTypes, first * from.sequenceLength, to.sequenceTypes, 0, count * from.sequenceLength);
        System.arraycopy(
                from.sequenceGaps, first * from.sequenceLength, to.sequenceGaps, 0, count * from.sequenceLength);
        to.size = count;
    }

    /** A row's features by name, those first that are not 0, as many as a line holds. */
    static String words(ExampleBatch rows, int row, FeatureSchema schema) {
        List<DenseFeature> dense = schema.dense();
        List<IdFeature> ids = schema.ids();
        List<String> said = new ArrayList<>();
        IntStream.range(0, dense.size())
                .boxed()
                .sorted((a, b) -> Boolean.compare(value(rows, row, a) == 0, value(rows, row, b) == 0))
                .map(c -> dense.get(c).name() + " = "
                        + String.format(Locale.ROOT, "%.6g", value(rows, row, c))
                                .replaceAll("\\.?0+$", ""))
                .forEach(said::add);
        IntStream.range(0, ids.size())
                .mapToObj(c -> ids.get(c).name() + " = " + rows.ids[row * rows.idWidth + c])
                .forEach(said::add);
        return String.join(", ", said.subList(0, Math.min(FEATURES_SAID, said.size())))
                + (said.size() > FEATURES_SAID ? " and " + (said.size() - FEATURES_SAID) + " more" : "");
    }

    private static float value(ExampleBatch rows, int row, int column) {
        return rows.dense[row * rows.denseWidth + column];
    }
}
