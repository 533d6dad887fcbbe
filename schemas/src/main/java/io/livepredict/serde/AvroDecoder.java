package io.livepredict.serde;

import java.util.HashMap;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DatumReader;
import org.apache.avro.io.Decoder;
import org.jspecify.annotations.Nullable;

/**
 * Reads records in the Confluent wire format, whatever their schema: for sources in a user's own Avro. Strings and map
 * keys come as {@link String}. Safe for use from several threads.
 */
public final class AvroDecoder {
    private final ThreadLocal<Decoding> decoding;

    public AvroDecoder(SchemaRegistry registry) {
        this.decoding = ThreadLocal.withInitial(() -> new Decoding(registry));
    }

    /**
     * The record, as its writer's schema has it.
     *
     * @throws NotInWireFormatException if the bytes are not such a record
     * @throws UnknownSchemaIdException if the registry does not know the schema id in them
     * @throws IncompatibleSchemaException if that schema is no Avro record
     * @throws RegistryUnavailableException if the registry can't be asked
     */
    public GenericRecord decode(byte[] bytes) {
        return decoding.get().decode(bytes);
    }

    /** The reused parts; belongs to one thread. */
    private static final class Decoding {
        private final SchemaRegistry registry;
        private final Map<Integer, From> byId = new HashMap<>();
        private @Nullable BinaryDecoder decoder;

        private record From(Schema writer, DatumReader<GenericRecord> reader) {}

        Decoding(SchemaRegistry registry) {
            this.registry = registry;
        }

        GenericRecord decode(byte[] bytes) {
            int id = WireFormat.schemaId(bytes);
            From from = byId.get(id);
            if (from == null) {
                Schema writer = registry.byId(id);
                if (writer.getType() != Schema.Type.RECORD) {
                    throw new IncompatibleSchemaException(
                            "schema id " + id + " is a " + writer.getType().getName() + ", and a record is needed");
                }
                from = new From(writer, new StringReader(writer));
                byId.put(id, from);
            }
            decoder = WireFormat.body(bytes, decoder);
            return WireFormat.read(from.reader(), decoder, id, from.writer(), from.writer());
        }
    }

    /** Makes every string a {@link String}, which plain Avro makes a mutable {@code Utf8}. */
    private static final class StringReader extends GenericDatumReader<GenericRecord> {
        private static final GenericData DATA = new GenericData().setFastReaderEnabled(false);

        StringReader(Schema writer) {
            super(writer, writer, DATA);
        }

        @Override
        protected Object readString(@Nullable Object old, Schema expected, Decoder in) throws java.io.IOException {
            return in.readString();
        }
    }
}
