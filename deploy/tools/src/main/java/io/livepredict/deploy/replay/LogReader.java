package io.livepredict.deploy.replay;

import io.livepredict.streams.mapping.MappingSettings.LogFormat;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackReader;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;
import org.apache.commons.compress.compressors.zstandard.ZstdCompressorInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Reads a recorded log row by row: CSV (RFC 4180, a quoted field may span lines) and its relatives, JSON Lines, or a list in one
 * JSON document; plain or compressed by gzip, xz or zstd. The name says which, {@code .csv}, {@code .tsv}, {@code .jsonl},
 * {@code .ndjson}, {@code .json}, then {@code .gz}, {@code .xz} or {@code .zst}, unless the mapping does. Not safe for use from
 * several threads, but for {@link #progress}.
 */
public final class LogReader implements AutoCloseable {
    private static final String PACKED = "\\.(gz|xz|zst)$";

    private final Path file;
    private final long fileBytes;
    private final AtomicLong readBytes = new AtomicLong();
    private final LogText text;
    private final RowSource rows;

    private LogReader(Path file, LogForm form, LogFormat format) throws IOException {
        this.file = file;
        this.fileBytes = Files.size(file);
        InputStream raw = new Counting(Files.newInputStream(file), readBytes);
        try {
            text = LogText.of(unpacked(file, raw), form.charset());
            rows = switch (format) {
                case CSV, TSV -> new CsvRows(file, text, form, form.separatorFor(format));
                case JSON_LINES -> JsonRows.lines(text);
                case JSON -> JsonRows.document(file, text, form.rows());
            };
        } catch (IOException | LogException e) {
            raw.close();
            throw e;
        }
    }

    private static InputStream unpacked(Path file, InputStream raw) throws IOException {
        String name = name(file);
        if (name.endsWith(".gz")) {
            return new GzipCompressorInputStream(raw, true);
        }
        if (name.endsWith(".xz")) {
            return new XZCompressorInputStream(raw, true);
        }
        return name.endsWith(".zst") ? new ZstdCompressorInputStream(raw) : raw;
    }

    /**
     * Opens a log.
     *
     * @throws LogException if there is no such file, nothing says its format, or it has no header
     */
    static LogReader open(Path file, LogForm form) {
        try {
            return new LogReader(file, form, format(file, form));
        } catch (NoSuchFileException e) {
            throw new LogException(file + ": there is no such file", e);
        } catch (IOException e) {
            throw new LogException(file + ": can't be read: " + e.getMessage(), e);
        }
    }

    private static LogFormat format(Path file, LogForm form) throws IOException {
        if (form.format() != null) {
            return form.format();
        }
        if (form.rows() != null) {
            return LogFormat.JSON;
        }
        String name = name(file).replaceFirst(PACKED, "");
        if (name.endsWith(".csv")) {
            return LogFormat.CSV;
        }
        if (name.endsWith(".tsv") || name.endsWith(".tab")) {
            return LogFormat.TSV;
        }
        if (name.endsWith(".jsonl") || name.endsWith(".ndjson")) {
            return LogFormat.JSON_LINES;
        }
        if (name.endsWith(".json")) {
            return beginsWithList(file, form) ? LogFormat.JSON : LogFormat.JSON_LINES;
        }
        if (name.endsWith(".sql")) {
            throw new LogException(
                    file + ": is a dump of a database, not a log: export the table by itself, such as with"
                            + " psql's \\copy (SELECT …) TO 'events.csv' CSV HEADER");
        }
        throw new LogException(file
                + ": its name does not say what it is: it must end in .csv, .tsv, .jsonl, .ndjson or .json, and may go on with"
                + " .gz, .xz or .zst; or say format: in the mapping");
    }

    private static boolean beginsWithList(Path file, LogForm form) throws IOException {
        try (PushbackReader in =
                new PushbackReader(LogText.of(unpacked(file, Files.newInputStream(file)), form.charset()))) {
            int c = in.read();
            while (c >= 0 && Character.isWhitespace(c)) {
                c = in.read();
            }
            return c == '[';
        }
    }

    /** The columns of a CSV file, in its order; empty for JSON, where each row has its own. */
    Set<String> columns() {
        return rows.columns();
    }

    /** The next row, or null at the end. */
    RowSource.@Nullable Row next() {
        try {
            return rows.next();
        } catch (IOException e) {
            throw new LogException(file + ":" + (rows.place() + 1) + ": can't be read further: " + e.getMessage(), e);
        }
    }

    /** How much of the file has been read, 0 to 1. */
    public double progress() {
        return fileBytes == 0 ? 1 : Math.min(1, readBytes.get() / (double) fileBytes);
    }

    @Override
    public void close() {
        try {
            text.close();
        } catch (IOException e) {
            throw new LogException(file + ": " + e.getMessage(), e);
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
