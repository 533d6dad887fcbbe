package io.livepredict.serde;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.livepredict.avro.ModelChunk;
import io.livepredict.avro.ModelRecord;
import io.livepredict.avro.PlayerEvent;
import io.livepredict.avro.Prediction;
import io.livepredict.avro.ViewerEvent;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serde;
import org.junit.jupiter.api.Test;

class AvroSerdesTest {
    private final List<String> subjects = new ArrayList<>();
    private final InProcessRegistry ids = new InProcessRegistry();
    private final SchemaRegistry registry = new SchemaRegistry() {
        @Override
        public int register(String subject, Schema schema) {
            subjects.add(subject);
            return ids.register(subject, schema);
        }

        @Override
        public Schema byId(int id) {
            return ids.byId(id);
        }

        @Override
        public void close() {}
    };
    private final AvroSerdes serdes = new AvroSerdes(registry);
    private final Serde<ViewerEvent> viewer = serdes.value(ViewerEvent.class);

    private static ViewerEvent event(String id) {
        return new ViewerEvent(id, "v", "r", 1_000L, "CHAT", Map.of("length", 3.5), Map.of("device", "tv"), "hello");
    }

    private byte[] write(Schema schema, Object datum) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(ByteBuffer.allocate(5)
                .put((byte) 0)
                .putInt(ids.register("x", schema))
                .array());
        BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, null);
        new GenericDatumWriter<Object>(schema).write(datum, encoder);
        encoder.flush();
        return out.toByteArray();
    }

    @Test
    void shouldRegisterOnceUnderTheTopicsValueSubject() {
        for (int i = 0; i < 3; i++) {
            viewer.serializer().serialize("live.viewer-events", event("e" + i));
            viewer.serializer().serialize("other", event("e" + i));
        }
        assertThat(subjects).containsExactly("live.viewer-events-value", "other-value");
    }

    @Test
    void shouldMapNullToNull() {
        assertThat(viewer.serializer().serialize("t", null)).isNull();
        assertThat(viewer.deserializer().deserialize("t", null)).isNull();
        assertThat(subjects).isEmpty();
    }

    @Test
    void shouldConvertLogicalTypes() {
        Serde<Prediction> serde = serdes.value(Prediction.class);
        Prediction prediction = Prediction.newBuilder()
                .setKind("viewer")
                .setEntityId("v")
                .setContextId("r")
                .setEventId("e")
                .setEventType("CHAT")
                .setEventTime(Instant.ofEpochMilli(5))
                .setTarget("leave-30s")
                .setScore(0.25)
                .setModelName("viewer")
                .setModelVersion(3)
                .setModelHash("")
                .setScoredAt(Instant.ofEpochMilli(7))
                .build();
        byte[] bytes = serde.serializer().serialize("t", prediction);
        assertThat(serde.deserializer().deserialize("t", bytes)).isEqualTo(prediction);
        assertThat(new AvroDecoder(registry).decode(bytes).get("event_time")).isEqualTo(5L);
    }

    @Test
    void shouldLeaveAByteBufferAsItWas() {
        Serde<ModelRecord> serde = serdes.value(ModelRecord.class);
        ByteBuffer data = ByteBuffer.wrap(new byte[] {0, 1, 2, 3, 4}, 1, 3).slice();
        ModelRecord piece = new ModelRecord(new ModelChunk(0, 1, data));
        byte[] once = serde.serializer().serialize("t", piece);
        assertThat(serde.serializer().serialize("t", piece)).isEqualTo(once);
        ModelChunk read =
                (ModelChunk) serde.deserializer().deserialize("t", once).getBody();
        assertThat(read.getData()).isEqualTo(ByteBuffer.wrap(new byte[] {1, 2, 3}));
    }

    @Test
    void shouldReadWhatANewerProducerWrote() throws IOException {
        Schema newer = SchemaBuilder.record("ViewerEvent")
                .namespace("io.livepredict.avro")
                .fields()
                .requiredString("source")
                .requiredString("viewer_id")
                .requiredString("room_id")
                .requiredInt("event_time")
                .requiredString("type")
                .requiredString("event_id")
                .endRecord();
        GenericRecord written = new GenericData.Record(newer);
        written.put("source", "x");
        written.put("viewer_id", "v");
        written.put("room_id", "r");
        written.put("event_time", 12);
        written.put("type", "JOIN");
        written.put("event_id", "e");

        ViewerEvent read = viewer.deserializer().deserialize("t", write(newer, written));

        assertThat(read.getEventId()).isEqualTo("e");
        assertThat(read.getEventTime()).isEqualTo(12L);
        assertThat(read.getNumbers()).isEmpty();
        assertThat(read.getText()).isNull();
    }

    @Test
    void shouldRefuseARecordOfAnotherType() {
        byte[] bytes = serdes.value(PlayerEvent.class)
                .serializer()
                .serialize("t", new PlayerEvent("e", "p", "m", 1L, "KILL", Map.of(), Map.of(), null));
        assertThatThrownBy(() -> viewer.deserializer().deserialize("t", bytes))
                .isInstanceOf(IncompatibleSchemaException.class)
                .hasMessageStartingWith("schema id 1 is io.livepredict.avro.PlayerEvent, which can't be read as"
                        + " io.livepredict.avro.ViewerEvent: ");
        assertThat(viewer.deserializer().deserialize("t", viewer.serializer().serialize("t", event("e"))))
                .isEqualTo(event("e"));
    }

    @Test
    void shouldSayWhyBytesAreNotInTheFormat() {
        assertThatThrownBy(() -> viewer.deserializer().deserialize("t", new byte[4]))
                .isInstanceOf(NotInWireFormatException.class)
                .hasMessage("not in the Confluent wire format: 4 bytes, and the header alone takes 5");
        assertThatThrownBy(() -> viewer.deserializer().deserialize("t", "{\"a\":1}".getBytes()))
                .isInstanceOf(NotInWireFormatException.class)
                .hasMessageStartingWith("not in the Confluent wire format: the first byte is 123, not 0");
        byte[] good = viewer.serializer().serialize("t", event("e"));
        byte[] longer = java.util.Arrays.copyOf(good, good.length + 2);
        assertThatThrownBy(() -> viewer.deserializer().deserialize("t", longer))
                .isInstanceOf(NotInWireFormatException.class)
                .hasMessage(
                        "the bytes are not a io.livepredict.avro.ViewerEvent as schema id 1 has it: 2 bytes are left"
                                + " over after it");
        byte[] unknown = good.clone();
        unknown[4] = 77;
        assertThatThrownBy(() -> viewer.deserializer().deserialize("t", unknown))
                .isInstanceOf(UnknownSchemaIdException.class)
                .hasMessageStartingWith("schema id 77 is not in the registry at this process");
    }

    @Test
    void shouldGoOnAfterARecordThatCantBeWritten() {
        ViewerEvent broken = event("e");
        broken.setType(null);
        assertThatThrownBy(() -> viewer.serializer().serialize("t", broken))
                .isInstanceOf(SerializationException.class)
                .hasMessageStartingWith("can't write a ViewerEvent to t: ");
        byte[] bytes = viewer.serializer().serialize("t", event("e"));
        assertThat(viewer.deserializer().deserialize("t", bytes)).isEqualTo(event("e"));
    }

    @Test
    void shouldNotRememberThatTheRegistryWasDown() {
        boolean[] down = {true};
        SchemaRegistry flaky = new SchemaRegistry() {
            @Override
            public int register(String subject, Schema schema) {
                check();
                return ids.register(subject, schema);
            }

            @Override
            public Schema byId(int id) {
                check();
                return ids.byId(id);
            }

            private void check() {
                if (down[0]) {
                    throw new RegistryUnavailableException("down");
                }
            }

            @Override
            public void close() {}
        };
        Serde<ViewerEvent> serde = new AvroSerdes(flaky).value(ViewerEvent.class);
        byte[] bytes = viewer.serializer().serialize("t", event("e"));
        assertThatThrownBy(() -> serde.serializer().serialize("t", event("e")))
                .isInstanceOf(RegistryUnavailableException.class);
        assertThatThrownBy(() -> serde.deserializer().deserialize("t", bytes))
                .isInstanceOf(RegistryUnavailableException.class);
        down[0] = false;
        assertThat(serde.serializer().serialize("t", event("e"))).isEqualTo(bytes);
        assertThat(serde.deserializer().deserialize("t", bytes)).isEqualTo(event("e"));
    }

    @Test
    void shouldServeSeveralThreadsAtOnce() throws Exception {
        List<Callable<Boolean>> tasks = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            String name = "thread-" + t;
            tasks.add(() -> {
                for (int i = 0; i < 2_000; i++) {
                    ViewerEvent event = event(name + '-' + i);
                    byte[] bytes = viewer.serializer().serialize("t", event);
                    if (!viewer.deserializer().deserialize("t", bytes).equals(event)) {
                        return false;
                    }
                }
                return true;
            });
        }
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            for (Future<Boolean> result : threads.invokeAll(tasks, 60, TimeUnit.SECONDS)) {
                assertThat(result.get()).isTrue();
            }
        }
    }

    @Test
    void shouldDecodeAForeignRecordAsItsWriterHasIt() throws IOException {
        Schema foreign = SchemaBuilder.record("Click")
                .fields()
                .optionalString("user")
                .name("when")
                .type()
                .longType()
                .noDefault()
                .name("tags")
                .type()
                .array()
                .items()
                .stringType()
                .noDefault()
                .endRecord();
        GenericRecord written = new GenericData.Record(foreign);
        written.put("user", "u");
        written.put("when", 5L);
        written.put("tags", List.of("a", "b"));
        AvroDecoder decoder = new AvroDecoder(registry);

        GenericRecord read = decoder.decode(write(foreign, written));

        assertThat(read.get("user")).isEqualTo("u");
        assertThat(read.get("when")).isEqualTo(5L);
        assertThat(read.get("tags")).isEqualTo(List.of("a", "b"));
        byte[] noRecord = write(Schema.create(Schema.Type.STRING), "x");
        assertThatThrownBy(() -> decoder.decode(noRecord))
                .isInstanceOf(IncompatibleSchemaException.class)
                .hasMessageEndingWith("is a string, and a record is needed");
    }

    /** A few bytes that claim to be billions of things must cost neither the memory nor the time of billions. */
    @Test
    void shouldNotBelieveHugeLengths() {
        Schema nothings = SchemaBuilder.record("Nothings")
                .fields()
                .name("list")
                .type()
                .array()
                .items()
                .nullType()
                .noDefault()
                .endRecord();
        Schema numbers = SchemaBuilder.record("Numbers")
                .fields()
                .name("map")
                .type()
                .map()
                .values()
                .doubleType()
                .noDefault()
                .endRecord();
        Schema blob = SchemaBuilder.record("Blob").fields().requiredBytes("b").endRecord();
        Schema text = SchemaBuilder.record("Text").fields().requiredString("s").endRecord();
        AvroDecoder decoder = new AvroDecoder(registry);
        for (Schema schema : List.of(nothings, numbers, blob, text)) {
            for (long claimed : new long[] {Integer.MAX_VALUE - 8L, Integer.MAX_VALUE, 1L << 40, Long.MAX_VALUE, -1}) {
                byte[] bytes = header(ids.register("x", schema), claimed);
                assertThatThrownBy(() -> decoder.decode(bytes))
                        .as("%s claiming %s", schema.getName(), claimed)
                        .isInstanceOf(NotInWireFormatException.class);
            }
        }
    }

    private static byte[] header(int id, long claimed) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(ByteBuffer.allocate(5).put((byte) 0).putInt(id).array());
        long zigzag = claimed << 1 ^ claimed >> 63;
        while ((zigzag & ~0x7fL) != 0) {
            out.write((int) (zigzag & 0x7f | 0x80));
            zigzag >>>= 7;
        }
        out.write((int) zigzag);
        return out.toByteArray();
    }
}
