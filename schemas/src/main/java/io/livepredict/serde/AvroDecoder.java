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
 * Reads records in the Confluent wire format, whatever their schema: for sources in a user's own Avro. Or only those of one
 * schema, as that schema has them. Strings and map keys come as {@link String}. Safe for use from several threads.
 */
public final class AvroDecoder {
    private final ThreadLocal<Decoding> decoding;

    public AvroDecoder(SchemaRegistry registry) {
        this(registry, null);
    }

    /**
     * @param expected the record that is wanted: those of another full name are refused, and those of the same one come as
     *     this schema has them, whichever version of it wrote them; null takes any
     */
    public AvroDecoder(SchemaRegistry registry, @Nullable Schema expected) {
        this.decoding = ThreadLocal.withInitial(() -> new Decoding(registry, expected));
    }

    /**
     * The record, as its writer's schema has it, or as the one expected has.
     *
     * @throws NotInWireFormatException if the bytes are not such a record
     * @throws UnknownSchemaIdException if the registry does not know the schema id in them
     * @throws IncompatibleSchemaException if that schema is no Avro record, or not the one expected
     * @throws RegistryUnavailableException if the registry can't be asked
     */
    public GenericRecord decode(byte[] bytes) {
        return decoding.get().decode(bytes);
    }

    /** The reused parts; belongs to one thread. */
    private static final class Decoding {
        private final SchemaRegistry registry;
        private final @Nullable Schema expected;
        private final Map<Integer, From> byId = new HashMap<>();
        private @Nullable BinaryDecoder decoder;

        private record From(Schema writer, Schema wanted, DatumReader<GenericRecord> reader) {}

        Decoding(SchemaRegistry registry, @Nullable Schema expected) {
            this.registry = registry;
            this.expected = expected;
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
                if (expected != null && !expected.getFullName().equals(writer.getFullName())) {
                    throw new IncompatibleSchemaException("schema id " + id + " is " + writer.getFullName() + ", and "
                            + expected.getFullName() + " is needed");
                }
                Schema wanted = expected == null ? writer : expected;
                from = new From(writer, wanted, new StringReader(writer, wanted));
                byId.put(id, from);
            }
            decoder = WireFormat.body(bytes, decoder);
            return WireFormat.read(from.reader(), decoder, id, from.writer(), from.wanted());
        }
    }

    /** Makes every string a {@link String}, which plain Avro makes a mutable {@code Utf8}. */
    private static final class StringReader extends GenericDatumReader<GenericRecord> {
        private static final GenericData DATA = new GenericData().setFastReaderEnabled(false);

        StringReader(Schema writer, Schema wanted) {
            super(writer, wanted, DATA);
        }

        @Override
        protected Object readString(@Nullable Object old, Schema expected, Decoder in) throws java.io.IOException {
            return in.readString();
        }
    }
}
