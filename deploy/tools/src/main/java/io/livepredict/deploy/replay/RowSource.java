package io.livepredict.deploy.replay;

import io.livepredict.streams.mapping.Fields;
import java.io.IOException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the rows of a log in one format. */
interface RowSource {
    /** Why a row could not be read, as a report names it. */
    enum Fault {
        /** It is not in the log's format. */
        UNREADABLE,
        /** It has bytes that do not fit the encoding. */
        WRONG_ENCODING
    }

    /**
     * One row.
     *
     * @param place its line, or its position in a list, from 1
     * @param fields its columns; null where the row could not be read
     * @param fault why not; null where it could
     * @param words the same for a person; null where it could be read
     */
    record Row(
            long place,
            @Nullable Fields fields,
            @Nullable Fault fault,
            @Nullable String words) {
        static Row of(long place, Fields fields) {
            return new Row(place, fields, null, null);
        }

        static Row unreadable(long place, String words) {
            return new Row(place, null, Fault.UNREADABLE, words);
        }

        static Row unfit(long place, String charset) {
            return new Row(
                    place,
                    null,
                    Fault.WRONG_ENCODING,
                    "has bytes that are not " + charset + ": say in the mapping what they are, such as encoding:"
                            + " windows-1252");
        }
    }

    /** The next row, or null at the end. */
    @Nullable
    Row next() throws IOException;

    /** The columns that every row has; empty where each has its own. */
    Set<String> columns();

    /** Where it is, for a message: the line or the position read last. */
    long place();
}
