package io.livepredict.streams.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.livepredict.contract.DeadLetterReason;
import io.livepredict.contract.Kind;
import io.livepredict.contract.KindDefinition;
import io.livepredict.serde.AvroDecoder;
import io.livepredict.serde.AvroSerdes;
import io.livepredict.serde.InProcessRegistry;
import io.livepredict.settings.YamlFile;
import io.livepredict.streams.mapping.MappingSettings;
import io.livepredict.streams.mapping.RefusedRecordException;
import io.livepredict.streams.mapping.Skip;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What people's topics hold besides plain records. */
class SourceTest {
    private static final long STAMP = Instant.parse("2024-03-04T13:10:00Z").toEpochMilli();
    private static final String JSON =
            "{\"user\":\"ada\",\"room\":\"r\",\"what\":\"say\",\"at\":1700000000000,\"price\":\"x\"}";

    private final InProcessRegistry registry = new InProcessRegistry();
    private final List<String> leftOut = new ArrayList<>();

    private Ingest ingest(Source.Format format, String mapping) {
        MappingSettings settings = YamlFile.parse(mapping, "mapping.yaml", MappingSettings.class);
        return new Source("t", Kind.VIEWER, format, settings, true)
                .ingest(
                        KindDefinition.defaults(Kind.VIEWER),
                        TimeBounds.NONE,
                        new EventFormats(new AvroSerdes(registry), () -> new AvroDecoder(registry)),
                        (column, why) -> leftOut.add(column));
    }

    private static SourceRecord record(byte @Nullable [] key, byte @Nullable [] value) {
        return new SourceRecord(key, value, "t", 0, 7, STAMP);
    }

    private static Event taken(Ingest ingest, byte @Nullable [] key, byte @Nullable [] value)
            throws RefusedRecordException {
        return ((Ingest.Valid) ingest.take(record(key, value))).ingested().event();
    }

    private static String refusal(Ingest ingest, byte[] value) {
        try {
            return String.valueOf(ingest.take(record(null, value)));
        } catch (RefusedRecordException e) {
            return e.reason() + ": " + e.words();
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private byte[] wire(Schema schema, Object datum) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(0);
        out.write(ByteBuffer.allocate(4).putInt(registry.register("s", schema)).array());
        BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, null);
        new GenericDatumWriter<>(schema).write(datum, encoder);
        encoder.flush();
        return out.toByteArray();
    }

    private static byte[] behind(int bytes, int first, int second, String json) {
        byte[] text = utf8(json);
        byte[] framed = new byte[bytes + text.length];
        framed[0] = (byte) first;
        framed[1] = (byte) second;
        framed[bytes - 1] = 17;
        System.arraycopy(text, 0, framed, bytes, text.length);
        return framed;
    }

    private static final String SAY = """
            kind: viewer
            time: {column: at, unit: millis}
            id: user
            context: room
            type: {column: what, map: {say: CHAT}}
            numbers: {gift_value: price}
            """;

    @Test
    void shouldReadJsonBehindTheSchemaIdsOfThreeRegistries() throws RefusedRecordException {
        Ingest json = ingest(Source.Format.JSON, SAY);
        for (byte[] value : List.of(utf8(JSON), behind(5, 0, 0, JSON), behind(9, 0, 0, JSON), behind(18, 3, 0, JSON))) {
            assertThat(taken(json, null, value).entityId()).isEqualTo("ada");
        }
        assertThat(refusal(json, behind(18, 3, 5, JSON)))
                .startsWith("UNDECODABLE")
                .contains("compression: NONE");
        assertThat(refusal(json, new byte[] {0, 0, 0, 0, 9, 6, 'a'})).contains("format: avro");
    }

