package io.livepredict.deploy.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.livepredict.avro.Prediction;
import io.livepredict.serde.AvroSerdes;
import io.livepredict.serde.InProcessRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Date;
import java.util.Map;
import java.util.ServiceLoader;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.data.Timestamp;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.errors.RetriableException;
import org.apache.kafka.connect.storage.Converter;
import org.junit.jupiter.api.Test;

class WireFormatConverterTest {
    private static final Instant TIME = Instant.ofEpochMilli(1_700_000_000_123L);

    private final InProcessRegistry registry = new InProcessRegistry();
    private final WireFormatConverter converter = new WireFormatConverter(registry);

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
    void shouldBeFoundByConnectsServiceLoader() {
        assertThat(ServiceLoader.load(Converter.class).stream().map(ServiceLoader.Provider::type))
                .contains(WireFormatConverter.class);
    }

    private byte[] written(Prediction prediction) {
        try (var serde = new AvroSerdes(registry).value(Prediction.class)) {
            return serde.serializer().serialize("predictions", prediction);
        }
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
