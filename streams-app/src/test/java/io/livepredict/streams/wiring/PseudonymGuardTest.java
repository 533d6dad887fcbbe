package io.livepredict.streams.wiring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.livepredict.streams.config.PrivacySettings;
import io.livepredict.streams.config.StreamsAppSettings;
import io.livepredict.streams.ingest.PseudonymMark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PseudonymGuardTest {
    @Test
    void shouldNoticeThatAKeyFileIsGoneOrAnotherOneWhileTheAppRuns(@TempDir Path directory) throws IOException {
        Path key = directory.resolve("people.key");
        Files.writeString(key, "0123456789abcdef0123456789abcdef\n");
        PrivacySettings privacy =
                settings(directory, "pseudonyms: {key-file: people.key}").privacy();
        PseudonymMark mark = privacy.read().mark();

        assertThat(PseudonymGuard.changed(privacy, mark)).isNull();
        Files.writeString(key, "fedcba9876543210fedcba9876543210\n");
        assertThat(PseudonymGuard.changed(privacy, mark)).contains("have changed");
        Files.delete(key);
        assertThat(PseudonymGuard.changed(privacy, mark)).contains("people.key", "can't be read");
        Files.writeString(key, "0123456789abcdef0123456789abcdef");
        assertThat(PseudonymGuard.changed(privacy, mark)).isNull();
    }

    @Test
    void shouldNotStartWhileKafkaDoesNotTellTheKeysOfBefore(@TempDir Path directory) throws IOException {
        Files.writeString(directory.resolve("people.key"), "0123456789abcdef0123456789abcdef\n");
        assertThatThrownBy(() -> start(settings(directory, "pseudonyms: {key-file: people.key}")))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("keys of pseudonyms are those of before")
                .hasMessageContaining("livepredict.streams-pseudonyms")
                .hasMessageContaining("127.0.0.1:1 (");
        assertThatThrownBy(() -> start(settings(directory, "")))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("whether there were pseudonyms before");
    }

    private static void start(StreamsAppSettings settings) {
        new PseudonymGuard(settings, "feature-schemas", InstantSource.system()).start(Duration.ofMillis(100));
    }

    private static StreamsAppSettings settings(Path directory, String pseudonyms) throws IOException {
        Path file = directory.resolve("streams-app.yaml");
        Files.writeString(file, """
                kafka: {bootstrap.servers: "127.0.0.1:1", request.timeout.ms: 100, default.api.timeout.ms: 200}
                registry: {url: "http://nowhere:1"}
                models: {trusted-keys: [signing.pub.pem]}
                targets: [{name: leave, kind: viewer, any-of: [LEAVE], within: 30s}]
                """ + pseudonyms);
        return StreamsAppSettings.read(file, Map.of());
    }
}
