package io.livepredict.csv;

import java.io.BufferedReader;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads rows of cells: RFC 4180 with any separator, where a quoted cell may span lines, or the text format of PostgreSQL's COPY,
 * where a backslash escapes. A quote that nobody closes costs its row only. Blank lines are no rows. Not safe for use from
 * several threads.
 */
public final class CsvReader {
    /** A quoted cell longer than this is taken for a quote that nobody closed. */
    private static final int LONGEST_RECORD = 64 * 1024;

    private static final char BYTE_ORDER_MARK = '\uFEFF';
    private static final String END_OF_COPY = "\\.";
    private static final String NULL_OF_COPY = "\\N";

    private final BufferedReader in;
    private char separator;
    private final boolean quotes;
    /** Lines that were read in search of a closing quote and belong to other rows. */
    private final Deque<String> again = new ArrayDeque<>();

    private long line;
    private boolean atEnd;

    /**
     * One row.
     *
     * @param line where it begins, from 1
     * @param cells its cells; of a row that does not end those up to where it was given up
     * @param isWhole whether it ends: false if a quoted cell in it does not
     */
    public record Row(long line, List<String> cells, boolean isWhole) {}

    /**
     * @param separator what stands between cells
     * @param quotes whether cells may stand in double quotes; otherwise a backslash escapes, as COPY writes it
     */
    public CsvReader(BufferedReader in, char separator, boolean quotes) {
        this.in = in;
        this.separator = separator;
        this.quotes = quotes;
    }

    /** From the next row on cells are separated otherwise. */
    public void separateBy(char other) {
        separator = other;
    }

    /** The next row, or null at the end, also when asked again. */
    public @Nullable Row next() throws IOException {
        while (true) {
            String text = atEnd ? null : readLine();
            if (text == null || !quotes && text.equals(END_OF_COPY)) {
                atEnd = true;
                return null;
            }
            if (separator == '\t' ? text.isEmpty() : text.isBlank()) {
                continue;
            }
            long begin = line;
            List<String> cells = new ArrayList<>();
            if (!quotes) {
                splitEscaped(text, cells);
                return new Row(begin, cells, true);
            }
            boolean whole = split(text, cells) || readOn(text, cells);
            return new Row(begin, cells, whole);
        }
    }

    /** The number of the line read last, from 1. */
    public long line() {
        return line;
    }

    /**
     * Reads the lines in which a quoted cell goes on. If it does not end within reason, a quote was meant as a letter: only
     * that row is lost, and reading goes on with the line after it.
     */
    private boolean readOn(String first, List<String> cells) throws IOException {
        StringBuilder text = new StringBuilder(first);
        List<String> read = new ArrayList<>();
        while (text.length() <= LONGEST_RECORD) {
            String more = readLine();
            if (more == null) {
                break;
            }
            read.add(more);
            text.append('\n').append(more);
            cells.clear();
            if (more.indexOf('"') >= 0 && split(text.toString(), cells)) {
                return true;
            }
        }
        line -= read.size();
        for (int i = read.size() - 1; i >= 0; i--) {
            again.addFirst(read.get(i));
        }
        return false;
    }

    /** The next line without its end, or a byte order mark at the beginning of the file; null at the end. */
    private @Nullable String readLine() throws IOException {
        String text = again.isEmpty() ? in.readLine() : again.removeFirst();
        if (text == null) {
            return null;
        }
        line++;
        return line == 1 && !text.isEmpty() && text.charAt(0) == BYTE_ORDER_MARK ? text.substring(1) : text;
    }

    /** Splits a line at its separators. Returns false if a quoted cell goes on in the next line. */
    private boolean split(String text, List<String> cells) {
        int at = 0;
        while (true) {
            if (at < text.length() && text.charAt(at) == '"') {
                StringBuilder cell = new StringBuilder();
                at++;
                while (true) {
                    int quote = text.indexOf('"', at);
                    if (quote < 0) {
                        return false;
                    }
                    cell.append(text, at, quote);
                    at = quote + 1;
                    if (at < text.length() && text.charAt(at) == '"') {
                        cell.append('"');
                        at++;
                    } else {
                        break;
                    }
                }
                int end = text.indexOf(separator, at);
                cell.append(text, at, end < 0 ? text.length() : end);
                cells.add(cell.toString());
                at = end < 0 ? -1 : end + 1;
            } else {
                int end = text.indexOf(separator, at);
                cells.add(end < 0 ? text.substring(at) : text.substring(at, end));
                at = end < 0 ? -1 : end + 1;
            }
            if (at < 0) {
                return true;
            }
        }
    }

    private void splitEscaped(String text, List<String> cells) {
        int begin = 0;
        for (int i = 0; i <= text.length(); i++) {
            if (i < text.length() && text.charAt(i) == '\\') {
                i++;
            } else if (i >= text.length() || text.charAt(i) == separator) {
                cells.add(unescaped(text.substring(begin, Math.min(i, text.length()))));
                begin = i + 1;
            }
        }
    }

    private static String unescaped(String cell) {
        if (cell.indexOf('\\') < 0 || cell.equals(NULL_OF_COPY)) {
            return cell;
        }
        StringBuilder out = new StringBuilder(cell.length());
        for (int i = 0; i < cell.length(); i++) {
            char c = cell.charAt(i);
            if (c != '\\' || i + 1 == cell.length()) {
                out.append(c);
                continue;
            }
            i++;
            out.append(
                    switch (cell.charAt(i)) {
                        case 't' -> '\t';
                        case 'n' -> '\n';
                        case 'r' -> '\r';
                        case 'b' -> '\b';
                        case 'f' -> '\f';
                        case 'v' -> '\u000B';
                        default -> cell.charAt(i);
                    });
        }
        return out.toString();
    }
}
