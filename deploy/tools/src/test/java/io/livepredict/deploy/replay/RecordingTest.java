package io.livepredict.deploy.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.livepredict.contract.CanonicalEvent;
import io.livepredict.contract.Kind;
import io.livepredict.contract.KindDefinition;
import io.livepredict.contract.Target;
import io.livepredict.settings.KindSettings;
import io.livepredict.settings.Targets;
import io.livepredict.settings.YamlFile;
import io.livepredict.streams.mapping.MappingSettings;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.commons.compress.compressors.zstandard.ZstdCompressorOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples that users copy, on rows like those of the logs they are for. */
class RecordingTest {
    private static final Path EXAMPLES = Path.of("../examples");

    @TempDir
    Path directory;

    @Test
    void shouldMapChatRoomsAsTheExampleSays() throws IOException {
        Path log = Files.writeString(directory.resolve("rooms.csv"), """
                ts,room,user,event,arg
                1174482540,html-wg,u2,join,0
                1174482541,html-wg,u2,reply,119
                1174482542,html-wg,u2,nick,0
                1174482543,html-wg,u2,leave,6
                1174482544,html-wg,u2,leave,2
                soon,html-wg,u2,chat,4
                """);
        MappingSettings mapping = mapping("irc-rooms");
        try (Recording recording = new Recording(log, mapping, Long.MAX_VALUE)) {
            List<CanonicalEvent> events = all(recording);
            assertThat(events).extracting(CanonicalEvent::type).containsExactly("JOIN", "CHAT", "LEAVE");
            assertThat(events).extracting(CanonicalEvent::entityId).containsOnly("u2/html-wg");
            assertThat(events.get(1).numbers()).containsEntry("length", 119.0);
            assertThat(events.get(1).timeMillis()).isEqualTo(1174482541_000L);
            assertThat(events.get(1).eventId()).isEqualTo("rooms.csv:3");
            assertThat(recording.rows()).isEqualTo(6);
            assertThat(recording.leftOut())
                    .containsEntry("UNDECLARED_TYPE", 1L)
                    .containsEntry("SKIP_RULE", 1L)
                    .containsEntry("BAD_FIELD", 1L);
            assertThat(recording.faults()).singleElement().asString().contains("rooms.csv:7");
        }
        assertThat(targets("irc-rooms", mapping))
                .extracting(Target::name, Target::within)
                .containsExactly(tuple("leave-30m", Duration.ofMinutes(30)), tuple("chat-10m", Duration.ofMinutes(10)));
    }

    @Test
    void shouldMapPlaysAsTheExampleSays() throws IOException {
        Path log = Files.writeString(
                directory.resolve("plays.csv"), "ts,player,score\n1421157288,p1,0\n1421157320,p1,7\n");
        MappingSettings mapping = mapping("dodgemud");
        try (Recording recording = new Recording(log, mapping, 1)) {
            assertThat(all(recording)).singleElement().satisfies(event -> {
                assertThat(event.type()).isEqualTo("MATCH_END");
                assertThat(event.numbers()).containsEntry("score", 0.0);
            });
        }
        assertThat(targets("dodgemud", mapping)).hasSize(3).allMatch(t -> t.outcome() == Target.Outcome.NONE_OF);
        KindSettings kind = Objects.requireNonNull(ReplayKinds.of(mapping).get(Kind.PLAYER));
        assertThat(kind.definition(Kind.PLAYER).numbers()).containsKey("score");
    }

    @Test
    void shouldMapRatingsAndCommitsAsTheExamplesSay() throws IOException {
        Path ratings = Files.writeString(directory.resolve("ratings.csv"), "ts,user,rating\n789652009,u383,3.5\n");
        try (Recording recording = new Recording(ratings, mapping("movielens"), Long.MAX_VALUE)) {
            assertThat(all(recording)).singleElement().satisfies(event -> {
                assertThat(event.type()).isEqualTo("MATCH_END");
                assertThat(event.entityId()).isEqualTo("u383");
                assertThat(event.numbers()).containsEntry("score", 3.5);
            });
        }
        assertThat(targets("dodgemud", mapping("movielens"))).hasSize(3);
        Path commits = Files.writeString(
                directory.resolve("commits.csv"), "ts,room,user,event,arg\n935046000,libx11,a1,merge,334\n");
        try (Recording recording = new Recording(commits, mapping("commits"), Long.MAX_VALUE)) {
            assertThat(all(recording)).singleElement().satisfies(event -> {
                assertThat(event.type()).isEqualTo("CHAT");
                assertThat(event.entityId()).isEqualTo("a1/libx11");
                assertThat(event.numbers()).containsEntry("length", 334.0);
            });
        }
        assertThat(targets("commits", mapping("commits"))).hasSize(3);
    }

