package io.livepredict.deploy.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.livepredict.avro.LabelledExample;
import io.livepredict.avro.TargetLabel;
import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.FeatureVector;
import io.livepredict.contract.Kind;
import io.livepredict.contract.Target;
import io.livepredict.contract.Topic;
import io.livepredict.deploy.loop.FaultyRegistry.Mode;
import io.livepredict.serde.ConfluentRegistryClient;
import io.livepredict.settings.RegistrySettings;
import io.livepredict.streams.config.StreamsAppSettings;
import io.livepredict.streams.metrics.Metric;
import io.livepredict.streams.wiring.StreamsApp;
import io.livepredict.trainer.config.TrainerSettings;
import io.livepredict.trainer.learner.KindStatus;
import io.livepredict.trainer.wiring.TrainerApp;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
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

/**
 * While the registry is not well, records of a new schema wait, in the app and in the trainer, and nothing else does. Both say
 * so; nothing ends, nothing is lost.
 */
class RegistryOutageIT {
    @TempDir
    Path directory;

    @Test
    void shouldLetRecordsOfANewSchemaWaitForARegistryThatIsNotWell() throws Exception {
        try (Faced faced = new Faced(directory, "registry-outage")) {
            for (Mode mode : List.of(Mode.WELL, Mode.UNAVAILABLE, Mode.STALLS, Mode.TLS_FAILS)) {
                faced.begin(mode);
                if (mode != Mode.WELL) {
                    faced.assertWaits();
                }
                faced.assertGoesOn();
            }
            faced.assertNothingEndedOrWasLost();
        }
    }

    /** Two minutes are long enough for whatever counts its tries to have given up. */
    @Test
    @Tag("soak")
    void shouldWaitForTwoMinutesHoweverTheRegistryFails() throws Exception {
        List<Faced> all = new ArrayList<>();
        try {
            for (Mode mode : EnumSet.complementOf(EnumSet.of(Mode.WELL))) {
                String name = "registry-" + mode.name().toLowerCase(Locale.ROOT).replace('_', '-');
                all.add(new Faced(Files.createDirectory(directory.resolve(name)), name));
                all.getLast().begin(Mode.WELL);
                all.getLast().assertGoesOn();
                all.getLast().begin(mode);
            }
            long begun = System.nanoTime();
            await().atMost(Installation.PATIENCE).until(() -> System.nanoTime() - begun > 120_000_000_000L);
            for (Faced faced : all) {
                faced.assertWaits();
                faced.assertGoesOn();
                faced.assertNothingEndedOrWasLost();
            }
        } finally {
            for (Faced faced : all) {
                faced.close();
            }
        }
    }

    /** An installation whose programs both face one registry. */
    private static final class Faced implements AutoCloseable {
        private static final String EVENT = "%s leave-5s";

        private final String name;
        private final Installation installation;
        private final FaultyRegistry registry;
        private final StreamsApp app;
        private final TrainerApp trainer;
        private Mode mode = Mode.WELL;
        private int schemas;
        private int newestId;
        private final List<String> answered = new ArrayList<>();

        Faced(Path directory, String name) throws Exception {
            this.name = name;
            installation = new Installation(directory, name, """
                    time: {grace: 3s, idle-after: 5s}
                    threads: 2
                    sources:
                      - {topic: %2$s.avro, format: avro, mapping: %1$s}
                      - {topic: %2$s.json, format: json, mapping: %1$s}
                    """.formatted(ShuffledLog.MAPPING, name), """
                    targets: [{name: leave-5s, kind: viewer, any-of: [LEAVE], within: 5s, snapshot-on: [JOIN]}]
                    """);
            registry = new FaultyRegistry(Servers.shared().registry(), directory);
            ShuffledLog.createTopic(installation, name + ".avro", Installation.PARTITIONS);
            ShuffledLog.createTopic(installation, name + ".json", Installation.PARTITIONS);
            app = StreamsApp.start(StreamsAppSettings.read(installation.streamsConfig(), registry.environment()));
            trainer = TrainerApp.start(TrainerSettings.read(installation.trainerConfig(), registry.environment()));
            awaitReady();
        }

        private void awaitReady() {
            await().atMost(Installation.PATIENCE)
                    .untilAsserted(() -> assertThat(Probe.trouble(app.httpPort()) + Probe.trouble(trainer.httpPort()))
                            .isEmpty());
        }

        /** A record and an example of new schemas come to a registry that behaves so from now on. */
        void begin(Mode how) throws IOException {
            mode = how;
            schemas++;
            Schema events = newSchema();
            newestId = registered(name + ".avro-value", events);
            Schema examples = newSchemaOfExamples();
            int exampleId = registered(name + ".examples-of-later-builds", examples);
            registry.is(mode);
            sendAvro(how + "-a", newestId, events);
            sendExample(exampleId);
            // The other source goes on, in the very task whose Avro records wait.
            sendJson(how + "-b");
            installation.flush();
            answered.add(EVENT.formatted(how + "-b"));
        }

        void assertWaits() {
            await().atMost(Installation.PATIENCE)
                    .untilAsserted(() -> assertThat(Probe.trouble(app.httpPort()))
                            .as("%s", mode)
                            .contains(registry.url())
                            .contains("schema id " + newestId)
                            .contains(" since "));
            await().atMost(Installation.PATIENCE)
                    .untilAsserted(() -> assertThat(Probe.trouble(trainer.httpPort()))
                            .as("%s", mode)
                            .contains("waits for the schema registry at " + registry.url() + " since "));
            assertAnswered();
        }

