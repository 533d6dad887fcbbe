package io.livepredict.deploy.replay;

import static org.assertj.core.api.Assertions.assertThat;

import io.livepredict.contract.CanonicalEvent;
import io.livepredict.settings.YamlFile;
import io.livepredict.streams.mapping.MappingSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The recipes of docs/sources.md, as they stand there, on files like those that they are for. */
class SourceRecipesTest {
    private static final Path PAGE = Path.of("../../docs/sources.md");
    private static final Path FILES = Path.of("src/test/resources/sources");
    private static final Pattern RECIPE =
            Pattern.compile("<!-- recipe: (\\S+), (\\d+) events -->\\n```yaml\\n(.*?)```", Pattern.DOTALL);

    private static final Map<String, List<CanonicalEvent>> EVENTS = new LinkedHashMap<>();

    @BeforeAll
    static void runEachRecipe() throws IOException {
        Matcher recipe = RECIPE.matcher(Files.readString(PAGE));
        while (recipe.find()) {
            String file = recipe.group(1);
            MappingSettings mapping = YamlFile.parse(recipe.group(3), file, MappingSettings.class);
            try (Recording recording = new Recording(FILES.resolve(file), mapping, Long.MAX_VALUE)) {
                List<CanonicalEvent> events = new ArrayList<>();
                recording.beginning(); // as every command does: reads ahead, to the end of so short a log
                for (Recording.Recorded next = recording.next(); next != null; next = recording.next()) {
                    events.add(next.event());
                }
                assertThat(recording.faults()).as(file).isEmpty();
                assertThat(recording.hints()).as(file).isEmpty();
                assertThat(events).as(file).hasSize(Integer.parseInt(recipe.group(2)));
                EVENTS.put(file, events);
            }
        }
    }

    private static CanonicalEvent event(String file, int index) {
        return Objects.requireNonNull(EVENTS.get(file)).get(index);
    }

    private static List<Instant> times(String file) {
        return Objects.requireNonNull(EVENTS.get(file)).stream()
                .map(event -> Instant.ofEpochMilli(event.timeMillis()))
                .toList();
    }

    @Test
    void shouldHaveARecipeForEachFile() throws IOException {
        try (Stream<Path> files = Files.list(FILES)) {
            assertThat(files.map(file -> String.valueOf(file.getFileName())))
                    .containsExactlyInAnyOrderElementsOf(EVENTS.keySet());
        }
    }

    @Test
    void shouldReadChats() {
        assertThat(event("twitch-chat.jsonl", 2).numbers()).containsEntry("gift_value", 100.0);
        assertThat(event("twitch-chat.jsonl", 0).text()).isEqualTo("hello there");
        assertThat(event("youtube-chat.json", 1).numbers()).containsEntry("gift_value", 5.0);
        assertThat(EVENTS.get("youtube-chat.json"))
                .extracting(CanonicalEvent::eventId)
                .doesNotHaveDuplicates();
        assertThat(event("server-chat.csv", 0).entityId()).isEqualTo("Jürgen");
        assertThat(times("server-chat.csv"))
                .containsExactly(
                        Instant.parse("2024-10-26T23:59:00Z"),
                        Instant.parse("2024-10-27T00:30:00Z"),
                        Instant.parse("2024-10-27T01:10:00Z"));
    }

    @Test
    void shouldReadAnalytics() {
        assertThat(event("segment.jsonl", 1).numbers()).containsEntry("price", 6.5);
        assertThat(event("segment.jsonl", 0).contextId()).isEqualTo("x9");
        assertThat(event("snowplow.tsv", 1).type()).isEqualTo("CHAT");
        assertThat(event("ga4.jsonl", 1).numbers()).containsEntry("gift_value", 7.0);
        assertThat(times("ga4.jsonl").get(0)).isEqualTo(Instant.parse("2024-03-04T13:10:00.123Z"));
    }

    @Test
    void shouldReadDatabasesAndSpreadsheets() {
        assertThat(event("debezium.jsonl", 1).numbers()).containsEntry("gift_value", 3.0);
        assertThat(times("postgres-copy.tsv"))
                .containsExactly(
                        Instant.parse("2024-03-04T13:10:00.123Z"),
                        Instant.parse("2024-03-04T13:10:05Z"),
                        Instant.parse("2024-03-04T13:11:00Z"));
        assertThat(event("postgres-copy.tsv", 2).entityId()).isEqualTo("bo\\");
        assertThat(event("postgres-copy.tsv", 0).numbers()).isEmpty();
        assertThat(times("game-telemetry.csv")).isSorted();
        assertThat(event("game-telemetry.csv", 2).numbers()).containsEntry("price", 1234.5);
        assertThat(times("teams-attendance.csv"))
                .containsExactly(
                        Instant.parse("2024-03-04T23:58:00Z"),
                        Instant.parse("2024-03-05T00:05:00Z"),
                        Instant.parse("2024-03-05T00:06:00Z"),
                        Instant.parse("2024-03-05T01:10:00Z"));
    }
}