    @Test
    void shouldNameTheColumnThatTheLogDoesNotHave() throws IOException {
        Path log = Files.writeString(directory.resolve("plays.csv"), "time,player,score\n1,p1,0\n");
        MappingSettings mapping = mapping("dodgemud");
        assertThatThrownBy(() -> new Recording(log, mapping, 10))
                .isInstanceOf(LogException.class)
                .hasMessageContaining("plays.csv:1")
                .hasMessageContaining("'ts'")
                .hasMessageContaining("[time, player, score]");
    }

    @Test
    void shouldSayThatNoRowFitsTheMapping() throws IOException {
        Path log =
                Files.writeString(directory.resolve("plays.jsonl"), "{\"time\":1,\"player\":\"p1\"}\n".repeat(2_000));
        try (Recording recording = new Recording(log, mapping("dodgemud"), Long.MAX_VALUE)) {
            assertThatThrownBy(recording::next)
                    .isInstanceOf(LogException.class)
                    .hasMessageContaining("none of the first 1000 rows")
                    .hasMessageContaining("plays.jsonl:1: column ts is missing");
        }
        Path one = Files.writeString(directory.resolve("one.csv"), "ts,player,score\n31.12.2026,p1,0\n");
        try (Recording recording = new Recording(one, mapping("dodgemud"), Long.MAX_VALUE)) {
            assertThatThrownBy(recording::next).hasMessageContaining("not a time in seconds: 31.12.2026");
        }
    }

    @Test
    void shouldGoOnAfterRowsThatCannotBeUsed() throws IOException {
        Path log = Files.writeString(directory.resolve("plays.csv"), "ts,player,score\n1,,0\n2,p1,0\n2,p1,0\n3,p1,x\n");
        try (Recording recording = new Recording(log, mapping("dodgemud"), Long.MAX_VALUE)) {
            assertThat(all(recording)).hasSize(3);
            assertThat(recording.leftOut()).containsOnly(Map.entry("MISSING_FIELD", 1L));
            assertThat(recording.valuesLeftOut()).containsOnly(Map.entry("score", 1L));
        }
    }

    private static final String WHO = """
            kind: viewer
            time: {column: ts, unit: seconds}
            id: who
            type: {column: what, map: {in: JOIN, out: LEAVE}}
            numbers: {gift_value: amount}
            """;

    private Recording recording(String name, byte[] content, String more) throws IOException {
        Path log = Files.write(directory.resolve(name), content);
        return new Recording(log, YamlFile.parse(WHO + more, "mapping", MappingSettings.class), Long.MAX_VALUE);
    }

    @Test
    void shouldRefuseIdsOfWhichASpreadsheetHasCutTheDigits() throws IOException {
        byte[] cut = "ts,who,what,amount\n1,7.65612E+16,in,1\n2,\"7,65612E+16\",in,1\n3,12E+4x,in,1\n4,2E+2,in,1\n"
                .getBytes(StandardCharsets.UTF_8);
        try (Recording recording = recording("log.csv", cut, "")) {
            assertThat(all(recording)).extracting(CanonicalEvent::entityId).containsExactly("12E+4x", "2E+2");
            assertThat(recording.faults())
                    .hasSize(2)
                    .first()
                    .asString()
                    .contains("7.65612E+16 has lost its last digits", "export that column as text");
        }
    }

