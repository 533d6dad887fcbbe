package io.livepredict.serde;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DatumReader;
import org.apache.avro.io.Decoder;
import org.apache.avro.util.Utf8;
import org.jspecify.annotations.Nullable;

/**
 * Reads records in the Confluent wire format, whatever their schema: for sources in a user's own Avro. Or only those of one
 * schema, as that schema has them. Strings and map keys come as {@link String}, strings that are not UTF-8 as
 * {@link ByteBuffer}. Safe for use from several threads.
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
     * The record, as its writer's schema has it, or as the one expected has; where that is a union, the record of its branch.
     *
     * @throws NotInWireFormatException if the bytes are not such a record
     * @throws UnknownSchemaIdException if the registry does not know the schema id in them
     * @throws IncompatibleSchemaException if that schema is no Avro record, or not the one expected
     * @throws RegistryUnavailableException if the registry can't be asked
     */
    public GenericRecord decode(byte[] bytes) {
        Object datum = decoding.get().decode(bytes, true);
        if (datum instanceof GenericRecord record) {
            return record;
        }
        throw new IncompatibleSchemaException("schema id " + WireFormat.schemaId(bytes)
                + " is a union, these bytes are not of a record in it, and a record is needed");
    }

    /**
     * What the bytes hold, of any schema: for keys. Throws as {@link #decode} does.
     *
     * @return a {@link GenericRecord}, a {@link String}, a number or whatever else Avro has
     */
    public @Nullable Object decodeAny(byte[] bytes) {
        return decoding.get().decode(bytes, false);
    }

    /** The reused parts; belongs to one thread. */
    private static final class Decoding {
        private final SchemaRegistry registry;
        private final @Nullable Schema expected;
        private final Map<Integer, From> byId = new HashMap<>();
        private @Nullable BinaryDecoder decoder;

        private record From(Schema writer, Schema wanted, DatumReader<Object> reader) {}

        Decoding(SchemaRegistry registry, @Nullable Schema expected) {
            this.registry = registry;
            this.expected = expected;
        }

        @Nullable
        Object decode(byte[] bytes, boolean recordNeeded) {
            int id = WireFormat.schemaId(bytes);
            From from = byId.get(id);
            if (from == null) {
                Schema writer = writer(id, bytes);
                if (expected != null
                        && (writer.getType() != Schema.Type.RECORD
                                || !expected.getFullName().equals(writer.getFullName()))) {
                    throw new IncompatibleSchemaException("schema id " + id + " is " + writer.getFullName() + ", and "
                            + expected.getFullName() + " is needed");
                }
                Schema wanted = expected == null ? writer : expected;
                from = new From(writer, wanted, new StringReader(writer, wanted));
                byId.put(id, from);
            }
            Schema.Type type = from.writer().getType();
            if (recordNeeded && type != Schema.Type.RECORD && type != Schema.Type.UNION) {
                throw new IncompatibleSchemaException(
                        "schema id " + id + " is a " + type.getName() + ", and a record is needed");
            }
            decoder = WireFormat.body(bytes, decoder);
            return WireFormat.read(from.reader(), decoder, id, from.writer(), from.wanted());
        }

        private Schema writer(int id, byte[] bytes) {
            try {
                return registry.byId(id);
            } catch (UnknownSchemaIdException e) {
                if (id == 0 && bytes.length >= WireFormat.APICURIO_HEADER_BYTES) {
                    throw new NotInWireFormatException(
                            "the schema id takes eight bytes, as Apicurio's serializers write it by default: let the"
                                    + " producer write four, apicurio.registry.id-handler="
                                    + "io.apicurio.registry.serde.Legacy4ByteIdHandler (Default4ByteIdHandler since 3.0)",
                            e);
                }
                throw e;
            }
        }
    }

    /**
     * Makes every string a {@link String}, which plain Avro makes a mutable {@code Utf8}. Bytes that are no UTF-8 come as a
     * {@link ByteBuffer}: replaced by a sign that stands for all of them, different ids would become one.
     */
    private static final class StringReader extends GenericDatumReader<Object> {
        private static final GenericData DATA = new GenericData().setFastReaderEnabled(false);
        private static final char REPLACEMENT = '\uFFFD';

        private Utf8 scratch = new Utf8();

        StringReader(Schema writer, Schema wanted) {
            super(writer, wanted, DATA);
        }

        @Override
        protected Object readString(@Nullable Object old, Schema expected, Decoder in) throws IOException {
            scratch = in.readString(scratch);
            String text = new String(scratch.getBytes(), 0, scratch.getByteLength(), StandardCharsets.UTF_8);
            if (text.indexOf(REPLACEMENT) >= 0) {
                byte[] bytes = Arrays.copyOf(scratch.getBytes(), scratch.getByteLength());
                if (!Arrays.equals(bytes, text.getBytes(StandardCharsets.UTF_8))) {
                    return ByteBuffer.wrap(bytes);
                }
            }
            return text;
        }
    }
}
