package io.livepredict.streams.mapping;

import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** The columns of one source record, whatever its format. */
@FunctionalInterface
public interface Fields {
    /**
     * The value in that column: a {@code CharSequence}, {@code Number} or {@code Boolean}, null if it is absent or null;
     * anything else is refused by the mapping as a value of the wrong type.
     */
    @Nullable
    Object get(Column column);

    /** The record's own timestamp, epoch milliseconds; empty for a row of a log, which has none. */
    default OptionalLong stampMillis() {
        return OptionalLong.empty();
    }
}
