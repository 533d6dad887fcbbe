package io.livepredict.streams.mapping;

import java.util.List;

/**
 * Where a value is found in a source record.
 *
 * @param path as it is written in the mapping; dots lead into nested JSON objects and Avro records
 * @param parts the path, split at its dots
 */
public record Column(String path, List<String> parts) {
    /**
     * The column of that path.
     *
     * @throws IllegalArgumentException if the path is blank
     */
    public static Column of(String path) {
        if (path.isBlank()) {
            throw new IllegalArgumentException("a column needs a name");
        }
        return new Column(path, List.of(path.split("\\.", -1)));
    }
}
