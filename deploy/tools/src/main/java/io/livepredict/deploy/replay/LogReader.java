package io.livepredict.deploy.replay;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.livepredict.streams.mapping.Column;
import io.livepredict.streams.mapping.Fields;
import java.io.BufferedReader;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Reads a recorded log row by row: CSV with a header line (RFC 4180, a quoted field may span lines), or JSON Lines; plain
 * or compressed by gzip or xz, which the name says: {@code .csv}, {@code .jsonl}, {@code .ndjson}, {@code .json}, then
 * {@code .gz} or {@code .xz}. Not safe for use from several threads, but for {@link #progress}.
 */
public final class LogReader implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final char BYTE_ORDER_MARK = '\uFEFF';

    /** A quoted field longer than this is taken for a quote that nobody closed. */
    private static final int LONGEST_RECORD = 64 * 1024;

    private final Path file;
    private final long fileBytes;
    private final AtomicLong readBytes = new AtomicLong();
    private final BufferedReader reader;
    private final boolean json;
    private final Map<String, Integer> header = new LinkedHashMap<>();
    /** Lines that were read in search of a closing quote and belong to other rows. */
    private final Deque<String> again = new ArrayDeque<>();

    /** How many columns a CSV row has. */
    private int width;

    private long line;

    /**
     * One row.
     *
     * @param line where it begins, from 1
     * @param fields its columns; null where the row could not be read
     * @param fault why not; null where it could
     */
    public record Row(
            long line, @Nullable Fields fields, @Nullable String fault) {}

    private LogReader(Path file, boolean json) throws IOException {
        this.file = file;
        this.json = json;
        this.fileBytes = Files.size(file);
        InputStream raw = new Counting(Files.newInputStream(file), readBytes);
        String name = name(file);
        InputStream plain = name.endsWith(".gz")
                ? new GzipCompressorInputStream(raw, true)
                : name.endsWith(".xz") ? new XZCompressorInputStream(raw, true) : raw;
        reader = new BufferedReader(new InputStreamReader(plain, StandardCharsets.UTF_8), 1 << 16);
    }

    /**
     * Opens a log.
     *
     * @throws LogException if there is no such file, its name says no format, or it has no header
     */
    public static LogReader open(Path file) {
        String name = name(file).replaceFirst("\\.(gz|xz)$", "");
        boolean json = name.endsWith(".jsonl") || name.endsWith(".ndjson") || name.endsWith(".json");
        if (!json && !name.endsWith(".csv")) {
            throw new LogException(
                    file
                            + ": its name does not say what it is: it must end in .csv, .jsonl, .ndjson or .json, and may go on with .gz or .xz");
        }
        try {
            LogReader reader = new LogReader(file, json);
            if (!json) {
                reader.readHeader();
            }
            return reader;
        } catch (NoSuchFileException e) {
            throw new LogException(file + ": there is no such file", e);
        } catch (IOException e) {
            throw new LogException(file + ": can't be read: " + e.getMessage(), e);
        }
    }

    /** The columns of a CSV file, in its order; empty for JSON Lines, where each row has its own. */
    public Set<String> columns() {
        return Collections.unmodifiableSet(header.keySet());
    }

    /** The next row, or null at the end. */
    public @Nullable Row next() {
        try {
            return json ? nextJson() : nextCsv();
        } catch (IOException e) {
            throw new LogException(file + ":" + (line + 1) + ": can't be read further: " + e.getMessage(), e);
        }
    }

    /** How much of the file has been read, 0 to 1. */
    public double progress() {
        return fileBytes == 0 ? 1 : Math.min(1, readBytes.get() / (double) fileBytes);
    }

    @Override
    public void close() {
        try {
            reader.close();
        } catch (IOException e) {
            throw new LogException(file + ": " + e.getMessage(), e);
        }
    }

    private void readHeader() throws IOException {
        String first = readLine();
        if (first == null || first.isBlank()) {
            throw new LogException(file + ":1: a CSV file begins with a header line that names its columns");
        }
        List<String> names = new ArrayList<>();
        split(first, names);
        width = names.size();
        for (int i = 0; i < names.size(); i++) {
            String column = names.get(i).strip();
            if (header.putIfAbsent(column, i) != null && !column.isEmpty()) {
                throw new LogException(file + ":1: two columns are named '" + column + "'");
            }
        }
    }

    private @Nullable Row nextJson() throws IOException {
        while (true) {
            String text = readLine();
            if (text == null) {
                return null;
            }
            if (text.isBlank()) {
                continue;
            }
            try {
                JsonNode node = JSON.readTree(text);
                return node.isObject()
                        ? new Row(line, column -> value(node, column), null)
                        : new Row(line, null, "is not a JSON object");
            } catch (JsonProcessingException e) {
                return new Row(line, null, "is not JSON: " + e.getOriginalMessage());
            }
        }
    }

    private static @Nullable Object value(JsonNode row, Column column) {
        JsonNode node = row;
        for (String part : column.parts()) {
            node = node.path(part);
        }
        if (node.isMissingNode()) {
            node = row.path(column.path()); // a name may have a dot of its own
        }
        if (node.isTextual()) {
            return node.textValue();
        }
        if (node.isNumber()) {
            return node.numberValue();
        }
        if (node.isBoolean()) {
            return node.booleanValue();
        }
        return node.isNull() || node.isMissingNode() ? null : node;
    }

    private @Nullable Row nextCsv() throws IOException {
        while (true) {
            String text = readLine();
            if (text == null) {
                return null;
            }
            if (text.isBlank()) {
                continue;
            }
            long begin = line;
            List<String> values = new ArrayList<>(width);
            if (!split(text, values) && !readOn(text, values)) {
                return new Row(begin, null, "has a quoted field that does not end; quotes within one are doubled");
            }
            if (values.size() != width) {
                return new Row(begin, null, "has " + values.size() + " columns, and the header names " + width);
            }
            return new Row(
                    begin,
                    column -> {
                        Integer index = header.get(column.path());
                        return index == null ? null : values.get(index);
                    },
                    null);
        }
    }

    /**
     * Reads the lines in which a quoted field goes on. If it does not end within reason, a quote was meant as a letter: only
     * that row is lost, and reading goes on with the line after it.
     */
    private boolean readOn(String first, List<String> values) throws IOException {
        StringBuilder text = new StringBuilder(first);
        List<String> read = new ArrayList<>();
        while (text.length() <= LONGEST_RECORD) {
            String more = readLine();
            if (more == null) {
                break;
            }
            read.add(more);
            text.append('\n').append(more);
            values.clear();
            if (more.indexOf('"') >= 0 && split(text.toString(), values)) {
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
        String text = again.isEmpty() ? reader.readLine() : again.removeFirst();
        if (text == null) {
            return null;
        }
        line++;
        return line == 1 && !text.isEmpty() && text.charAt(0) == BYTE_ORDER_MARK ? text.substring(1) : text;
    }

    /** Splits a line at its commas. Returns false if a quoted field goes on in the next line. */
    private static boolean split(String text, List<String> values) {
        int at = 0;
        while (true) {
            if (at < text.length() && text.charAt(at) == '"') {
                StringBuilder value = new StringBuilder();
                at++;
                while (true) {
                    int quote = text.indexOf('"', at);
                    if (quote < 0) {
                        return false;
                    }
                    value.append(text, at, quote);
                    at = quote + 1;
                    if (at < text.length() && text.charAt(at) == '"') {
                        value.append('"');
                        at++;
                    } else {
                        break;
                    }
                }
                int comma = text.indexOf(',', at);
                value.append(text, at, comma < 0 ? text.length() : comma);
                values.add(value.toString());
                at = comma < 0 ? -1 : comma + 1;
            } else {
                int comma = text.indexOf(',', at);
                values.add(comma < 0 ? text.substring(at) : text.substring(at, comma));
                at = comma < 0 ? -1 : comma + 1;
            }
            if (at < 0) {
                return true;
            }
        }
    }

    private static String name(Path file) {
        Path name = file.getFileName();
        return name == null ? "" : name.toString().toLowerCase(Locale.ROOT);
    }

    /** Counts what is read of the file itself, before it is unpacked. */
    private static final class Counting extends FilterInputStream {
        private final AtomicLong count;

        Counting(InputStream in, AtomicLong count) {
            super(in);
            this.count = count;
        }

        @Override
        public int read() throws IOException {
            int value = super.read();
            if (value >= 0) {
                count.incrementAndGet();
            }
            return value;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            int read = super.read(bytes, offset, length);
            if (read > 0) {
                count.addAndGet(read);
            }
            return read;
        }
    }
}
