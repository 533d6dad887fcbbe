package io.livepredict.trainer.study;

import io.livepredict.contract.DenseFeature;
import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.Kind;
import io.livepredict.contract.Scale;
import io.livepredict.csv.CsvReader;
import io.livepredict.trainer.learner.TrainerException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import org.tukaani.xz.XZInputStream;

/**
 * Rows of numbers with a label of 0 or 1, in the order of the file, or of its column {@code as_of} where it has one: what comes
 * later must not be learned first. Rows without a label are left out.
 *
 * @param names of the feature columns
 * @param rows per row its features
 * @param labels per row
 * @param served per row what was served, or null where the file does not say
 * @param skippedColumns columns that are not numbers
 */
@SuppressWarnings("ArrayRecordComponent") // columns of numbers, never compared
public record ExampleTable(
        List<String> names, float[][] rows, float[] labels, float @Nullable [] served, List<String> skippedColumns) {

    private static final Set<String> ABOUT =
            Set.of("entity_id", "context_id", "event_id", "as_of", "horizon_ms", "model_version");
    private static final int ROWS_TO_JUDGE_A_COLUMN = 100;

    /**
     * Reads a CSV file (plain, .gz or .xz) with a header: one that {@code examples export} wrote, or any other with a label
     * column. Every other column of numbers is a feature.
     *
     * @param label the label's column; may be left out where the file has exactly one that is called {@code label},
     *     {@code class} or {@code label.TARGET}
     * @throws TrainerException in one line, if the file does not fit
     */
    public static ExampleTable read(Path file, @Nullable String label) throws IOException {
        try (BufferedReader in = open(file)) {
            return new Reading(file, in, label).all();
        } catch (NoSuchFileException e) {
            throw new TrainerException(file + ": there is no such file", e);
        }
    }

    private static BufferedReader open(Path file) throws IOException {
        InputStream bytes = Files.newInputStream(file);
        String name = String.valueOf(file.getFileName());
        InputStream plain = name.endsWith(".gz")
                ? new GZIPInputStream(bytes)
                : name.endsWith(".xz") ? new XZInputStream(bytes) : bytes;
        return new BufferedReader(new InputStreamReader(plain, StandardCharsets.UTF_8), 1 << 16);
    }

    public int size() {
        return labels.length;
    }

    /** Share of ones. */
    public double baseRate() {
        double sum = 0;
        for (float label : labels) {
            sum += label;
        }
        return sum / labels.length;
    }

    /**
     * The columns as features. A column whose largest magnitude is above 1,000 is taken in logarithms, as amounts are
     * online; others as they are.
     */
    public FeatureSchema schema() {
        List<DenseFeature> dense = new ArrayList<>();
        for (int c = 0; c < names.size(); c++) {
            float largest = 0;
            for (float[] row : rows) {
                largest = Math.max(largest, Math.abs(row[c]));
            }
            dense.add(new DenseFeature(
                    names.get(c), names.get(c), largest > 1_000 ? Scale.AMOUNT : Scale.PLAIN, "column"));
        }
        return new FeatureSchema(Kind.VIEWER, dense, List.of(), 0, "", List.of());
    }

    private static final class Reading {
        private final Path file;
        private final CsvReader in;
        private final List<String> header;
        private final int labelColumn;
        private final int servedColumn;
        private final int asOfColumn;
        private final List<Long> asOf = new ArrayList<>();
        private long lineNumber = 1;

        Reading(Path file, BufferedReader in, @Nullable String label) throws IOException {
            this.file = file;
            this.in = new CsvReader(in, ',', true);
            List<String> cells = line();
            if (cells == null) {
                throw new TrainerException(file + ": is empty; a header line is wanted");
            }
            header = cells;
            labelColumn = labelColumn(label);
            asOfColumn = header.indexOf("as_of");
            String name = header.get(labelColumn);
            servedColumn =
                    name.startsWith("label.") ? header.indexOf("served." + name.substring("label.".length())) : -1;
        }

        private int labelColumn(@Nullable String label) {
            List<String> candidates = label == null
                    ? header.stream()
                            .filter(c -> c.equals("label") || c.equals("class") || c.startsWith("label."))
                            .toList()
                    : header.stream()
                            .filter(c -> c.equals(label) || c.equals("label." + label))
                            .toList();
            if (candidates.size() != 1) {
                throw new TrainerException(file + ": "
                        + (candidates.isEmpty()
                                ? "has no column " + (label == null ? "called label or class" : label)
                                : "has several labels, " + candidates)
                        + "; name one with --label; there are " + header);
            }
            return header.indexOf(candidates.get(0));
        }

        ExampleTable all() throws IOException {
            List<List<String>> first = new ArrayList<>();
            List<Long> firstLines = new ArrayList<>();
            for (List<String> cells = line(); cells != null; cells = line()) {
                first.add(cells);
                firstLines.add(lineNumber);
                if (first.size() == ROWS_TO_JUDGE_A_COLUMN) {
                    break;
                }
            }
            List<Integer> columns = new ArrayList<>();
            List<String> skipped = new ArrayList<>();
            for (int c = 0; c < header.size(); c++) {
                String name = header.get(c);
                int column = c;
                if (c == labelColumn
                        || name.startsWith("label.")
                        || name.startsWith("served.")
                        || ABOUT.contains(name)) {
                    continue;
                }
                if (first.stream().allMatch(cells -> isNumber(cells.get(column)))) {
                    columns.add(c);
                } else {
                    skipped.add(name);
                }
            }
            if (columns.isEmpty()) {
                throw new TrainerException(file + ": has no column of numbers beside the label");
            }
            List<float[]> rows = new ArrayList<>();
            List<Float> labels = new ArrayList<>();
            List<Float> served = new ArrayList<>();
            for (int i = 0; i < first.size(); i++) {
                add(first.get(i), firstLines.get(i), columns, rows, labels, served);
            }
            for (List<String> cells = line(); cells != null; cells = line()) {
                add(cells, lineNumber, columns, rows, labels, served);
            }
            if (rows.isEmpty()) {
                throw new TrainerException(file + ": no row has a label");
            }
            Integer[] order = order();
            return new ExampleTable(
                    columns.stream().map(header::get).toList(),
                    ordered(rows, order).toArray(new float[0][]),
                    floats(ordered(labels, order)),
                    servedColumn < 0 ? null : floats(ordered(served, order)),
                    skipped);
        }

        private void add(
                List<String> cells,
                long number,
                List<Integer> columns,
                List<float[]> rows,
                List<Float> labels,
                List<Float> served) {
            String label = cells.get(labelColumn).strip();
            if (label.isEmpty()) {
                return;
            }
            float value = number(label, number, labelColumn);
            if (value != 0 && value != 1) {
                throw new TrainerException(file + ":" + number + ": " + header.get(labelColumn) + ": " + label
                        + ": a label must be 0 or 1");
            }
            float[] row = new float[columns.size()];
            for (int i = 0; i < row.length; i++) {
                row[i] = number(cells.get(columns.get(i)), number, columns.get(i));
            }
            if (asOfColumn >= 0) {
                asOf.add(time(cells.get(asOfColumn), number));
            }
            rows.add(row);
            labels.add(value);
            if (servedColumn >= 0) {
                served.add(number(cells.get(servedColumn), number, servedColumn));
            }
        }

        private float number(String cell, long number, int column) {
            try {
                float value = Float.parseFloat(cell.strip());
                if (Float.isFinite(value)) {
                    return value;
                }
            } catch (NumberFormatException e) {
                // The error is reported below.
            }
            throw new TrainerException(
                    file + ":" + number + ": " + header.get(column) + ": '" + cell + "' is no finite number");
        }

        private long time(String cell, long number) {
            try {
                return Long.parseLong(cell.strip());
            } catch (NumberFormatException e) {
                throw new TrainerException(
                        file + ":" + number + ": as_of: '" + cell + "' is not a time in milliseconds", e);
            }
        }

        private static boolean isNumber(String cell) {
            try {
                return Float.isFinite(Float.parseFloat(cell.strip()));
            } catch (NumberFormatException e) {
                return false;
            }
        }

        private static float[] floats(List<Float> values) {
            float[] array = new float[values.size()];
            for (int i = 0; i < array.length; i++) {
                array[i] = values.get(i);
            }
            return array;
        }

        private @Nullable List<String> line() throws IOException {
            CsvReader.Row row = in.next();
            if (row == null) {
                return null;
            }
            lineNumber = row.line();
            List<String> cells = row.cells();
            if (!row.isWhole() || header != null && cells.size() != header.size()) {
                throw new TrainerException(file + ":" + lineNumber
                        + (row.isWhole()
                                ? ": has " + cells.size() + " cells, the header " + header.size()
                                : ": has a quoted cell that does not end"));
            }
            return cells;
        }

        /** The positions of the rows in order of as-of time; null where they are in it, or the file does not say. */
        private Integer @Nullable [] order() {
            boolean inOrder = true;
            for (int i = 1; i < asOf.size() && inOrder; i++) {
                inOrder = asOf.get(i - 1) <= asOf.get(i);
            }
            if (inOrder) {
                return null;
            }
            Integer[] order = new Integer[asOf.size()];
            Arrays.setAll(order, i -> i);
            Arrays.sort(order, Comparator.comparingLong(asOf::get));
            return order;
        }

        private static <T> List<T> ordered(List<T> values, Integer @Nullable [] order) {
            return order == null || values.isEmpty()
                    ? values
                    : Arrays.stream(order).map(values::get).toList();
        }
    }
}
