package io.livepredict.deploy.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.livepredict.deploy.replay.LogException;
import io.livepredict.serde.InProcessRegistry;
import io.livepredict.settings.SettingsException;
import io.livepredict.settings.YamlFile;
import io.livepredict.streams.config.StreamsAppSettings;
import io.livepredict.streams.mapping.MappingSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is refused before anything is sent. */
class LoaderTest {
    private static final String LIVE = "time: {live-from: 2026-11-27T06:00:00Z}\n";
    private static final String PLAYS =
            "{kind: player, time: {column: t, unit: seconds}, id: p, type: {always: MATCH_END}}";

    @TempDir
    Path dir;

    private Loader loader(String more) throws IOException {
        Path file = Files.writeString(dir.resolve("streams-app.yaml"), """
                kafka: {bootstrap.servers: "none.invalid:9"}
                registry: {url: "http://none.invalid:9"}
                targets: [{name: quit-1h, kind: player, none-of: [MATCH_END], within: 1h}]
                models: {trusted-keys: [a.pem]}
                """ + more);
        return new Loader(StreamsAppSettings.read(file, Map.of()), new InProcessRegistry(), () -> 0);
    }

    private Loader.Log open(Loader loader, String mapping, String row) throws IOException {
        Path log = Files.writeString(dir.resolve("log.csv"), "t,p\n" + row + "\n");
        return loader.open(log, YamlFile.parse(mapping, "mapping", MappingSettings.class), null);
    }

    @Test
    void shouldOpenALogThatFits() throws IOException {
        try (Loader.Log log = open(loader(LIVE), PLAYS, "1700000000,a")) {
            assertThat(log.source().topic()).isEqualTo("livepredict.player-events");
        }
    }

    @Test
    void shouldSayInOneLineWhatDoesNotFit() throws IOException {
        assertThatThrownBy(() -> loader(""))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("time.live-from is not set");
        Loader loader = loader(LIVE);
        assertThatThrownBy(() -> open(loader, PLAYS.replace("seconds", "millis"), "1700000000,a"))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("January 1970");
        assertThatThrownBy(() -> open(loader, PLAYS.replace("MATCH_END", "MATCH_ENDED"), "1700000000,a"))
                .hasMessageContaining("MATCH_ENDED, which is not an event type of player")
                .hasMessageContaining("MATCH_END");
        assertThatThrownBy(() -> open(loader, PLAYS.replace("player", "viewer").replace("MATCH_END", "JOIN"), "1,a"))
                .hasMessageContaining("has no target");
        assertThatThrownBy(() -> open(loader, PLAYS.replace("column: t", "column: when"), "1700000000,a"))
                .isInstanceOf(LogException.class)
                .hasMessageContaining("there is no column 'when'");
        assertThatThrownBy(() -> open(loader, PLAYS, "yesterday,a"))
                .isInstanceOf(LogException.class)
                .hasMessageContaining("none of the first 1 rows fits the mapping");
        assertThatThrownBy(() -> loader.inPlace("plays")).hasMessageContaining("plays is no source");
    }

    @Test
    void shouldNotWriteCanonicalEventsToASourceOfAnotherForm() throws IOException {
        Loader loader = loader(LIVE + "sources: [{topic: plays, format: json, mapping: " + PLAYS + "}]\n");
        assertThatThrownBy(() -> open(loader, PLAYS, "1700000000,a")).hasMessageContaining("--in-place plays");
        assertThat(loader.inPlace("plays").recording()).isNull();
    }
}
