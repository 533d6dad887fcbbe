package io.livepredict.deploy.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.livepredict.avro.Prediction;
import io.livepredict.serde.AvroSerdes;
import io.livepredict.serde.InProcessRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.data.Timestamp;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.errors.RetriableException;
import org.apache.kafka.connect.storage.Converter;
import org.junit.jupiter.api.Test;

class WireFormatConverterTest {
    private static final Instant TIME = Instant.ofEpochMilli(1_700_000_000_123L);

    private final InProcessRegistry registry = new InProcessRegistry();
    private final WireFormatConverter converter = new WireFormatConverter(registry, Map.of());

    @Test
    void shouldGiveAPredictionsFieldsWithTheirTypes() {
        var read = converter.toConnectData("predictions", written(prediction()));

        Struct row = (Struct) read.value();
        row.validate();
        assertThat(row.getString("entity_id")).isEqualTo("v1");
        assertThat(row.getFloat64("score")).isEqualTo(.25);
        assertThat(row.getInt64("model_version")).isEqualTo(7);
        assertThat(row.get("event_time")).isEqualTo(Date.from(TIME));
        assertThat(row.getString("reason_1")).isEqualTo("chats");
        assertThat(row.getString("reason_2")).isNull();
        assertThat(read.schema().field("event_time").schema().name()).isEqualTo(Timestamp.LOGICAL_NAME);
        assertThat(read.schema().field("reason_1").schema().isOptional()).isTrue();
        assertThat(read.schema().field("target").schema().isOptional()).isFalse();
    }

    @Test
    void shouldGiveNullForATombstone() {
        assertThat(converter.toConnectData("predictions", null).value()).isNull();
    }

    @Test
    void shouldBlameTheRecordWhenItIsNotInTheFormatOrItsSchemaIsUnknown() {
        byte[] unknown = {0, 0, 0, 99, 99, 1};
        assertThatExceptionOfType(DataException.class)
                .isThrownBy(() -> converter.toConnectData("predictions", "garbage".getBytes(StandardCharsets.UTF_8)))
                .withMessageStartingWith("predictions: ");
        assertThatExceptionOfType(DataException.class)
                .isThrownBy(() -> converter.toConnectData("predictions", unknown))
                .withMessageContaining("25443");
    }

    @Test
    void shouldRefuseRecordsThatAreNotTheOneExpected() throws Exception {
        try (var strict = new WireFormatConverter(registry, Map.of("record", Prediction.class.getName()))) {
            assertThat(((Struct) strict.toConnectData("predictions", written(prediction()))
                                    .value())
                            .getString("target"))
                    .isEqualTo("leave-30s");
            byte[] other = written(new GenericRecordBuilder(SchemaBuilder.record("Payment")
                            .namespace("shop")
                            .fields()
                            .requiredString("kind")
                            .endRecord())
                    .set("kind", "card")
                    .build());
            assertThatExceptionOfType(DataException.class)
                    .isThrownBy(() -> strict.toConnectData("predictions", other))
                    .withMessageContaining("shop.Payment")
                    .withMessageContaining("io.livepredict.avro.Prediction is needed");
            byte[] namesake = written(new GenericRecordBuilder(SchemaBuilder.record("Prediction")
                            .namespace("io.livepredict.avro")
                            .fields()
                            .requiredString("kind")
                            .endRecord())
                    .set("kind", "viewer")
                    .build());
            assertThatExceptionOfType(DataException.class)
                    .isThrownBy(() -> strict.toConnectData("predictions", namesake))
                    .withMessageContaining("can't be read as io.livepredict.avro.Prediction");
        }
    }

