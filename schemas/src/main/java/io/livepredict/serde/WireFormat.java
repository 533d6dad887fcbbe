package io.livepredict.serde;

import java.io.IOException;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.AvroTypeException;
import org.apache.avro.Schema;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DatumReader;
import org.apache.avro.io.DecoderFactory;
import org.jspecify.annotations.Nullable;

/** The frame around Avro binary: a zero byte, then the schema id as four bytes, big-endian. */
final class WireFormat {
    static final int HEADER_BYTES = 5;
    /** A zero byte and an id of eight bytes. */
    static final int APICURIO_HEADER_BYTES = 9;
    /** A version, how what follows is packed, and an id of sixteen bytes. */
    private static final int GLUE_HEADER_BYTES = 18;

    private static final int GLUE_VERSION = 3;

    private WireFormat() {}

    /**
     * The schema id in the header.
     *
     * @throws NotInWireFormatException if there is no header
     */
    static int schemaId(byte[] bytes) {
        if (bytes.length < HEADER_BYTES) {
            throw new NotInWireFormatException(
                    "not in the Confluent wire format: " + bytes.length + " bytes, and the header alone takes 5");
        }
        if (bytes[0] == GLUE_VERSION && bytes.length >= GLUE_HEADER_BYTES && (bytes[1] == 0 || bytes[1] == 5)) {
            throw new NotInWireFormatException(
                    "not in the Confluent wire format, but as AWS Glue's serializer writes: let the producer use"
                            + " Confluent's serializer, or write JSON and say format: json");
        }
        if (bytes[0] != 0) {
            throw new NotInWireFormatException(
                    "not in the Confluent wire format: the first byte is " + (bytes[0] & 0xff)
                            + ", not 0; if the source writes JSON or plain Avro, say so in its configuration");
        }
        return (bytes[1] & 0xff) << 24 | (bytes[2] & 0xff) << 16 | (bytes[3] & 0xff) << 8 | (bytes[4] & 0xff);
    }

    static void writeHeader(byte[] bytes, int id) {
        bytes[0] = 0;
        bytes[1] = (byte) (id >>> 24);
        bytes[2] = (byte) (id >>> 16);
        bytes[3] = (byte) (id >>> 8);
        bytes[4] = (byte) id;
    }

    /** A decoder over what follows the header; {@code reuse} is the one of the last call. */
    static BinaryDecoder body(byte[] bytes, @Nullable BinaryDecoder reuse) {
        return DecoderFactory.get().binaryDecoder(bytes, HEADER_BYTES, bytes.length - HEADER_BYTES, reuse);
    }

    /**
     * Reads one datum that must take all the bytes there are.
     *
     * @throws NotInWireFormatException if they are not what the writer's schema says
     * @throws IncompatibleSchemaException if the reader's schema can't take them
     */
    static <T> T read(DatumReader<T> reader, BinaryDecoder body, int id, Schema writer, Schema expected) {
        try {
            @SuppressWarnings("NullAway") // null: no object to reuse
            T datum = reader.read(null, body);
            if (!body.isEnd()) {
                throw new NotInWireFormatException(
                        notA(id, writer) + ": " + body.remainingBytes() + " bytes are left over after it");
            }
            return datum;
        } catch (AvroTypeException e) {
            throw incompatible(id, writer, expected, e);
        } catch (IOException
                | AvroRuntimeException
                | IndexOutOfBoundsException
                | IllegalArgumentException
                | ClassCastException
                | NegativeArraySizeException
                | UnsupportedOperationException
                | StackOverflowError e) { // the last: a recursive schema and bytes that nest without end
            throw new NotInWireFormatException(notA(id, writer) + ": " + reason(e), e);
        }
    }

    private static IncompatibleSchemaException incompatible(int id, Schema writer, Schema expected, Exception e) {
        return new IncompatibleSchemaException(
                "schema id " + id + " is " + writer.getFullName() + ", which can't be read as " + expected.getFullName()
                        + ": " + reason(e),
                e);
    }

    private static String notA(int id, Schema writer) {
        return "the bytes are not a " + writer.getFullName() + " as schema id " + id + " has it";
    }

    private static String reason(Throwable e) {
        String message = e.getMessage();
        return message == null || message.isBlank()
                ? e.getClass().getSimpleName()
                : message.replaceAll("\\s+", " ").strip();
    }
}
