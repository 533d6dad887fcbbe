package io.livepredict.deploy.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.livepredict.avro.Prediction;
import io.livepredict.contract.Topic;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The sinks into PostgreSQL when things go wrong: records that no table takes, and a database that goes away. The worker
 * and the database are real; the predictions come from here.
 */
class ConnectRecoveryIT {
    private static final List<String> SINKS = List.of("prediction-history", "prediction-latest");
    private static final String NAMESPACE = "connect-recovery-it";

    @TempDir
    Path directory;

    @Test
    void shouldGoOnByItselfAfterBadRecordsAndAfterTheDatabaseWasAway() throws Exception {
        try (Installation installation =
                        new Installation(directory, NAMESPACE, Installation.AS_RECORDED, SimulatedMeaning.yaml());
                Database database = Database.start(directory.resolve("postgres"));
                ConnectWorker connect = ConnectWorker.start(directory, NAMESPACE, database)) {
            for (String sink : SINKS) {
                connect.register(sink);
            }
            send(installation, 0, 20);
            awaitRows(database, 20);

            List<byte[]> bad = badRecords(installation);
            bad.forEach(record -> sendRaw(installation, record));
            sendRaw(installation, null);
            send(installation, 20, 40);
            awaitRows(database, 40);
            for (String sink : SINKS) {
                assertThat(connect.deadLetters(installation, sink)).as(sink).isEqualTo(bad.size());
                assertThat(connect.metric("livepredict_connect_dead_letters_total", "connector=\"" + sink + "\""))
                        .as(sink)
                        .isEqualTo(bad.size());
                assertThat(restarts(connect, sink)).as("restarts of " + sink).isZero();
            }

            database.stop();
            send(installation, 40, 60);
            for (String sink : SINKS) {
                await().atMost(Installation.PATIENCE).until(() -> restarts(connect, sink) > 0);
            }
            database.start();
            awaitRows(database, 60);
            for (String sink : SINKS) {
                await().atMost(Installation.PATIENCE)
                        .until(() -> connect.metric(
                                        "livepredict_connect_parts", "connector=\"" + sink + "\",state=\"RUNNING\"")
                                == 3);
                assertThat(connect.deadLetters(installation, sink)).as(sink).isEqualTo(bad.size());
            }
        }
    }

    private static double restarts(ConnectWorker connect, String sink) throws IOException, InterruptedException {
        return connect.metric("livepredict_connect_restarts_total", "connector=\"" + sink + "\"");
    }

    private static void awaitRows(Database database, int rows) {
        await().atMost(Installation.PATIENCE)
                .ignoreExceptionsInstanceOf(SQLException.class)
                .untilAsserted(() -> {
                    for (String table : List.of("prediction_history", "prediction_latest")) {
                        assertThat(database.number("select count(*) from " + table))
                                .as(table)
                                .isEqualTo(rows);
                    }
                });
    }

    private static void send(Installation installation, int from, int until) {
        Topic<String, Prediction> topic = installation.topics().predictions();
        for (int i = from; i < until; i++) {
            sendRaw(
                    installation,
                    topic.value().serializer().serialize(topic.name(), prediction("e" + i, "v" + i, Instant.EPOCH)));
        }
        installation.flush();
    }

    /** Each of them is Avro in the right frame. */
    private static List<byte[]> badRecords(Installation installation) throws IOException {
        Topic<String, Prediction> topic = installation.topics().predictions();
        List<byte[]> records = new ArrayList<>();
        records.add(written(
                installation, SchemaBuilder.record("Payment").namespace("shop").fields()));
        records.add(written(
                installation,
                SchemaBuilder.record("Prediction")
                        .namespace("io.livepredict.avro")
                        .fields()));
        records.add(topic.value().serializer().serialize(topic.name(), prediction("e\0", "v", Instant.EPOCH)));
        records.add(topic.value()
                .serializer()
                .serialize(topic.name(), prediction("far", "v", Instant.ofEpochMilli(Long.MAX_VALUE))));
        return records;
    }

    private static byte[] written(Installation installation, SchemaBuilder.FieldAssembler<Schema> fields)
            throws IOException {
        Schema schema = fields.requiredString("kind").requiredLong("amount").endRecord();
        GenericRecord record = new GenericRecordBuilder(schema)
                .set("kind", "card")
                .set("amount", 7L)
                .build();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        // Under a subject of its own: whoever writes what does not belong there does not ask what belongs there.
        bytes.write(ByteBuffer.allocate(5)
                .put((byte) 0)
                .putInt(installation.registry().register(NAMESPACE + "-" + schema.getFullName(), schema))
                .array());
        BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(bytes, null);
        new GenericDatumWriter<GenericRecord>(schema).write(record, encoder);
        encoder.flush();
        return bytes.toByteArray();
    }

    private static void sendRaw(Installation installation, byte @Nullable [] value) {
        installation.sendRaw(installation.topics().predictions().name(), 0, null, value);
    }

    static Prediction prediction(String event, String entity, Instant time) {
        return Prediction.newBuilder()
                .setKind("viewer")
                .setEntityId(entity)
                .setContextId("room")
                .setEventId(event)
                .setEventType("CHAT")
                .setEventTime(time)
                .setTarget("leave-30s")
                .setScore(.25)
                .setModelName("viewer")
                .setModelVersion(1)
                .setModelHash("ab")
                .setScoredAt(Instant.EPOCH)
                .build();
    }
}