    @Test
    void shouldSayWhatToDoWithFilesThatHoldNoRows() throws IOException {
        assertThatThrownBy(
                        () -> recording("log.csv", "# export v3\nts,who,what\n".getBytes(StandardCharsets.UTF_8), ""))
                .hasMessageContaining("a comment stands first");
        assertThatThrownBy(() -> recording("dump.sql", new byte[0], "")).hasMessageContaining("\\copy");
        byte[] columns =
                "{\"ts\":{\"0\":1},\"who\":{\"0\":\"a\"},\"what\":{\"0\":\"in\"}}".getBytes(StandardCharsets.UTF_8);
        try (Recording recording = recording("frame.json", columns, "")) {
            assertThatThrownBy(recording::next).hasMessageContaining("to_json(orient=\"records\", lines=True)");
        }
        byte[] split = "{\"columns\":[\"ts\"],\"data\":[[1],[2]]}".getBytes(StandardCharsets.UTF_8);
        try (Recording recording = recording("split.json", split, "rows: data\n")) {
            assertThatThrownBy(recording::next).hasMessageContaining("orient=\"records\"");
        }
    }

    @Test
    void shouldNameTheSeparatorThatTheLogHas() {
        assertThatThrownBy(() -> recording("log.csv", "ts;who;what;amount\n".getBytes(StandardCharsets.UTF_8), ""))
                .hasMessageContaining("say separator: ';'");
        byte[] tabs = "\uFEFFts\twho\twhat\tamount\n".getBytes(StandardCharsets.UTF_16LE);
        assertThatThrownBy(() -> recording("log.csv", tabs, "")).hasMessageContaining("say separator: tab");
    }

    @Test
    void shouldRefuseRowsThatDoNotFitTheEncodingAndNameIt() throws IOException {
        byte[] log = "ts,who,what,amount\n1,J\u00FCrgen,in,\n2,\u00C4gid,in,\n3,ada,in,\n"
                .getBytes(StandardCharsets.ISO_8859_1);
        try (Recording recording = recording("log.csv", log, "")) {
            assertThat(all(recording)).extracting(CanonicalEvent::entityId).containsExactly("ada");
            assertThat(recording.leftOut()).containsOnly(Map.entry("WRONG_ENCODING", 2L));
            assertThat(recording.faults().get(0))
                    .contains("log.csv:2: has bytes that are not UTF-8")
                    .contains("encoding: windows-1252");
        }
        try (Recording recording = recording("log.csv", log, "encoding: windows-1252\n")) {
            assertThat(all(recording))
                    .extracting(CanonicalEvent::entityId)
                    .containsExactly("J\u00FCrgen", "\u00C4gid", "ada");
        }
    }

    @Test
    void shouldKeepEventsWhoseNumberIsNoneAndCountItByColumn() throws IOException {
        byte[] log = "ts,who,what,amount\n1,a,in,3.5\n2,a,in,NULL\n3,a,in,NA\n4,a,in,\"1,5\"\n"
                .getBytes(StandardCharsets.UTF_8);
        try (Recording recording = recording("log.csv", log, "")) {
            assertThat(all(recording)).hasSize(4);
            assertThat(recording.leftOut()).isEmpty();
            assertThat(recording.valuesLeftOut()).containsOnly(Map.entry("amount", 3L));
            assertThat(recording.faults())
                    .singleElement()
                    .asString()
                    .contains("log.csv:3: column amount is not a number: NULL (its event is kept)");
        }
        try (Recording recording = recording("log.csv", log, "null: [NULL, NA]\ndecimal: ','\n")) {
            assertThat(all(recording).get(3).numbers()).containsEntry("gift_value", 1.5);
            assertThat(recording.valuesLeftOut()).containsOnly(Map.entry("amount", 1L)); // 3.5
        }
    }

