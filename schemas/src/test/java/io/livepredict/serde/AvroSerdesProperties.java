package io.livepredict.serde;

import static org.assertj.core.api.Assertions.assertThat;

import io.livepredict.avro.LabelledExample;
import io.livepredict.avro.ModelRecord;
import io.livepredict.avro.OracleRecord;
import io.livepredict.avro.PlayerEvent;
import io.livepredict.avro.Prediction;
import io.livepredict.avro.ViewerEvent;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.specific.SpecificRecord;
import org.apache.avro.util.RandomData;
import org.apache.kafka.common.serialization.Serde;

class AvroSerdesProperties {
    private static final List<Class<? extends SpecificRecord>> TYPES = List.of(
            ViewerEvent.class,
            PlayerEvent.class,
            Prediction.class,
            LabelledExample.class,
            ModelRecord.class,
            OracleRecord.class);

    /** A schema with every Avro type, one that holds itself and a list of things that take no bytes. */
    private static final Schema FOREIGN = SchemaBuilder.record("Foreign")
            .fields()
            .requiredString("s")
            .requiredBytes("b")
            .name("f")
            .type()
            .fixed("Four")
            .size(4)
            .noDefault()
            .name("e")
            .type()
            .enumeration("E")
            .symbols("A", "B")
            .noDefault()
            .name("m")
            .type()
            .map()
            .values()
            .array()
            .items()
            .stringType()
            .noDefault()
            .name("nothings")
            .type()
            .array()
            .items()
            .nullType()
            .noDefault()
            .name("next")
            .type()
            .unionOf()
            .nullType()
            .and()
            .type("Foreign")
            .endUnion()
            .nullDefault()
            .endRecord();

    private final InProcessRegistry registry = new InProcessRegistry();
    private final AvroSerdes serdes = new AvroSerdes(registry);
    private final AvroDecoder decoder = new AvroDecoder(registry);

    @Provide
    Arbitrary<ViewerEvent> viewerEvents() {
        Arbitrary<String> text = Arbitraries.strings().ofMaxLength(20).filter(AvroSerdesProperties::isUnicode);
        return net.jqwik.api.Combinators.combine(
                        text,
                        text,
                        text,
                        Arbitraries.longs(),
                        Arbitraries.maps(text, Arbitraries.doubles()).ofMaxSize(4),
                        Arbitraries.maps(text, text).ofMaxSize(4),
                        text.injectNull(0.3))
                .as((id, viewer, room, time, numbers, attributes, chat) ->
                        new ViewerEvent(id, viewer, room, time, "CHAT", numbers, attributes, chat));
    }

