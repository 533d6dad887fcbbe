package io.livepredict.trainer.learner;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * Puts rows in order of time, in bounded memory: more than that is kept in files beside the one that is written, which are merged
 * in the end. Rows of one time are in order of their text, so that the same rows give the same file. Not safe for use from
 * several threads.
 */
final class OrderedRows implements AutoCloseable {
    private static final Comparator<Row> ORDER =
            Comparator.comparingLong(Row::timeMillis).thenComparing(Row::text);

    private final Path folder;
    private final long mostChars;
    private final List<Row> held = new ArrayList<>();
    private final List<Path> runs = new ArrayList<>();
    private long heldChars;

    private record Row(long timeMillis, String text) {}

    /** What takes the rows in order. */
    @FunctionalInterface
    interface Sink {
        /** Takes the next row. */
        void row(String text) throws IOException;
    }

    /**
     * @param folder where files are kept meanwhile
     * @param mostChars how many characters of rows are held in memory
     */
    OrderedRows(Path folder, long mostChars) {
        this.folder = folder;
        this.mostChars = mostChars;
    }

    void add(long timeMillis, String text) throws IOException {
        held.add(new Row(timeMillis, text));
        heldChars += text.length();
        if (heldChars > mostChars) {
            spill();
        }
    }

    private void spill() throws IOException {
        held.sort(ORDER);
        Path run = Files.createTempFile(folder, "examples-", ".sorting");
        runs.add(run);
        try (DataOutputStream out = new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(run)))) {
            for (Row row : held) {
                byte[] bytes = row.text().getBytes(StandardCharsets.UTF_8);
                out.writeLong(row.timeMillis());
                out.writeInt(bytes.length);
                out.write(bytes);
            }
        }
        held.clear();
        heldChars = 0;
    }

    /** Hands on all rows in order; once. */
    void drainTo(Sink sink) throws IOException {
        held.sort(ORDER);
        List<Run> open = new ArrayList<>();
        try {
            PriorityQueue<Run> next = new PriorityQueue<>((a, b) -> ORDER.compare(a.first(), b.first()));
            for (Path file : runs) {
                Run run = new Run(file);
                open.add(run);
                if (run.advance()) {
                    next.add(run);
                }
            }
            int at = 0;
            while (at < held.size() || !next.isEmpty()) {
                Run run = next.peek();
                if (run == null || at < held.size() && ORDER.compare(held.get(at), run.first()) <= 0) {
                    sink.row(held.get(at++).text());
                    continue;
                }
                next.remove();
                sink.row(run.first().text());
                if (run.advance()) {
                    next.add(run);
                }
            }
        } finally {
            for (Run run : open) {
                run.close();
            }
        }
    }

    @Override
    public void close() throws IOException {
        for (Path run : runs) {
            Files.deleteIfExists(run);
        }
    }

    /** A sorted file, read from its beginning. */
    private static final class Run implements AutoCloseable {
        private final DataInputStream in;
        private @Nullable Row first;

        Run(Path file) throws IOException {
            in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file)));
        }

        /** Goes to the next row; false at the end. */
        boolean advance() throws IOException {
            try {
                long timeMillis = in.readLong();
                byte[] bytes = new byte[in.readInt()];
                in.readFully(bytes);
                first = new Row(timeMillis, new String(bytes, StandardCharsets.UTF_8));
                return true;
            } catch (EOFException e) {
                return false;
            }
        }

        Row first() {
            if (first == null) {
                throw new IllegalStateException("advance first");
            }
            return first;
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }
}
