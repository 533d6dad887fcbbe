package io.livepredict.streams.ingest;

import io.livepredict.contract.DeadLetterReason;
import io.livepredict.streams.mapping.RefusedRecordException;

/** What an id may be: it is a key of state and topics. */
public final class Ids {
    /** Longer ids are refused. UTF-8 bytes. */
    static final int MAX_BYTES = 1024;

    private Ids() {}

    /**
     * Looks at an id that is not empty.
     *
     * @param what it is the id of, in words
     * @throws IllegalArgumentException if it can't be one, in words that hold nothing of it
     */
    public static void check(String what, String id) {
        try {
            checkLength(what, id);
            checkWhole(what, id);
        } catch (RefusedRecordException refused) {
            throw new IllegalArgumentException(refused.wordsWithoutValue(), refused);
        }
    }

    /** Half of a pair stands for no character: written as UTF-8 it becomes a question mark, and different ids one. */
    static void checkWhole(String what, String id) throws RefusedRecordException {
        for (int i = 0; i < id.length(); i++) {
            if (Character.isSurrogate(id.charAt(i))) {
                boolean pair = i + 1 < id.length() && Character.isSurrogatePair(id.charAt(i), id.charAt(i + 1));
                if (!pair) {
                    throw new RefusedRecordException(
                            DeadLetterReason.BAD_FIELD,
                            "the " + what + " holds half a surrogate pair, which is not a character");
                }
                i++;
            }
        }
    }

    static void checkLength(String what, String id) throws RefusedRecordException {
        if (id.length() * 3L > MAX_BYTES && utf8Length(id) > MAX_BYTES) {
            throw new RefusedRecordException(
                    DeadLetterReason.ID_TOO_LONG,
                    "the " + what + " is " + utf8Length(id) + " bytes long, at most " + MAX_BYTES + " are taken",
                    id);
        }
    }

    private static long utf8Length(String text) {
        long bytes = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            // Each half of a surrogate pair stands for two of the pair's four bytes.
            bytes += c < 0x80 ? 1 : c < 0x800 || Character.isSurrogate(c) ? 2 : 3;
        }
        return bytes;
    }
}
