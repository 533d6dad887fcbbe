package io.livepredict.streams.mapping;

import io.livepredict.contract.DeadLetterReason;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Values of columns as text. */
final class Texts {
    private Texts() {}

    /** The text of a value that must be there. */
    static String required(Column column, @Nullable Object value) throws RefusedRecordException {
        String text = optional(column, value);
        if (text == null || text.isEmpty()) {
            throw RefusedRecordException.of(DeadLetterReason.MISSING_FIELD, column, "is missing or empty", null);
        }
        return text;
    }

    /** The text of a value; null if there is none. */
    static @Nullable String optional(Column column, @Nullable Object value) throws RefusedRecordException {
        return switch (value) {
            case null -> null;
            case String s -> s;
            case CharSequence s -> s.toString();
            case BigDecimal n -> n.toPlainString();
            case Number n -> n.toString();
            case Boolean b -> b.toString();
            case Values.Unfit unfit ->
                throw RefusedRecordException.of(DeadLetterReason.BAD_FIELD, column, unfit.why(), unfit.value());
            default ->
                throw RefusedRecordException.of(
                        DeadLetterReason.BAD_FIELD,
                        column,
                        "holds "
                                + (value instanceof Map ? "an object" : value instanceof List ? "a list" : "a value")
                                + " that is neither text nor a number"
                                + (value instanceof List
                                        ? ": say which element, such as " + column.path() + ".0, or what to make of"
                                                + " all, such as last(" + column.path() + ".*)"
                                        : ""),
                        null);
        };
    }
}
