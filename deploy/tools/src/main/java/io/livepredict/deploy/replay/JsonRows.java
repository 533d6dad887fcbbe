package io.livepredict.deploy.replay;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.livepredict.streams.mapping.JsonValues;
import io.livepredict.streams.mapping.Values;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Rows of JSON objects: one a line, or the elements of a list in one document. */
final class JsonRows {
    private JsonRows() {}

    /** One object a line. */
    static RowSource lines(LogText text) {
        BufferedReader in = new BufferedReader(text, 1 << 16);
        return new RowSource() {
            private long line;

            @Override
            public @Nullable Row next() throws IOException {
                while (true) {
                    String read = in.readLine();
                    if (read == null) {
                        return null;
                    }
                    line++;
                    if (read.isBlank()) {
                        continue;
                    }
                    if (read.indexOf(LogText.UNFIT) >= 0) {
                        return Row.unfit(line, text.charset().name());
                    }
                    try {
                        return row(line, JsonValues.readLine(read));
                    } catch (JsonProcessingException e) {
                        return Row.unreadable(line, "is not JSON: " + e.getOriginalMessage());
                    }
                }
            }

            @Override
            public Set<String> columns() {
                return Set.of();
            }

            @Override
            public long place() {
                return line;
            }
        };
    }

    /**
     * The elements of a list.
     *
     * @param path of the list, with dots; null if the document is that list
     * @throws LogException if there is no list
     */
    static RowSource document(Path file, LogText text, @Nullable String path) throws IOException {
        JsonParser parser = JsonValues.parser(new BufferedReader(text, 1 << 16));
        try {
            parser.nextToken();
            if (path != null) {
                for (String part : path.split("\\.", -1)) {
                    enter(file, parser, path, part);
                }
            }
            if (parser.currentToken() != JsonToken.START_ARRAY) {
                throw new LogException(file + ": is one JSON document, and "
                        + (path == null ? "not a list" : "rows: " + path + " leads to no list")
                        + (parser.currentToken() == JsonToken.START_OBJECT
                                ? ": say in the mapping where the list of rows is, rows: PATH; there are "
                                        + keys(parser)
                                : ""));
            }
        } catch (JsonProcessingException e) {
            throw notJson(file, e);
        }
        return new RowSource() {
            private long position;
            private boolean atEnd;

            @Override
            public @Nullable Row next() throws IOException {
                try {
                    atEnd = atEnd || parser.nextToken() == JsonToken.END_ARRAY;
                    if (atEnd) { // also when asked again
                        return null;
                    }
                    position++;
                    Object value = JsonValues.value(parser);
                    return isUnfit(value) ? Row.unfit(position, text.charset().name()) : row(position, value);
                } catch (JsonProcessingException e) {
                    throw notJson(file, e);
                }
            }

            @Override
            public Set<String> columns() {
                return Set.of();
            }

            @Override
            public long place() {
                return position;
            }
        };
    }

    private static void enter(Path file, JsonParser parser, String path, String part) throws IOException {
        List<String> seen = new ArrayList<>();
        if (parser.currentToken() == JsonToken.START_OBJECT) {
            for (String key = parser.nextFieldName(); key != null; key = parser.nextFieldName()) {
                parser.nextToken();
                if (key.equals(part)) {
                    return;
                }
                seen.add(key);
                parser.skipChildren();
            }
        }
        throw new LogException(file + ": rows: " + path + " leads to no list: there is no '" + part + "'"
                + (seen.isEmpty() ? "" : "; there are " + seen));
    }

    private static List<String> keys(JsonParser parser) throws IOException {
        List<String> keys = new ArrayList<>();
        for (String key = parser.nextFieldName(); key != null; key = parser.nextFieldName()) {
            keys.add(key);
            parser.nextToken();
            parser.skipChildren();
        }
        return keys;
    }

    private static RowSource.Row row(long place, @Nullable Object value) {
        return value instanceof Map
                ? RowSource.Row.of(place, column -> Values.find(value, column, Values.NO_RECORDS))
                : RowSource.Row.unreadable(
                        place,
                        "is not a JSON object; a row is an object with a name for each value (pandas: to_json(orient=\"records\"))");
    }

    private static boolean isUnfit(@Nullable Object value) {
        return switch (value) {
            case String text -> text.indexOf(LogText.UNFIT) >= 0;
            case Map<?, ?> map -> map.values().stream().anyMatch(JsonRows::isUnfit);
            case List<?> list -> list.stream().anyMatch(JsonRows::isUnfit);
            case null -> false;
            default -> false;
        };
    }

    private static LogException notJson(Path file, JsonProcessingException e) {
        String place = e.getLocation() == null
                ? ""
                : ":" + e.getLocation().getLineNr() + ":" + e.getLocation().getColumnNr();
        return new LogException(file + place + ": is not JSON: " + e.getOriginalMessage(), e);
    }
}