    @Test
    void shouldGiveTheFieldsExpectedWhicheverVersionWroteThem() throws Exception {
        Schema current = Prediction.getClassSchema();
        List<Schema.Field> fields = new ArrayList<>(current.getFields().stream()
                .filter(field -> !field.name().endsWith("_3"))
                .map(field -> new Schema.Field(field, field.schema()))
                .toList());
        fields.add(new Schema.Field("added_later", Schema.create(Schema.Type.STRING)));
        Schema other = Schema.createRecord("Prediction", null, current.getNamespace(), false, fields);
        GenericRecord record = new GenericData.Record(other);
        Prediction prediction = prediction();
        fields.stream()
                .filter(field -> current.getField(field.name()) != null)
                .forEach(field -> record.put(
                        field.name(),
                        switch (prediction.get(field.name())) {
                            case Instant time -> time.toEpochMilli();
                            case null -> null;
                            case Object value -> value;
                        }));
        record.put("added_later", "x");

        try (var strict = new WireFormatConverter(registry, Map.of("record", Prediction.class.getName()))) {
            var read = strict.toConnectData("predictions", written(record));
            assertThat(read.schema().fields().stream().map(Field::name))
                    .containsExactlyElementsOf(
                            current.getFields().stream().map(Schema.Field::name).toList());
            assertThat(((Struct) read.value()).getString("entity_id")).isEqualTo("v1");
            assertThat(((Struct) read.value()).getString("reason_3")).isNull();
        }
    }

    @Test
    void shouldBlameTheRecordForWhatNoTableTakes() {
        Prediction nul = prediction();
        nul.setEventId("e\0");
        Prediction late = prediction();
        late.setEventTime(Instant.ofEpochMilli(Long.MAX_VALUE));

        assertThatExceptionOfType(DataException.class)
                .isThrownBy(() -> converter.toConnectData("predictions", written(nul)))
                .withMessageContaining("event_id holds a NUL");
        assertThatExceptionOfType(DataException.class)
                .isThrownBy(() -> converter.toConnectData("predictions", written(late)))
                .withMessageContaining("event_time is a time outside");
    }

    @Test
    void shouldAskToBeTriedAgainWhenTheRegistryDoesNotAnswer() throws Exception {
        byte[] bytes = written(prediction());
        try (var unreachable = new WireFormatConverter()) {
            unreachable.configure(Map.of("registry.url", "http://localhost:1"), false);
            assertThatExceptionOfType(RetriableException.class)
                    .isThrownBy(() -> unreachable.toConnectData("predictions", bytes));
        }
    }

    @Test
    void shouldRefuseAMissingAddress() throws Exception {
        try (var unconfigured = new WireFormatConverter()) {
            assertThatExceptionOfType(ConfigException.class)
                    .isThrownBy(() -> unconfigured.configure(Map.of(), false))
                    .withMessageContaining("registry.url");
        }
    }

    @Test
    void shouldRefuseToExpectWhatIsNoRecordOfOurs() {
        for (String name : List.of("shop.Payment", "java.lang.String")) {
            assertThatExceptionOfType(ConfigException.class)
                    .isThrownBy(() -> new WireFormatConverter(registry, Map.of("record", name)))
                    .withMessageContaining(name);
        }
    }

    @Test
    void shouldBeFoundByConnectsServiceLoader() {
        assertThat(ServiceLoader.load(Converter.class).stream().map(ServiceLoader.Provider::type))
                .contains(WireFormatConverter.class);
    }

    private byte[] written(Prediction prediction) {
        try (var serde = new AvroSerdes(registry).value(Prediction.class)) {
            return serde.serializer().serialize("predictions", prediction);
        }
    }

    private byte[] written(GenericRecord record) throws IOException {
        var bytes = new ByteArrayOutputStream();
        bytes.write(ByteBuffer.allocate(5)
                .put((byte) 0)
                .putInt(registry.register("predictions-value", record.getSchema()))
                .array());
        BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(bytes, null);
        new GenericDatumWriter<GenericRecord>(record.getSchema()).write(record, encoder);
        encoder.flush();
        return bytes.toByteArray();
    }

    private static Prediction prediction() {
        return Prediction.newBuilder()
                .setKind("viewer")
                .setEntityId("v1")
                .setContextId("room")
                .setEventId("e1")
                .setEventType("CHAT")
                .setEventTime(TIME)
                .setTarget("leave-30s")
                .setScore(.25)
                .setModelName("viewer")
                .setModelVersion(7)
                .setModelHash("ab")
                .setScoredAt(TIME)
                .setReason1("chats")
                .setContribution1(.5)
                .build();
    }
}