        private void assertAnswered() {
            await().atMost(Installation.PATIENCE)
                    .untilAsserted(
                            () -> assertThat(ShuffledLog.answered(installation).keySet())
                                    .as("%s", mode)
                                    .containsExactlyInAnyOrderElementsOf(answered));
        }

        void assertGoesOn() throws IOException {
            registry.is(Mode.WELL);
            answered.add(EVENT.formatted(mode + "-a"));
            assertAnswered();
            await().atMost(Installation.PATIENCE)
                    .untilAsserted(() -> assertThat(trainer.status(Kind.VIEWER).map(KindStatus::examples))
                            .as("%s", mode)
                            .contains((long) schemas));
            awaitReady();
        }

        void assertNothingEndedOrWasLost() {
            assertThat(ShuffledLog.answered(installation).values()).containsOnly(1L);
            assertThat(ShuffledLog.deadLetters(installation)).isEmpty();
            assertThat(app.metrics().sum(Metric.THREADS_REPLACED)).isZero();
            assertThat(app.isAlive()).isTrue();
            assertThat(trainer.finished()).isNotDone();
        }

        /** Events with one more field than before. */
        private Schema newSchema() {
            SchemaBuilder.FieldAssembler<Schema> fields = SchemaBuilder.record("Click")
                    .namespace(name.replace('-', '_'))
                    .fields()
                    .requiredString("id")
                    .requiredString("who")
                    .requiredString("room")
                    .requiredLong("at")
                    .requiredString("what");
            for (int i = 0; i < schemas; i++) {
                fields = fields.name("more" + i).type().stringType().stringDefault("");
            }
            return fields.endRecord();
        }

        /** Labelled examples as another build may write them, with texts behind the fields that there are. */
        private Schema newSchemaOfExamples() {
            Schema ours = LabelledExample.getClassSchema();
            List<Schema.Field> fields = new ArrayList<>();
            ours.getFields().forEach(field -> fields.add(new Schema.Field(field, field.schema())));
            for (int i = 0; i < schemas; i++) {
                fields.add(new Schema.Field(name.replace('-', '_') + i, Schema.create(Schema.Type.STRING), null, ""));
            }
            return Schema.createRecord(ours.getName(), null, ours.getNamespace(), false, fields);
        }

        private static int registered(String subject, Schema schema) {
            try (ConfluentRegistryClient client = new ConfluentRegistryClient(
                    RegistrySettings.of(Servers.shared().registry()))) {
                return client.register(subject, schema);
            }
        }

        /** Both events go to the same partition. */
        private void sendAvro(String event, int id, Schema schema) throws IOException {
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
            installation.sendRaw(name + ".avro", 0, "v".getBytes(StandardCharsets.UTF_8), out.toByteArray());
        }

        private void sendJson(String event) {
            byte[] value = "{\"id\":\"%s\",\"who\":\"v\",\"room\":\"room\",\"at\":%d,\"what\":\"CHAT\"}"
                    .formatted(event, System.currentTimeMillis())
                    .getBytes(StandardCharsets.UTF_8);
            installation.sendRaw(name + ".json", 0, "v".getBytes(StandardCharsets.UTF_8), value);
        }

        private void sendExample(int id) {
            FeatureSchema schema = Objects.requireNonNull(installation.streams().schema(Kind.VIEWER));
            FeatureVector vector = new FeatureVector(schema);
            Target target = installation.streams().kinds().targets(Kind.VIEWER).getFirst();
            LabelledExample example = LabelledExample.newBuilder()
                    .setEntityId("v")
                    .setContextId("room")
                    .setEventId("e" + id)
                    .setEventTime(id)
                    .setAsOf(id)
                    .setHorizonMs(5_000)
                    .setFeatureSchema(schema.id())
                    .setDense(ByteBuffer.wrap(FeatureVector.bytes(vector.dense)))
                    .setSequenceTypes(ByteBuffer.wrap(FeatureVector.bytes(vector.sequenceTypes)))
                    .setSequenceGaps(ByteBuffer.wrap(FeatureVector.bytes(vector.sequenceGaps)))
                    .setIds(ByteBuffer.wrap(FeatureVector.bytes(vector.ids)))
                    .setLabels(List.of(new TargetLabel(target.name(), target.definition(), 1.0, 0.1, false)))
                    .setModelVersion(0)
                    .setModelHash("")
                    .setEmittedAt(System.currentTimeMillis())
                    .build();
            Topic<String, LabelledExample> topic = installation.topics().labelledExamples(Kind.VIEWER);
            byte[] bytes = topic.value().serializer().serialize(topic.name(), example);
            // Its fields are the first of the later build's; an empty text is a zero.
            byte[] later = Arrays.copyOf(bytes, bytes.length + schemas);
            ByteBuffer.wrap(later).putInt(1, id);
            installation.sendRaw(topic.name(), 0, "v".getBytes(StandardCharsets.UTF_8), later);
        }

        @Override
        public void close() {
            app.close();
            trainer.close();
            registry.close();
            installation.close();
        }
    }
}
