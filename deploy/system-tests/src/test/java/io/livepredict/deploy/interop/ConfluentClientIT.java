package io.livepredict.deploy.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.livepredict.avro.Prediction;
import io.livepredict.contract.SerdeSource;
import io.livepredict.deploy.local.Ports;
import io.livepredict.deploy.local.RegistryProcess;
import io.livepredict.serde.AvroSerdes;
import io.livepredict.serde.ConfluentRegistryClient;
import io.livepredict.serde.NamedSerdes;
import io.livepredict.serde.RegistryUnavailableException;
import io.livepredict.serde.UnknownSchemaIdException;
import io.livepredict.settings.RegistrySettings;
import io.livepredict.settings.YamlFile;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.avro.AvroSchema;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.CachedSchemaRegistryClient;
import org.apache.flink.avro.shaded.org.apache.avro.Schema;
import org.apache.flink.avro.shaded.org.apache.avro.generic.GenericDatumReader;
import org.apache.flink.avro.shaded.org.apache.avro.generic.GenericDatumWriter;
import org.apache.flink.avro.shaded.org.apache.avro.generic.GenericRecord;
import org.apache.flink.avro.shaded.org.apache.avro.io.BinaryEncoder;
import org.apache.flink.avro.shaded.org.apache.avro.io.DecoderFactory;
import org.apache.flink.avro.shaded.org.apache.avro.io.EncoderFactory;
import org.apache.flink.formats.avro.registry.confluent.ConfluentSchemaRegistryCoder;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serde;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Our registry client and wire format against Confluent's own client, both against a real registry. */
class ConfluentClientIT {
    private static final String TOPIC = "livepredict.predictions";
    private static final String SUBJECT = TOPIC + "-value";

    @TempDir
    static Path directory;

    private static RegistryProcess registry;
    private static CachedSchemaRegistryClient theirs;
    private static ConfluentRegistryClient ours;

    @BeforeAll
    static void start() {
        registry = RegistryProcess.start(Ports.free(), null, directory.resolve("registry.log"));
        theirs = new CachedSchemaRegistryClient(registry.url(), 100);
        ours = new ConfluentRegistryClient(RegistrySettings.of(registry.url()));
    }

    @AfterAll
    static void stop() throws Exception {
        theirs.close();
        ours.close();
        registry.close();
    }

    @Test
    void shouldRegisterUnderTheSameIdAsTheOfficialClient() throws Exception {
        int id = ours.register(SUBJECT, Prediction.getClassSchema());

        assertThat(theirs.register(
                        SUBJECT, new AvroSchema(Prediction.getClassSchema().toString())))
                .isEqualTo(id);
        assertThat(theirs.getSchemaById(id).canonicalString())
                .isEqualTo(new AvroSchema(Prediction.getClassSchema().toString()).canonicalString());
    }

    @Test
    void shouldLookUpWhatTheOfficialClientRegistered() throws Exception {
        String schema = "{\"type\":\"record\",\"name\":\"Gift\",\"fields\":[{\"name\":\"value\",\"type\":\"double\"}]}";

        int id = theirs.register("gifts-value", new AvroSchema(schema));

        assertThat(ours.byId(id)).isEqualTo(new org.apache.avro.Schema.Parser().parse(schema));
        assertThatExceptionOfType(UnknownSchemaIdException.class).isThrownBy(() -> ours.byId(id + 1000));
    }

    @Test
    void shouldBeReadByTheOfficialClient() throws Exception {
        byte[] written;
        try (Serde<Prediction> serde = new AvroSerdes(ours).value(Prediction.class)) {
            written = serde.serializer().serialize(TOPIC, prediction());
        }

        ByteArrayInputStream in = new ByteArrayInputStream(written);
        Schema writer = new ConfluentSchemaRegistryCoder(theirs).readSchema(in);
        GenericRecord read = new GenericDatumReader<GenericRecord>(writer)
                .read(null, DecoderFactory.get().binaryDecoder(in, null));

        assertThat(read.get("entity_id")).hasToString("v1");
        assertThat(read.get("score")).isEqualTo(.25);
        assertThat(read.get("reason_1")).isNull();
    }

