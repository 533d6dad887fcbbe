package io.livepredict.streams.mapping;

import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where a value is found in a source record.
 *
 * @param path as it is written in the mapping
 * @param root where the path begins
 * @param parts the steps from there: names in nested objects and records, positions in lists, and at most one {@code *} for
 *     every element of a list
 * @param fold what is made of the values of every element; null if no part is {@code *}
 */
public record Column(
        String path,
        Root root,
        List<String> parts,
        @Nullable Fold fold) {
    /** Stands for every element of a list. */
    static final String EVERY = "*";

    private static final Pattern FOLDED = Pattern.compile("(sum|mean|count|last)\\((.+)\\)", Pattern.CASE_INSENSITIVE);
    private static final String KEY = "$key";
    private static final String SCHEMA = "$schema";

    /** What a path leads through. */
    public enum Root {
        /** The record's value, or the row. */
        VALUE,
        /** The record's key, {@code $key}. */
        KEY,
        /** The name of the schema of the record's value, {@code $schema}. */
        SCHEMA
    }

    /** What becomes of several values. */
    public enum Fold {
        /** Their sum. */
        SUM,
        /** Their mean; none of no values. */
        MEAN,
        /** How many there are. */
        COUNT,
        /** The last one. */
        LAST
    }

    /**
     * The column of that path.
     *
     * @throws IllegalArgumentException if the path is blank, or stands for several values and does not say what to make of them
     */
    public static Column of(String path) {
        if (path.isBlank()) {
            throw new IllegalArgumentException("a column needs a name");
        }
        if (path.equals(SCHEMA)) {
            return new Column(path, Root.SCHEMA, List.of(), null);
        }
        if (path.equals(KEY) || path.startsWith(KEY + '.')) {
            List<String> parts = List.of(path.split("\\.", -1));
            return new Column(path, Root.KEY, parts.subList(1, parts.size()), null);
        }
        Matcher folded = FOLDED.matcher(path);
        if (folded.matches()) {
            List<String> parts = List.of(folded.group(2).strip().split("\\.", -1));
            if (parts.indexOf(EVERY) >= 0 && parts.indexOf(EVERY) == parts.lastIndexOf(EVERY)) {
                return new Column(
                        path, Root.VALUE, parts, Fold.valueOf(folded.group(1).toUpperCase(Locale.ROOT)));
            }
        }
        List<String> parts = List.of(path.split("\\.", -1));
        if (parts.contains(EVERY)) {
            throw new IllegalArgumentException("column " + path
                    + " stands for several values: say what to make of them, sum(…), mean(…), count(…) or last(…), with one"
                    + " * in the path");
        }
        return new Column(path, Root.VALUE, parts, null);
    }
}
