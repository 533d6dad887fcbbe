package io.livepredict.streams.ingest;

import io.livepredict.contract.DeadLetterReason;
import io.livepredict.streams.mapping.Column;
import io.livepredict.streams.mapping.Fields;
import io.livepredict.streams.mapping.RefusedRecordException;
import io.livepredict.streams.mapping.Values;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * What a mapping sees of a record in a topic: its value, its key, the name of its schema and its timestamp.
 *
 * @param value decoded; null for a tombstone
 * @param schema the full name of the value's schema; null where there is none
 * @param keys reads keys, which happens only where a mapping asks for one
 * @param members reads what is no map or list
 */
record RecordFields(
        SourceRecord record,
        @Nullable Object value,
        @Nullable String schema,
        KeyReader keys,
        Values.Members members) implements Fields {
    /** Reads the bytes of a key. */
    @FunctionalInterface
    interface KeyReader {
        /**
         * The key's value: nested values, or a text.
         *
         * @throws RefusedRecordException if the bytes can't be read
         */
        @Nullable
        Object read(byte[] key) throws RefusedRecordException;
    }

    @Override
    public @Nullable Object get(Column column) {
        return switch (column.root()) {
            case VALUE -> AvroValues.plain(Values.find(value, column, members));
            case KEY -> key(column);
            case SCHEMA -> schema == null && value instanceof Map<?, ?> map ? map.get(column.path()) : schema;
        };
    }

    private @Nullable Object key(Column column) {
        byte[] key = record.key();
        try {
            return key == null ? null : AvroValues.plain(Values.find(keys.read(key), column, members));
        } catch (RefusedRecordException e) {
            return new Values.Unfit("can't be read: " + e.wordsWithoutValue(), e.value());
        }
    }

    @Override
    public OptionalLong stampMillis() {
        return OptionalLong.of(record.timestampMillis());
    }

    /** The text that bytes are. */
    static String text(byte[] bytes) throws RefusedRecordException {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new RefusedRecordException(DeadLetterReason.UNDECODABLE, "the bytes are not text in UTF-8");
        }
    }
}