    @Test
    void shouldReadWhatTheOfficialClientWrites() throws Exception {
        Schema schema = new Schema.Parser().parse(Prediction.getClassSchema().toString());
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new ConfluentSchemaRegistryCoder(SUBJECT, theirs).writeSchema(schema, out);
        BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, null);
        new GenericDatumWriter<GenericRecord>(schema).write(generic(schema), encoder);
        encoder.flush();

        try (Serde<Prediction> serde = new AvroSerdes(ours).value(Prediction.class)) {
            assertThat(serde.deserializer().deserialize(TOPIC, out.toByteArray()))
                    .isEqualTo(prediction());
        }
    }

    /** The way of {@code registry.serde}: a class by its name, given the registry's settings, failing as the official client fails. */
    @Test
    void shouldUseAClassByNameThatSpeaksThroughTheOfficialClient() {
        SerdeSource named = NamedSerdes.from(named(registry.url()), ours);

        try (Serde<Prediction> theirs = named.value(Prediction.class);
                Serde<Prediction> ours = new AvroSerdes(ConfluentClientIT.ours).value(Prediction.class)) {
            byte[] written = theirs.serializer().serialize(TOPIC, prediction());
            assertThat(written).isEqualTo(ours.serializer().serialize(TOPIC, prediction()));
            assertThat(theirs.deserializer()
                            .deserialize(TOPIC, ours.serializer().serialize(TOPIC, prediction())))
                    .isEqualTo(prediction());

            byte[] ofNoSchema = written.clone();
            ofNoSchema[1] = 0x70;
            assertThatExceptionOfType(UnknownSchemaIdException.class)
                    .isThrownBy(() -> theirs.deserializer().deserialize(TOPIC, ofNoSchema));
            byte[] truncated = Arrays.copyOf(written, written.length / 2);
            assertThatExceptionOfType(SerializationException.class)
                    .isThrownBy(() -> theirs.deserializer().deserialize(TOPIC, truncated))
                    .isNotInstanceOf(RegistryUnavailableException.class);
        }
    }

    @Test
    void shouldTellThatTheRegistryIsAwayAsTheOfficialClientSays() throws Exception {
        byte[] written;
        try (Serde<Prediction> serde = new AvroSerdes(ours).value(Prediction.class)) {
            written = serde.serializer().serialize(TOPIC, prediction());
        }
        SerdeSource away = NamedSerdes.from(named("http://127.0.0.1:" + Ports.free()), ours);
        try (Serde<Prediction> serde = away.value(Prediction.class)) {
            assertThatExceptionOfType(RegistryUnavailableException.class)
                    .isThrownBy(() -> serde.deserializer().deserialize(TOPIC, written));
        }
    }

    private static RegistrySettings named(String url) {
        return YamlFile.parse(
                "{url: '" + url + "', serde: {class: " + OfficialClientSerde.class.getName() + "}}",
                "test",
                RegistrySettings.class);
    }

    private static Prediction prediction() {
        return Prediction.newBuilder()
                .setKind("viewer")
                .setEntityId("v1")
                .setContextId("room")
                .setEventId("e1")
                .setEventType("CHAT")
                .setEventTime(Instant.ofEpochMilli(1_700_000_000_123L))
                .setTarget("leave-30s")
                .setScore(.25)
                .setModelName("viewer")
                .setModelVersion(7)
                .setModelHash("ab")
                .setScoredAt(Instant.ofEpochMilli(1_700_000_000_456L))
                .build();
    }

    private static GenericRecord generic(Schema schema) {
        GenericRecord record = new org.apache.flink.avro.shaded.org.apache.avro.generic.GenericData.Record(schema);
        Prediction prediction = prediction();
        for (var field : Prediction.getClassSchema().getFields()) {
            Object value = prediction.get(field.pos());
            record.put(field.name(), value instanceof Instant time ? (Object) time.toEpochMilli() : value);
        }
        return record;
    }
}
