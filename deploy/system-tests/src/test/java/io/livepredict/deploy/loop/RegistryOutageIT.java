package io.livepredict.deploy.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.livepredict.serde.ConfluentRegistryClient;
import io.livepredict.settings.RegistrySettings;
import io.livepredict.streams.config.StreamsAppSettings;
import io.livepredict.streams.metrics.Metric;
import io.livepredict.streams.wiring.StreamsApp;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** While the registry is not well, records of a new schema wait, and nothing else does; nothing ends, nothing is lost. */
class RegistryOutageIT {
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final String NAMESPACE = "registry-outage";
    private static final String SOURCES = """
            time: {grace: 3s, idle-after: 5s}
            threads: 2
            sources:
              - {topic: registry-outage.avro, format: avro, mapping: %1$s}
              - {topic: registry-outage.json, format: json, mapping: %1$s}
            """.formatted(ShuffledLog.MAPPING);

    @TempDir
    Path directory;

    private int schemas;

    @Test
    void shouldLetRecordsOfANewSchemaWaitForARegistryThatIsNotWell() throws Exception {
        goThrough(FaultyRegistry.Mode.WELL, FaultyRegistry.Mode.UNAVAILABLE, FaultyRegistry.Mode.UNAUTHORIZED);
    }

    @Test
    @Tag("soak")
    void shouldLetRecordsOfANewSchemaWaitHoweverTheRegistryFails() throws Exception {
        goThrough(FaultyRegistry.Mode.values());
    }

    private void goThrough(FaultyRegistry.Mode... modes) throws Exception {
        try (Installation installation = new Installation(
                        directory,
                        NAMESPACE,
                        SOURCES,
                        "targets: [{name: leave-5s, kind: viewer, any-of: [LEAVE], within: 5s}]\n");
                FaultyRegistry registry = new FaultyRegistry(Servers.shared().registry())) {
            ShuffledLog.createTopic(installation, NAMESPACE + ".avro", Installation.PARTITIONS);
            ShuffledLog.createTopic(installation, NAMESPACE + ".json", Installation.PARTITIONS);
            StreamsAppSettings settings = StreamsAppSettings.read(
                    installation.streamsConfig(),
                    Map.of("LIVEPREDICT_REGISTRY__URL", registry.url(), "LIVEPREDICT_REGISTRY__RETRY_FOR", "300ms"));
            try (StreamsApp app = StreamsApp.start(settings)) {
                await().atMost(Installation.PATIENCE).until(app::isReady);
                int answered = 0;
                for (FaultyRegistry.Mode mode : modes) {
                    Schema schema = newSchema();
                    int id = registered(schema);
                    registry.is(mode);
                    boolean well = mode == FaultyRegistry.Mode.WELL;
                    sendAvro(installation, mode + "-a", id, schema);
                    installation.flush();
                    if (!well) {
                        await().atMost(Installation.PATIENCE)
                                .untilAsserted(() -> assertThat(ready(app))
                                        .contains(registry.url())
                                        .contains("schema id " + id)
                                        .contains(" since "));
                    }
                    // The other source goes on, in the very task whose Avro records wait.
                    sendJson(installation, mode + "-b");
                    installation.flush();
                    answered += well ? 2 : 1;
                    awaitAnswers(installation, answered);
                    if (!well) {
                        assertThat(ShuffledLog.answered(installation)).doesNotContainKey(mode + "-a leave-5s");
                        registry.is(FaultyRegistry.Mode.WELL);
                        answered++;
                        awaitAnswers(installation, answered);
                    }
                    await().atMost(Installation.PATIENCE).until(app::isReady);
                }
                assertThat(ShuffledLog.answered(installation).values()).containsOnly(1L);
                assertThat(ShuffledLog.deadLetters(installation)).isEmpty();
                assertThat(app.metrics().sum(Metric.THREADS_REPLACED)).isZero();
                assertThat(app.isAlive()).isTrue();
            }
        }
    }

    private static void awaitAnswers(Installation installation, int count) {
        await().atMost(Installation.PATIENCE)
                .untilAsserted(
                        () -> assertThat(ShuffledLog.answered(installation)).hasSize(count));
    }

    private static String ready(StreamsApp app) throws IOException, InterruptedException {
        return HTTP.send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + app.httpPort() + "/ready"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
    }

    /** Events with one more field than before. */
    private Schema newSchema() {
        SchemaBuilder.FieldAssembler<Schema> fields = SchemaBuilder.record("Click")
                .namespace("outage")
                .fields()
                .requiredString("id")
                .requiredString("who")
                .requiredString("room")
                .requiredLong("at")
                .requiredString("what");
        for (int i = 0; i < schemas; i++) {
            fields = fields.name("more" + i).type().stringType().stringDefault("");
        }
        schemas++;
        return fields.endRecord();
    }

    private static int registered(Schema schema) {
        try (ConfluentRegistryClient client =
                new ConfluentRegistryClient(RegistrySettings.of(Servers.shared().registry()))) {
            return client.register(NAMESPACE + ".avro-value", schema);
        }
    }

    /** Both go to the same partition. */
    private static void sendAvro(Installation installation, String event, int id, Schema schema) throws IOException {
        GenericRecord record = new GenericData.Record(schema);
        schema.getFields().forEach(field -> {
            if (field.name().startsWith("more")) {
                record.put(field.name(), "");
            }
        });
        record.put("id", event);
        record.put("who", "v");
        record.put("room", "room");
        record.put("at", System.currentTimeMillis());
        record.put("what", "CHAT");
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(ByteBuffer.allocate(5).put((byte) 0).putInt(id).array());
        BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, null);
        new GenericDatumWriter<GenericRecord>(schema).write(record, encoder);
        encoder.flush();
        installation.sendRaw(NAMESPACE + ".avro", 0, "v".getBytes(StandardCharsets.UTF_8), out.toByteArray());
    }

    private static void sendJson(Installation installation, String event) {
        byte[] value = "{\"id\":\"%s\",\"who\":\"v\",\"room\":\"room\",\"at\":%d,\"what\":\"CHAT\"}"
                .formatted(event, System.currentTimeMillis())
                .getBytes(StandardCharsets.UTF_8);
        installation.sendRaw(NAMESPACE + ".json", 0, "v".getBytes(StandardCharsets.UTF_8), value);
    }
}
