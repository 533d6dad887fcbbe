package io.livepredict.deploy.replay;

import io.livepredict.csv.CsvReader;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Rows of cells. */
final class CsvRows implements RowSource {
    private static final Pattern SEPARATOR_LINE = Pattern.compile("sep=.?", Pattern.CASE_INSENSITIVE);

    private final CsvReader reader;
    private final String charset;
    private final Map<String, Integer> header = new LinkedHashMap<>();
    private final int width;

    /** @throws LogException if there is no header, or two columns have one name */
    CsvRows(Path file, LogText text, LogForm form, char separator) throws IOException {
        this.charset = text.charset().name();
        reader = new CsvReader(new BufferedReader(text, 1 << 16), separator, form.quotes());
        List<String> names = form.columns();
        if (names.isEmpty()) {
            CsvReader.Row first = reader.next();
            if (first == null) {
                throw new LogException(
                        file
                                + ":1: a CSV file begins with a header line that names its columns; or say columns: in the mapping");
            }
            if (saysSeparator(first)) {
                reader.separateBy(separatorOf(first, separator));
                first = reader.next();
                if (first == null) {
                    throw new LogException(file + ":2: there is no header line that names the columns");
                }
            }
            names = first.cells();
            if (first.line() == 1 && names.stream().anyMatch(name -> name.indexOf(LogText.UNFIT) >= 0)) {
                throw new LogException(file + ":1: " + Row.unfit(1, charset).words());
            }
        }
        width = names.size();
        for (int i = 0; i < names.size(); i++) {
            String column = names.get(i).strip();
            if (header.putIfAbsent(column, i) != null && !column.isEmpty()) {
                throw new LogException(file + ":1: two columns are named '" + column + "'");
            }
        }
    }

    /** Spreadsheets begin a file with such a line so that others know its separator; it is no header. */
    private static boolean saysSeparator(CsvReader.Row first) {
        return first.line() == 1
                && SEPARATOR_LINE.matcher(String.join("", first.cells())).matches();
    }

    private static char separatorOf(CsvReader.Row first, char configured) {
        String said = String.join("", first.cells()).substring("sep=".length());
        return said.isEmpty() ? configured : said.charAt(0);
    }

    @Override
    public Set<String> columns() {
        return Collections.unmodifiableSet(header.keySet());
    }

    @Override
    public long place() {
        return reader.line();
    }

    @Override
    public @Nullable Row next() throws IOException {
        CsvReader.Row row = reader.next();
        if (row == null) {
            return null;
        }
        List<String> cells = row.cells();
        if (!row.isWhole()) {
            return Row.unreadable(row.line(), "has a quoted field that does not end; quotes within one are doubled");
        }
        for (String cell : cells) {
            if (cell.indexOf(LogText.UNFIT) >= 0) {
                return Row.unfit(row.line(), charset);
            }
        }
        if (cells.size() != width) {
            return Row.unreadable(row.line(), "has " + cells.size() + " columns, and the header names " + width);
        }
        return Row.of(row.line(), column -> {
            Integer index = header.get(column.path());
            return index == null ? null : cells.get(index);
        });
    }
}
