package io.livepredict.streams.mapping;

import io.livepredict.contract.DeadLetterReason;
import org.jspecify.annotations.Nullable;

/**
 * A source record can't be used. Has no stack trace: it is thrown for data, at the rate of data. What the record itself holds
 * is kept apart from the words around it, so that it goes no further than the record may.
 */
public final class RefusedRecordException extends Exception {
    private static final int MOST_SHOWN = 40;

    private final DeadLetterReason reason;
    private final String wordsWithoutValue;
    private final @Nullable String value;
    private final @Nullable String column;

    /** @param words hold nothing of what the record holds */
    public RefusedRecordException(DeadLetterReason reason, String words) {
        this(reason, words, null, null);
    }

    /**
     * As the other, with the value that is to blame.
     *
     * @param value of the record; null where there is none to show
     */
    public RefusedRecordException(DeadLetterReason reason, String words, @Nullable String value) {
        this(reason, words, value, null);
    }

    private RefusedRecordException(
            DeadLetterReason reason, String words, @Nullable String value, @Nullable String column) {
        super(value == null ? words : words + ": " + shorten(value), null, false, false);
        this.reason = reason;
        this.wordsWithoutValue = words;
        this.value = value == null ? null : shorten(value);
        this.column = column;
    }

    /** A column of a mapping that can't be used. */
    static RefusedRecordException of(DeadLetterReason reason, Column column, String what, @Nullable String value) {
        return new RefusedRecordException(reason, "column " + column.path() + ' ' + what, value, column.path());
    }

    /** Why. */
    public DeadLetterReason reason() {
        return reason;
    }

    /** One line for a person, with the value that is to blame. */
    public String words() {
        String message = getMessage();
        return message == null ? reason.name() : message;
    }

    /** The same without what the record holds. */
    public String wordsWithoutValue() {
        return wordsWithoutValue;
    }

    /** What the record holds that is to blame, as it is shown; null where there is none to show. */
    public @Nullable String value() {
        return value;
    }

    /** The column of the mapping that is to blame; null where it is the whole record. */
    public @Nullable String column() {
        return column;
    }

    /** A value as it is shown in a message: its first 40 characters. */
    static String shorten(String text) {
        return text.length() <= MOST_SHOWN ? text : text.substring(0, MOST_SHOWN) + '…';
    }
}
