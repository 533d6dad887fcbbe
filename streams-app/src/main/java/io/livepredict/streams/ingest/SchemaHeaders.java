package io.livepredict.streams.ingest;

import io.livepredict.contract.DeadLetterReason;
import java.util.Map;
import org.apache.kafka.common.header.Headers;

/** Recognises producers that write the id of a schema into a header, where it is not looked for. */
final class SchemaHeaders {
    private static final String APICURIO = "let the producer write it into the value, four bytes long:"
            + " apicurio.registry.headers.enabled=false and apicurio.registry.id-handler="
            + "io.apicurio.registry.serde.Legacy4ByteIdHandler (Default4ByteIdHandler since 3.0)";

    private static final Map<String, String> REMEDIES = Map.of(
            "apicurio.value.globalId", APICURIO,
            "apicurio.value.contentId", APICURIO,
            "apicurio.value.contentHash", APICURIO,
            "__value_schema_id",
                    "let the producer write it into the value: value.schema.id.serializer="
                            + "io.confluent.kafka.serializers.schema.id.PrefixSchemaIdSerializer");

    private SchemaHeaders() {}

    /** What to do about a value that can't be read and whose schema a header names; empty for any other record. */
    static String explain(DeadLetterReason reason, Headers headers) {
        if (reason != DeadLetterReason.UNDECODABLE && reason != DeadLetterReason.UNKNOWN_SCHEMA) {
            return "";
        }
        for (Map.Entry<String, String> remedy : REMEDIES.entrySet()) {
            if (headers.lastHeader(remedy.getKey()) != null) {
                return "; the schema id is in the header " + remedy.getKey() + ": " + remedy.getValue();
            }
        }
        return "";
    }
}