    /** A lone surrogate is not text; UTF-8 has no bytes for it. */
    private static boolean isUnicode(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8).equals(text);
    }

    @Property(tries = 300)
    void shouldReadBackAnyEvent(@ForAll("viewerEvents") ViewerEvent event) {
        Serde<ViewerEvent> serde = serdes.value(ViewerEvent.class);
        byte[] bytes = serde.serializer().serialize("events", event);
        assertThat(bytes[0]).isZero();
        assertThat(ByteBuffer.wrap(bytes).getInt(1)).isEqualTo(1);
        assertThat(serde.deserializer().deserialize("events", bytes)).isEqualTo(event);
        GenericRecord generic = decoder.decode(bytes);
        assertThat(generic.get("viewer_id")).isEqualTo(event.getViewerId());
        assertThat(generic.get("numbers")).isEqualTo(event.getNumbers());
        assertThat(generic.get("attributes")).isEqualTo(event.getAttributes());
    }

    /** What generic Avro wrote, each generated class reads, and writes again as the same bytes. */
    @Property(tries = 200)
    void shouldWriteEveryTypeAsGenericAvroDoes(@ForAll long seed) {
        for (Class<? extends SpecificRecord> type : TYPES) {
            shouldWriteAsGenericAvroDoes(type, seed);
        }
    }

    private <T extends SpecificRecord> void shouldWriteAsGenericAvroDoes(Class<T> type, long seed) {
        Schema schema = org.apache.avro.specific.SpecificData.get().getSchema(type);
        Object datum = new RandomData(schema, 1, seed).iterator().next();
        byte[] bytes = framed(binary(schema, datum), registry.register("x", schema));
        Serde<T> serde = serdes.value(type);
        T read = serde.deserializer().deserialize("t", bytes);
        byte[] again = serde.serializer().serialize("t", read);
        assertThat(serde.deserializer().deserialize("t", again)).isEqualTo(read);
        assertThat(again).hasSameSizeAs(bytes); // the order of a map's entries is free
    }

    /** Any bytes at all, with and without a header that names a schema of ours. */
    @Property(tries = 1000)
    void shouldThrowOnlyWhatIsDocumentedForAnyBytes(@ForAll byte[] bytes, @ForAll long seed) {
        Random random = new Random(seed);
        registerAll();
        byte[] framed = framed(bytes, 1 + random.nextInt(TYPES.size() + 3));
        for (byte[] each : List.of(bytes, framed)) {
            for (Class<? extends SpecificRecord> type : TYPES) {
                decodeOrFailAsDocumented(() -> serdes.value(type).deserializer().deserialize("topic", each));
            }
            decodeOrFailAsDocumented(() -> decoder.decode(each));
        }
    }

    /** Good records with bytes flipped, cut off, repeated, or a huge length put in. */
    @Property(tries = 1000)
    void shouldThrowOnlyWhatIsDocumentedForDamagedRecords(@ForAll long seed) {
        Random random = new Random(seed);
        registerAll();
        int id = 1 + random.nextInt(TYPES.size() + 1);
        Object datum = new RandomData(registry.byId(id), 1, seed).iterator().next();
        byte[] damaged = damage(framed(binary(registry.byId(id), datum), id), random);
        for (Class<? extends SpecificRecord> type : TYPES) {
            decodeOrFailAsDocumented(() -> serdes.value(type).deserializer().deserialize("topic", damaged));
        }
        decodeOrFailAsDocumented(() -> decoder.decode(damaged));
    }

    private void registerAll() {
        for (Class<? extends SpecificRecord> type : TYPES) {
            registry.register("x", org.apache.avro.specific.SpecificData.get().getSchema(type));
        }
        registry.register("x", FOREIGN);
    }

    private static byte[] binary(Schema schema, Object datum) {
        try {
            var out = new java.io.ByteArrayOutputStream();
            var encoder = org.apache.avro.io.EncoderFactory.get().binaryEncoder(out, null);
            new org.apache.avro.generic.GenericDatumWriter<Object>(schema).write(datum, encoder);
            encoder.flush();
            return out.toByteArray();
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static byte[] framed(byte[] body, int id) {
        return ByteBuffer.allocate(body.length + 5)
                .put((byte) 0)
                .putInt(id)
                .put(body)
                .array();
    }

    private static byte[] damage(byte[] bytes, Random random) {
        byte[] damaged = bytes.clone();
        switch (random.nextInt(4)) {
            case 0 -> damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
            case 1 -> damaged = java.util.Arrays.copyOf(damaged, random.nextInt(damaged.length));
            case 2 -> damaged = java.util.Arrays.copyOf(damaged, damaged.length + 1 + random.nextInt(5));
            default -> { // the longest lengths a varint can say
                byte[] huge = random.nextBoolean()
                        ? new byte[] {(byte) 0xfe, (byte) 0xff, (byte) 0xff, (byte) 0xff, 0x0f}
                        : new byte[] {-2, -1, -1, -1, -1, -1, -1, -1, -1, 1};
                int at = 5 + random.nextInt(Math.max(1, damaged.length - 5));
                for (int i = 0; i < huge.length && at + i < damaged.length; i++) {
                    damaged[at + i] = huge[i];
                }
            }
        }
        return damaged;
    }

    private static void decodeOrFailAsDocumented(Runnable decode) {
        try {
            decode.run();
        } catch (NotInWireFormatException | UnknownSchemaIdException | IncompatibleSchemaException e) {
            assertThat(e.getMessage()).isNotBlank().doesNotContain("\n");
        }
    }
}
