package io.livepredict.deploy.replay;

import io.livepredict.contract.CanonicalEvent;
import io.livepredict.contract.CanonicalEventBuilder;
import io.livepredict.contract.DeadLetterReason;
import io.livepredict.contract.Kind;
import io.livepredict.streams.mapping.Column;
import io.livepredict.streams.mapping.EventMapping;
import io.livepredict.streams.mapping.MappingSettings;
import io.livepredict.streams.mapping.RefusedRecordException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A recorded log as canonical events, in its order. Rows that are left out or can't be used are counted. Not safe for use
 * from several threads, but for {@link #progress}.
 */
public final class Recording implements AutoCloseable {
    /** A number of many digits, of which only the first ones are there. */
    private static final Pattern CUT_SHORT = Pattern.compile("\\d([.,]\\d+)?[Ee]\\+?1\\d");

    private static final String ONE_OBJECT =
            "; if the rows are in a list within it, say rows: in the mapping, and if it"
                    + " has columns in place of rows, write rows (pandas: to_json(orient=\"records\", lines=True))";

    private static final int FAULTS_KEPT = 5;
    /** When none of so many rows could be used, the mapping is another log's. */
    private static final int ROWS_TO_JUDGE_THE_MAPPING = 1_000;

    private final LogReader reader;
    private final EventMapping mapping;
    private final String name;
    private final Path file;
    private final long limit;
    private final Map<String, Long> leftOut = new TreeMap<>();
    private final Map<String, Long> rowsByColumn = new TreeMap<>();
    private final List<String> faults = new ArrayList<>();
    private final List<String> hints;
    private final @Nullable TimeOrder order;
    private final Map<String, Long> valuesLeftOut = new TreeMap<>();
    private final List<String> valueFaults = new ArrayList<>();
    /** Where the row that is being mapped begins. */
    private long place;

    private volatile long rows; // written by one thread, read by those who ask for progress
    private long events;
    private long unusable;
    private LogSpan span = LogSpan.NONE;
    /** Read ahead to see what kind of times they have, and not given out yet. */
    private final Deque<CanonicalEvent> ahead = new ArrayDeque<>();

    /**
     * An event of the log.
     *
     * @param event with an id of its own: the log's, or the name of the file and the line
     */
    public record Recorded(CanonicalEvent event) {}

    /**
     * @param limit rows to read at most
     * @throws LogException if the log can't be opened, or a CSV file has no column that the mapping needs
     */
    public Recording(Path file, MappingSettings settings, long limit) {
        this.file = file;
        this.mapping = new EventMapping(settings, this::leftOut);
        this.order = settings.sorted() == null ? null : new TimeOrder(settings.sorted(), this::read);
        this.hints = settings.hints();
        this.limit = limit;
        Path fileName = file.getFileName();
        this.name = fileName == null ? "log" : fileName.toString();
        this.reader = LogReader.open(file, LogForm.of(settings));
        try {
            checkColumns(settings);
        } catch (LogException e) {
            reader.close();
            throw e;
        }
    }

    private void checkColumns(MappingSettings settings) {
        if (settings.time().unit() == MappingSettings.Unit.RECORD) {
            throw new LogException("time.unit is record, the timestamp of a record in a topic, and " + file
                    + " is a file: name a column with the time");
        }
        for (Column column : settings.named()) {
            if (column.root() == Column.Root.KEY) {
                throw new LogException(column.path() + " is the key of a record in a topic, and " + file
                        + " is a file: name a column");
            }
            if (!reader.columns().isEmpty() && !reader.columns().contains(column.path())) {
                throw new LogException(file + ":1: there is no column '" + column.path()
                        + "', which the mapping names; the first line must name the columns, and it names "
                        + reader.columns() + separatorHint());
            }
        }
    }

    private String separatorHint() {
        if (reader.columns().size() != 1) {
            return "";
        }
        String only = reader.columns().iterator().next();
        if (only.startsWith("#")) {
            return "; a comment stands first: delete the lines above the one that names the columns";
        }
        return only.indexOf('\t') >= 0
                ? "; tabs stand between them: say separator: tab in the mapping"
                : only.indexOf(';') >= 0
                        ? "; semicolons stand between them: say separator: ';' in the mapping"
                        : only.indexOf('|') >= 0 ? "; say separator: '|' in the mapping" : "";
    }

    /** What may be meant otherwise than the mapping has it, a line each. */
    public List<String> hints() {
        return hints;
    }

    private void leftOut(String column, String why) {
        if (valuesLeftOut.merge(column, 1L, Long::sum) == 1) {
            valueFaults.add(file + ":" + place + ": " + why + " (its event is kept)");
        }
    }

    /** Optional values that could not be used, by the mapping's column; their events were kept without them. */
    public Map<String, Long> valuesLeftOut() {
        return Collections.unmodifiableMap(valuesLeftOut);
    }

    public Kind kind() {
        return mapping.kind();
    }

    /**
     * The next event, or null at the end.
     *
     * @throws LogException if the log can't be read further, or nothing but unusable rows came
     */
    public @Nullable Recorded next() {
        CanonicalEvent first = ahead.poll();
        CanonicalEvent event = first == null ? ordered() : first;
        if (event == null) {
            return null;
        }
        events++;
        span = span.with(event.timeMillis());
        return new Recorded(event);
    }

    /**
     * From when to when the next events are, at most {@value #ROWS_TO_JUDGE_THE_MAPPING} of them; they are read ahead.
     *
     * @throws LogException as {@link #next} does
     */
    public LogSpan beginning() {
        while (ahead.size() < ROWS_TO_JUDGE_THE_MAPPING) {
            CanonicalEvent event = ordered();
            if (event == null) {
                break;
            }
            ahead.add(event);
        }
        LogSpan beginning = LogSpan.NONE;
        for (CanonicalEvent event : ahead) {
            beginning = beginning.with(event.timeMillis());
        }
        return beginning;
    }

    /** From when to when the events given out so far are. */
    public LogSpan span() {
        return span;
    }

    private @Nullable CanonicalEvent ordered() {
        return order == null ? read() : order.next();
    }

    private @Nullable CanonicalEvent read() {
        while (rows < limit) {
            RowSource.Row row = reader.next();
            if (unusable == rows && rows > 0 && (row == null || rows == ROWS_TO_JUDGE_THE_MAPPING)) {
                throw new LogException("none of the first " + rows + " rows fits the mapping, " + leftOut
                        + "; the first: " + faults.getFirst()
                        + (rows == 1 && reader.columns().isEmpty() ? ONE_OBJECT : ""));
            }
            if (row == null) {
                return null;
            }
            rows = rows + 1;
            place = row.place();
            if (row.fields() == null) {
                fault(String.valueOf(row.fault()), row.words());
                continue;
            }
            try {
                switch (mapping.map(row.fields())) {
                    case EventMapping.LeftOut leftOut ->
                        this.leftOut.merge(leftOut.why().name(), 1L, Long::sum);
                    case EventMapping.Made made -> {
                        if (CUT_SHORT.matcher(made.event().entityId()).matches()) {
                            fault(
                                    DeadLetterReason.BAD_FIELD.name(),
                                    "the id " + made.event().entityId() + " has lost its last digits, as spreadsheets"
                                            + " write long numbers, and may stand for several people: export that column"
                                            + " as text");
                            continue;
                        }
                        return withId(made.event(), place);
                    }
                }
            } catch (RefusedRecordException e) {
                if (e.column() != null) {
                    rowsByColumn.merge(e.column(), 1L, Long::sum);
                }
                fault(e.reason().name(), e.getMessage());
            }
        }
        return null;
    }

    /** Rows read. */
    public long rows() {
        return rows;
    }

    /** Events given out. */
    public long events() {
        return events;
    }

    /** Rows that made none, by reason. */
    public Map<String, Long> leftOut() {
        return Map.copyOf(leftOut);
    }

    /** Rows that made none because of one column of the mapping, by that column. */
    public Map<String, Long> rowsLeftOutByColumn() {
        return Collections.unmodifiableMap(rowsByColumn);
    }

    /** The first rows, and the first value of each column, that could not be used, each with its line and what is wrong. */
    public List<String> faults() {
        List<String> all = new ArrayList<>(faults);
        all.addAll(valueFaults);
        return all;
    }

    /** How much of the file has been read, 0 to 1. */
    public double progress() {
        return Math.max(reader.progress(), limit == Long.MAX_VALUE ? 0 : rows / (double) limit);
    }

    @Override
    public void close() {
        reader.close();
    }

    private void fault(String reason, @Nullable String what) {
        unusable++;
        leftOut.merge(reason, 1L, Long::sum);
        if (faults.size() < FAULTS_KEPT) {
            faults.add(file + ":" + place + ": " + what);
        }
    }

    private CanonicalEvent withId(CanonicalEvent event, long line) {
        return event.eventId() != null
                ? event
                : CanonicalEventBuilder.builder(event)
                        .eventId(name + ':' + line)
                        .build();
    }
}
