package io.livepredict.streams.ingest;

import io.livepredict.contract.DeadLetterReason;
import io.livepredict.contract.DeadLetters;
import io.livepredict.streams.mapping.EventMapping;
import io.livepredict.streams.mapping.RefusedRecordException;
import io.livepredict.streams.mapping.Skip;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Decodes, maps and validates the records of one source. Pure but for the registry it may ask. One thread's. */
public final class Ingest {
    /** Longer values are refused unread: an event is far smaller, and a reader may need many times their size. */
    static final int MAX_VALUE_BYTES = 1 << 20;

    private final RecordDecoder decoder;
    private final EventResolver resolver;
    private final boolean keyed;
    private final @Nullable Pseudonyms pseudonyms;

    /**
     * @param keyed whether the record key must be the entity id
     * @param pseudonyms what stands in the place of entity ids from here on; null for the ids themselves
     */
    Ingest(RecordDecoder decoder, EventResolver resolver, boolean keyed, @Nullable Pseudonyms pseudonyms) {
        this.decoder = decoder;
        this.resolver = resolver;
        this.keyed = keyed;
        this.pseudonyms = pseudonyms;
    }

    /** What became of a record. */
    public sealed interface Outcome {}

    /** A valid event of a declared type. */
    public record Valid(IngestedEvent ingested) implements Outcome {}

    /** Left out. */
    public record Skipped(Skip why) implements Outcome {}

    /**
     * Takes one record.
     *
     * @throws RefusedRecordException if it can't be used
     */
    public Outcome take(SourceRecord record) throws RefusedRecordException {
        byte[] value = record.value();
        if (value != null && value.length > MAX_VALUE_BYTES) {
            throw new RefusedRecordException(
                    DeadLetterReason.UNDECODABLE,
                    "the value is " + value.length + " bytes long, at most " + MAX_VALUE_BYTES + " are read");
        }
        byte[] key = record.key();
        if (key != null && key.length > DeadLetters.MAX_VALUE_BYTES) {
            throw new RefusedRecordException(
                    DeadLetterReason.ID_TOO_LONG,
                    "the key is " + key.length + " bytes long, at most " + DeadLetters.MAX_VALUE_BYTES + " are read");
        }
        if (keyed && (key == null || key.length == 0)) {
            throw new RefusedRecordException(
                    DeadLetterReason.NULL_KEY,
                    "the key is " + (key == null ? "null" : "empty")
                            + " where the entity id is needed: key the topic by it, or set rekey: true for this source");
        }
        switch (decoder.decode(record)) {
            case EventMapping.LeftOut leftOut -> {
                return new Skipped(leftOut.why());
            }
            case EventMapping.Made made -> {
                Event event = resolver.resolve(
                        made.event(), made.event().eventId() == null ? place(record) : "", record.timestampMillis());
                if (event == null) {
                    return new Skipped(Skip.UNDECLARED_TYPE);
                }
                if (keyed && !Arrays.equals(key, event.entityId().getBytes(StandardCharsets.UTF_8))) {
                    throw new RefusedRecordException(
                            DeadLetterReason.KEY_MISMATCH,
                            "the key is not the entity id: key the topic by it, or set rekey: true for this source;"
                                    + " the entity id is",
                            event.entityId());
                }
                return new Valid(new IngestedEvent(pseudonymous(event), record));
            }
        }
    }

    private Event pseudonymous(Event event) {
        return pseudonyms == null
                ? event
                : event.change()
                        .entity(pseudonyms.of(event.entityId(), event.timeMillis()))
                        .build();
    }

    private static String place(SourceRecord record) {
        return record.topic() + '-' + record.partition() + '-' + record.offset();
    }
}