    @Test
    void shouldReadOneJsonDocumentAndZstandard() throws IOException {
        String rows =
                "[{\"ts\": 1, \"who\": \"a\", \"what\": \"in\"}, 5, {\"ts\": 2, \"who\": \"b\", \"what\": \"in\"}]";
        try (Recording recording = recording("log.json", rows.getBytes(StandardCharsets.UTF_8), "")) {
            assertThat(all(recording)).extracting(CanonicalEvent::eventId).containsExactly("log.json:1", "log.json:3");
            assertThat(recording.leftOut()).containsOnly(Map.entry("UNREADABLE", 1L));
        }
        byte[] within = ("{\"x\": {\"y\": 1}, \"data\": {\"rows\": " + rows + "}}").getBytes(StandardCharsets.UTF_8);
        try (Recording recording = recording("log.json", within, "rows: data.rows\n")) {
            assertThat(all(recording)).hasSize(2);
        }
        assertThatThrownBy(() -> recording("log.json", within, "format: json\n"))
                .hasMessageContaining("say in the mapping where the list of rows is")
                .hasMessageContaining("[x, data]");
        assertThatThrownBy(() -> recording("log.json", within, "rows: data.row\n"))
                .hasMessageContaining("there is no 'row'; there are [rows]");
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (ZstdCompressorOutputStream out = new ZstdCompressorOutputStream(packed)) {
            out.write("ts,who,what,amount\n1,a,in,\n".getBytes(StandardCharsets.UTF_8));
        }
        try (Recording recording = recording("log.csv.zst", packed.toByteArray(), "")) {
            assertThat(all(recording)).hasSize(1);
        }
    }

    @Test
    void shouldPutRowsInOrderThatAreALittleOutOfIt() throws IOException {
        StringBuilder log = new StringBuilder("ts,who,what,amount\n");
        for (int i = 0; i < 1_000; i++) {
            log.append(i + i * 7 % 10).append(",a,in,\n");
        }
        byte[] bytes = log.toString().getBytes(StandardCharsets.UTF_8);
        try (Recording recording = recording("log.csv", bytes, "sort: within 10s\n")) {
            assertThat(all(recording))
                    .hasSize(1_000)
                    .extracting(CanonicalEvent::timeMillis)
                    .isSorted();
        }
        try (Recording recording = recording("log.csv", bytes, "")) {
            List<Long> times =
                    all(recording).stream().map(CanonicalEvent::timeMillis).toList();
            assertThat(times).isNotEqualTo(times.stream().sorted().toList());
        }
    }

    @Test
    void shouldRefuseTypesThatNobodyDeclaredAndSayWhatMayBeMeant() {
        String typo = WHO.replace("LEAVE", "LEAV");
        MappingSettings undeclared = YamlFile.parse(typo, "mapping", MappingSettings.class);
        assertThatThrownBy(() -> ReplayKinds.check(undeclared, ReplayKinds.of(undeclared)))
                .hasMessageContaining("the mapping makes LEAV")
                .hasMessageContaining("did you mean LEAVE?");
        MappingSettings declared = YamlFile.parse(typo + "new-types: [LEAV]\n", "mapping", MappingSettings.class);
        ReplayKinds.check(declared, ReplayKinds.of(declared));
    }

    @Test
    void shouldRefuseWhatOnlyATopicHas() throws IOException {
        Path file = Files.writeString(directory.resolve("log.csv"), "ts,who,what,amount\n");
        for (String mapping : List.of(
                WHO.replace("{column: ts, unit: seconds}", "{unit: record}"), WHO.replace("id: who", "id: $key"))) {
            MappingSettings settings = YamlFile.parse(mapping, "mapping", MappingSettings.class);
            assertThatThrownBy(() -> new Recording(file, settings, 1)).hasMessageContaining("is a file: name a column");
        }
    }

    private static List<CanonicalEvent> all(Recording recording) {
        List<CanonicalEvent> events = new ArrayList<>();
        for (Recording.Recorded next = recording.next(); next != null; next = recording.next()) {
            events.add(next.event());
        }
        assertThat(recording.next()).as("asked again at the end").isNull();
        return events;
    }

    private static MappingSettings mapping(String name) {
        return YamlFile.read(EXAMPLES.resolve(name + ".mapping.yaml"), MappingSettings.class, Map.of());
    }

    private static List<Target> targets(String name, MappingSettings mapping) {
        Targets.File file = YamlFile.read(EXAMPLES.resolve(name + ".targets.yaml"), Targets.File.class, Map.of());
        Map<Kind, KindDefinition> kinds = new EnumMap<>(Kind.class);
        ReplayKinds.of(mapping).forEach((kind, settings) -> kinds.put(kind, settings.definition(kind)));
        return Targets.read(Objects.requireNonNull(file.targets()), kinds);
    }
}
