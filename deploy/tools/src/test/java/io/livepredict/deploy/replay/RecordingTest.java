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
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
            assertThatThrownBy(recording::next).hasMessageContaining("no time in seconds: 31.12.2026");
        }
    }

    @Test
    void shouldGoOnAfterRowsThatCannotBeUsed() throws IOException {
        Path log = Files.writeString(directory.resolve("plays.csv"), "ts,player,score\n1,,0\n2,p1,0\n2,p1,0\n3,p1,x\n");
        try (Recording recording = new Recording(log, mapping("dodgemud"), Long.MAX_VALUE)) {
            assertThat(all(recording)).hasSize(2);
            assertThat(recording.leftOut()).containsOnly(Map.entry("MISSING_FIELD", 1L), Map.entry("BAD_FIELD", 1L));
        }
    }

    private static List<CanonicalEvent> all(Recording recording) {
        List<CanonicalEvent> events = new ArrayList<>();
        for (Recording.Recorded next = recording.next(); next != null; next = recording.next()) {
            events.add(next.event());
        }
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
