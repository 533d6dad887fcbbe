package io.livepredict.serde;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.livepredict.avro.OracleRecord;
import io.livepredict.settings.RegistrySettings;
import io.livepredict.settings.SettingsException;
import io.livepredict.settings.YamlFile;
import java.io.IOException;
import java.net.ConnectException;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serializer;
import org.junit.jupiter.api.Test;

class NamedSerdesTest {
    private static final byte[] RECORD = {0, 0, 0, 0, 7, 1};

    @Test
    void shouldUseOurSerdesUnlessOthersAreNamed() {
        assertThat(NamedSerdes.from(RegistrySettings.of("http://localhost:1"), new InProcessRegistry()))
                .isInstanceOf(AvroSerdes.class);
    }

    @Test
    void shouldHandTheNamedClassTheRegistrysSettings() {
        RegistrySettings settings = YamlFile.parse("""
                url: http://registry:8081/
                username: me
                password: secret
                serde: {class: "%s", auto.register.schemas: "false"}
                """.formatted(Stub.class.getName()), "test", RegistrySettings.class);

        try (Serde<OracleRecord> serde =
                NamedSerdes.from(settings, new InProcessRegistry()).value(OracleRecord.class)) {
            assertThat(serde.serializer().serialize("topic", null)).isEqualTo(RECORD);
        }
        assertThat(Stub.configured)
                .containsEntry("schema.registry.url", "http://registry:8081")
                .containsEntry("specific.avro.reader", "true")
                .containsEntry("basic.auth.user.info", "me:secret")
                .containsEntry("auto.register.schemas", "false")
                .doesNotContainKey("class");
    }

    @Test
    void shouldTellABadRecordFromARegistryThatDoesNotAnswer() {
        try (Serde<OracleRecord> serde = stub().value(OracleRecord.class)) {
            Stub.cause = new ConnectException("refused");
            assertThatExceptionOfType(RegistryUnavailableException.class)
                    .isThrownBy(() -> serde.deserializer().deserialize("topic", RECORD));
            Stub.cause = new RestClientException("Schema 7 not found; error code: 40403");
            assertThatExceptionOfType(UnknownSchemaIdException.class)
                    .isThrownBy(() -> serde.deserializer().deserialize("topic", RECORD));
            Stub.cause = new RestClientException("Unauthorized; error code: 401");
            assertThatExceptionOfType(RegistryUnavailableException.class)
                    .isThrownBy(() -> serde.deserializer().deserialize("topic", RECORD));
            Stub.cause = new IllegalStateException("truncated");
            assertThatThrownBy(() -> serde.deserializer().deserialize("topic", RECORD))
                    .isExactlyInstanceOf(SerializationException.class);
            assertThatExceptionOfType(NotInWireFormatException.class)
                    .isThrownBy(() -> serde.deserializer().deserialize("topic", new byte[] {1, 2, 3, 4, 5, 6}));
            assertThat(serde.deserializer().deserialize("topic", null)).isNull();
        }
    }

    @Test
    void shouldSayWhichClassIsNotThere() {
        assertThatExceptionOfType(SettingsException.class)
                .isThrownBy(() -> NamedSerdes.from(named("no.such.Serde"), new InProcessRegistry()))
                .withMessageContaining("no.such.Serde")
                .withMessageContaining("-Pconfluent");
        assertThatExceptionOfType(SettingsException.class)
                .isThrownBy(() -> NamedSerdes.from(named("java.lang.String"), new InProcessRegistry()))
                .withMessageContaining("no Kafka Serde");
    }

    private static io.livepredict.contract.SerdeSource stub() {
        return NamedSerdes.from(named(Stub.class.getName()), new InProcessRegistry());
    }

    private static RegistrySettings named(String type) {
        return YamlFile.parse(
                "{url: 'http://localhost:1', serde: {class: " + type + "}}", "test", RegistrySettings.class);
    }

    /** Named as Confluent's is. */
    private static final class RestClientException extends Exception {
        private static final long serialVersionUID = 1;

        RestClientException(String message) {
            super(message);
        }
    }

    /** Stands where Confluent's serde would: it is configured alike and fails alike. */
    public static final class Stub implements Serde<OracleRecord> {
        private static Map<String, Object> configured = Map.of();
        private static Exception cause = new IOException();

        @Override
        public void configure(Map<String, ?> configs, boolean isKey) {
            configured = new HashMap<>(configs);
        }

        @Override
        public Serializer<OracleRecord> serializer() {
            return (topic, value) -> RECORD;
        }

        @Override
        public Deserializer<OracleRecord> deserializer() {
            return (topic, bytes) -> {
                throw new SerializationException("Error deserializing Avro message for id 7", cause);
            };
        }
    }
}
