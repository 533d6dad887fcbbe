package io.livepredict.streams.mapping;

import io.livepredict.contract.DeadLetterReason;

/** A source record can't be used. Has no stack trace: it is thrown for data, at the rate of data. */
public final class RefusedRecordException extends Exception {
    private final DeadLetterReason reason;

    public RefusedRecordException(DeadLetterReason reason, String message) {
        super(message, null, false, false);
        this.reason = reason;
    }

    /** Why. */
    public DeadLetterReason reason() {
        return reason;
    }

    /** One line for a person. */
    public String words() {
        String message = getMessage();
        return message == null ? reason.name() : message;
    }

    /** A value as it is shown in a message: its first 40 characters. */
    public static String shorten(String text) {
        return text.length() <= 40 ? text : text.substring(0, 40) + '…';
    }
}
