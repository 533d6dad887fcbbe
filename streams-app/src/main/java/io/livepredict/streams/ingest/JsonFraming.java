package io.livepredict.streams.ingest;

import io.livepredict.contract.DeadLetterReason;
import io.livepredict.streams.mapping.RefusedRecordException;

/**
 * Finds where JSON begins behind what serializers put before it: five bytes of schema id (Confluent's JSON Schema serializer),
 * nine (Apicurio's), or eighteen (AWS Glue's).
 */
final class JsonFraming {
    private static final int CONFLUENT_BYTES = 5;
    private static final int APICURIO_BYTES = 9;
    private static final int GLUE_BYTES = 18;
    private static final int GLUE_VERSION = 3;
    private static final int GLUE_PACKED = 5;

    private JsonFraming() {}

    /**
     * The position of the first byte of JSON.
     *
     * @throws RefusedRecordException if bytes come before it that no JSON begins with, and that are none of these
     */
    static int begin(byte[] bytes) throws RefusedRecordException {
        if (bytes.length == 0 || bytes[0] != 0 && bytes[0] != GLUE_VERSION) {
            return 0;
        }
        if (bytes[0] == 0) {
            if (isJson(bytes, CONFLUENT_BYTES)) {
                return CONFLUENT_BYTES;
            }
            if (isJson(bytes, APICURIO_BYTES)) {
                return APICURIO_BYTES;
            }
            throw new RefusedRecordException(
                    DeadLetterReason.UNDECODABLE,
                    "the value begins with a zero byte, as a schema id does, and no JSON object follows: if it is Avro,"
                            + " say format: avro");
        }
        if (isJson(bytes, GLUE_BYTES) && bytes[1] == 0) {
            return GLUE_BYTES;
        }
        throw new RefusedRecordException(
                DeadLetterReason.UNDECODABLE,
                bytes.length > GLUE_BYTES && bytes[1] == GLUE_PACKED
                        ? "the value is packed as AWS Glue's serializer does: let the producer say compression: NONE"
                        : "the value begins with a byte 3, as AWS Glue's serializer writes, and no JSON object follows");
    }

    private static boolean isJson(byte[] bytes, int at) {
        return bytes.length > at && (bytes[at] == '{' || bytes[at] == '"');
    }
}