    @Test
    void shouldCostTheValueAndNotTheEventWhereAnOptionalOneIsBad() throws RefusedRecordException {
        Event event = taken(ingest(Source.Format.JSON, SAY), null, utf8(JSON));
        assertThat(event.numbers()).containsExactly(Double.NaN);
        assertThat(leftOut).containsExactly("price");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            $key.user       | {"user": MARKED}  | {"what":"say","at":1}                      | $key.user can't be read: the value is not JSON
            sum(seats.*.no) | {"user": "bo"}    | {"what":"say","at":1,"seats":[{"no":"MARKED"}]} | has an element that is not a number
            """)
    void shouldSayWhatIsWrongWithAnIdAlsoWithoutTheId(String id, String key, String value, String words) {
        Ingest json = ingest(Source.Format.JSON, SAY.replace("id: user", "id: " + id));
        assertThatThrownBy(() -> json.take(record(utf8(key), utf8(value))))
                .isInstanceOfSatisfying(RefusedRecordException.class, refused -> {
                    assertThat(refused.words()).contains(words + ": ").contains("MARKED");
                    assertThat(refused.wordsWithoutValue()).contains(words).doesNotContain("MARKED");
                });
    }

    @Test
    void shouldMindOnlyWhatIsMapped() throws RefusedRecordException {
        Ingest json = ingest(Source.Format.JSON, SAY);
        String rest = ",\"room\":\"r\",\"what\":\"say\",\"at\":1700000000000";
        assertThat(taken(json, null, utf8("{\"user\":\"ada\"" + rest + ",\"ping\":NaN,\"z\":1,\"z\":2}"))
                        .entityId())
                .isEqualTo("ada");
        assertThat(taken(json, null, utf8("{\"user\":\"ada\",\"user\":\"ada\"" + rest + "}"))
                        .entityId())
                .isEqualTo("ada");
        assertThat(refusal(json, utf8("{\"user\":\"ada\",\"user\":\"bo\"" + rest + "}")))
                .isEqualTo("BAD_FIELD: column user is there twice, with different values");
        assertThat(refusal(json, utf8("{\"user\":\"ada\"" + rest + "} and more")))
                .startsWith("UNDECODABLE");
    }

    private static final Schema PLENTY = new Schema.Parser().parse("""
            {"type":"record","name":"Ev","namespace":"demo","fields":[
            {"name":"who","type":"string"},
            {"name":"ns","type":"long"},
            {"name":"day","type":{"type":"int","logicalType":"date"}},
            {"name":"micros","type":{"type":"long","logicalType":"timestamp-micros"}},
            {"name":"local","type":["null",{"type":"long","logicalType":"local-timestamp-millis"}]},
            {"name":"price","type":["null",{"type":"bytes","logicalType":"decimal","precision":9,"scale":2}]},
            {"name":"fx","type":{"type":"fixed","name":"Fx","size":4}},
            {"name":"uuid","type":{"type":"fixed","name":"Id","size":16,"logicalType":"uuid"}},
            {"name":"raw","type":"bytes"},
            {"name":"tags","type":{"type":"array","items":"string"}}]}
            """);

    private static GenericRecord plenty() {
        GenericRecord record = new GenericData.Record(PLENTY);
        record.put("who", "ada");
        record.put("ns", STAMP * 1_000_000 + 5);
        record.put("day", 19_786);
        record.put("micros", STAMP * 1_000 + 7);
        record.put("local", STAMP);
        record.put("price", ByteBuffer.wrap(new byte[] {4, (byte) 0xD2}));
        record.put("fx", new GenericData.Fixed(PLENTY.getField("fx").schema(), new byte[] {1, 2, (byte) 0xFF, 4}));
        record.put(
                "uuid",
                new GenericData.Fixed(
                        PLENTY.getField("uuid").schema(),
                        ByteBuffer.allocate(16)
                                .putLong(0x123456789abcdef0L)
                                .putLong(0x0123456789abcdefL)
                                .array()));
        record.put("raw", ByteBuffer.wrap(utf8("raw id")));
        record.put("tags", List.of("x", "y"));
        return record;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{column: ns, unit: nanos} | fx | 0102ff04 | 2024-03-04T13:10:00Z",
                "{column: day, unit: days} | raw | raw id | 2024-03-04T00:00:00Z",
                "{column: micros, unit: micros} | uuid | 12345678-9abc-def0-0123-456789abcdef | 2024-03-04T13:10:00Z",
                "{column: micros, unit: millis} | tags.1 | y | 2024-03-04T13:10:00Z",
                "{column: micros, unit: iso8601} | last(tags.*) | y | 2024-03-04T13:10:00Z",
                "{column: local, unit: millis, zone: Europe/Berlin} | who | ada | 2024-03-04T12:10:00Z",
                "{unit: record} | $key | bo | 2024-03-04T13:10:00Z"
            })
    void shouldReadWhatAvroHas(String time, String id, String expectedId, Instant expectedTime)
            throws RefusedRecordException, IOException {
        Ingest avro = ingest(
                Source.Format.AVRO,
                "kind: viewer\ntime: " + time + "\nid: " + id
                        + "\ntype: {always: CHAT}\nnumbers: {gift_value: price}\n");
        Event event = taken(avro, utf8("bo"), wire(PLENTY, plenty()));
        assertThat(event.entityId()).isEqualTo(expectedId);
        assertThat(Instant.ofEpochMilli(event.timeMillis())).isEqualTo(expectedTime);
        assertThat(event.numbers()).containsExactly(12.34);
    }

    @Test
    void shouldTakeTheRecordOfAUnionAtTheTopAndTellTypesBySchema() throws RefusedRecordException, IOException {
        Schema union = new Schema.Parser().parse("""
                [{"type":"record","name":"Joined","namespace":"demo","fields":[{"name":"user","type":"string"}]},
                 {"type":"record","name":"Left","namespace":"demo","fields":[{"name":"user","type":"string"}]},
                 "string"]
                """);
        Ingest avro = ingest(Source.Format.AVRO, """
                kind: viewer
                time: {unit: record}
                id: user
                type: {column: $schema, map: {Joined: JOIN, demo.Left: LEAVE}}
                """);
        List<Integer> types = new ArrayList<>();
        for (Schema branch : union.getTypes().subList(0, 2)) {
            GenericRecord record = new GenericData.Record(branch);
            record.put("user", "ada");
            types.add(taken(avro, null, wire(union, record)).type());
        }
        List<String> declared = KindDefinition.defaults(Kind.VIEWER).eventTypes();
        assertThat(types).containsExactly(declared.indexOf("JOIN"), declared.indexOf("LEAVE"));
        assertThat(refusal(avro, wire(union, "text")))
                .startsWith("UNKNOWN_SCHEMA")
                .contains("union");
    }

    @Test
    void shouldReadKeysOfEveryFormat() throws RefusedRecordException, IOException {
        String mapping = "kind: viewer\ntime: {unit: record}\nid: $key\ntype: {always: CHAT}\n";
        Ingest json = ingest(Source.Format.JSON, mapping);
        assertThat(taken(json, utf8("ada"), utf8("{}")).entityId()).isEqualTo("ada");
        assertThat(taken(json, utf8("\"ada\""), utf8("{}")).entityId()).isEqualTo("ada");
        Ingest field = ingest(Source.Format.JSON, mapping.replace("$key", "$key.id"));
        assertThat(taken(field, utf8("{\"id\": 5}"), utf8("{}")).entityId()).isEqualTo("5");
        Ingest avro = ingest(Source.Format.AVRO, mapping);
        Schema text = Schema.create(Schema.Type.STRING);
        assertThat(taken(avro, wire(text, "ada"), wire(PLENTY, plenty())).entityId())
                .isEqualTo("ada");
        assertThatThrownBy(() -> json.take(record(new byte[] {(byte) 0xFC, 'x'}, utf8("{}"))))
                .isInstanceOfSatisfying(RefusedRecordException.class, e -> {
                    assertThat(e.reason()).isEqualTo(DeadLetterReason.BAD_FIELD);
                    assertThat(e.words()).contains("UTF-8");
                });
    }

    @Test
    void shouldRefuseAnAvroIdThatIsNoUtf8AndMindNoOther() throws IOException, RefusedRecordException {
        Schema schema = new Schema.Parser().parse("""
                {"type":"record","name":"B","fields":[{"name":"id","type":"bytes"},{"name":"other","type":"bytes"}]}
                """);
        Schema asText = new Schema.Parser().parse("""
                {"type":"record","name":"B","fields":[{"name":"id","type":"string"},{"name":"other","type":"string"}]}
                """);
        GenericRecord record = new GenericData.Record(schema);
        record.put("id", ByteBuffer.wrap(new byte[] {(byte) 0xFC, 'g'}));
        record.put("other", ByteBuffer.wrap(utf8("ada")));
        byte[] value = wire(schema, record);
        // The same bytes as a writer that is careless about encodings would have written them as text.
        System.arraycopy(wire(asText, text(asText)), 0, value, 0, 5);
        String mapping = "kind: viewer\ntime: {unit: record}\nid: id\ntype: {always: CHAT}\n";
        assertThat(refusal(ingest(Source.Format.AVRO, mapping), value))
                .isEqualTo("BAD_FIELD: column id holds bytes that are not UTF-8");
        assertThat(taken(ingest(Source.Format.AVRO, mapping.replace("id: id", "id: other")), null, value)
                        .entityId())
                .isEqualTo("ada");
    }

    private static GenericRecord text(Schema schema) {
        GenericRecord record = new GenericData.Record(schema);
        record.put("id", "a");
        record.put("other", "b");
        return record;
    }

    @Test
    void shouldMakeOfATombstoneWhatTheMappingSays() throws RefusedRecordException {
        String mapping = "kind: viewer\ntime: {unit: record}\nid: $key.id\ntype: {always: CHAT}\n";
        byte[] key = utf8("{\"id\": \"ada\"}");
        assertThatThrownBy(() -> ingest(Source.Format.JSON, mapping).take(record(key, null)))
                .isInstanceOfSatisfying(
                        RefusedRecordException.class,
                        e -> assertThat(e.reason()).isEqualTo(DeadLetterReason.NULL_VALUE));
        assertThat(ingest(Source.Format.JSON, mapping + "tombstones: skip\n").take(record(key, null)))
                .isEqualTo(new Ingest.Skipped(Skip.TOMBSTONE));
        Event left = taken(ingest(Source.Format.JSON, mapping + "tombstones: LEAVE\n"), key, null);
        assertThat(left.entityId()).isEqualTo("ada");
        assertThat(left.timeMillis()).isEqualTo(STAMP);
        assertThat(left.type())
                .isEqualTo(KindDefinition.defaults(Kind.VIEWER).eventTypes().indexOf("LEAVE"));
    }

    @Test
    void shouldReadAChangeOfADatabaseAsDebeziumWritesIt() throws RefusedRecordException {
        Ingest json = ingest(Source.Format.JSON, """
                kind: viewer
                time: {column: ts_ms, unit: millis}
                id: $key.user_id
                type: {column: op, map: {c: JOIN, u: CHAT, d: LEAVE}}
                numbers: {gift_value: after.amount}
                tombstones: skip
                """);
        byte[] key = utf8("{\"user_id\": 5}");
        Event update = taken(
                json,
                key,
                utf8("{\"before\":{\"amount\":1},\"after\":{\"amount\":2.5},\"op\":\"u\",\"ts_ms\":1700000000000}"));
        assertThat(update.entityId()).isEqualTo("5");
        assertThat(update.numbers()).containsExactly(2.5);
        Event delete = taken(
                json, key, utf8("{\"before\":{\"amount\":1},\"after\":null,\"op\":\"d\",\"ts_ms\":1700000000001}"));
        assertThat(delete.type())
                .isEqualTo(KindDefinition.defaults(Kind.VIEWER).eventTypes().indexOf("LEAVE"));
    }

    @Test
    void shouldSayWhatToSetForFramesThatAreNotRead() {
        Ingest avro = ingest(Source.Format.AVRO, SAY);
        assertThat(refusal(avro, behind(9, 0, 0, "\u0006ada"))).contains("Legacy4ByteIdHandler");
        assertThat(refusal(avro, behind(18, 3, 0, "\u0006ada"))).contains("Glue");
        RecordHeaders headers = new RecordHeaders();
        assertThat(SchemaHeaders.explain(DeadLetterReason.UNDECODABLE, headers)).isEmpty();
        headers.add("apicurio.value.contentId", new byte[8]);
        assertThat(SchemaHeaders.explain(DeadLetterReason.UNDECODABLE, headers)).contains("headers.enabled=false");
        assertThat(SchemaHeaders.explain(DeadLetterReason.BAD_FIELD, headers)).isEmpty();
    }

    @Test
    void shouldRefuseKeysThatAreForLogs() {
        MappingSettings mapping = YamlFile.parse(SAY + "encoding: utf-16\n", "m", MappingSettings.class);
        assertThatThrownBy(() -> new Source("t", Kind.VIEWER, Source.Format.JSON, mapping, true))
                .hasMessageContaining("encoding")
                .hasMessageContaining("log files");
        assertThat(Objects.requireNonNull(mapping.encoding())).isEqualTo("utf-16");
    }
}
